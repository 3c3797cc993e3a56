/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.PodSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans the removal of old instances and sandboxes of a version, except those that {@link VersionProgress} reads. Pure. */
final class SupersededInstances {

    private SupersededInstances() {}

    /**
     * Keeps the newest instance of each container, as many older ones as the policy allows, and their sandboxes. If the pod has a
     * deadline, the first sandbox with a time stays, too, because it shows when the pod began.
     */
    static void collect(PodSpec spec, ObservedPod observed, PlannerInput input, PlanBuilder builder) {
        ContainerGcPolicy.Retention retention = input.limits().retention();
        Instant wallTime = input.times().wallTime(input.now());
        ContainerGcPolicy policy = retention.policy();
        Map<String, Integer> kept = new HashMap<>();
        List<PodSandboxId> usedSandboxes = new ArrayList<>();
        for (ObservedContainer container : observed.containers()) {
            int newer = kept.merge(container.name(), 1, Integer::sum) - 1;
            boolean tooMany = policy.maxPerContainer() >= 0 && newer > policy.maxPerContainer();
            if (newer == 0
                    || container.live()
                    || !(tooMany || retention.surplus().contains(container.id()))) {
                usedSandboxes.add(container.sandboxId());
            } else if (policy.protects(container.createdAt(), wallTime)) {
                usedSandboxes.add(container.sandboxId());
                builder.planAgainAt(input.now().plus(policy.protectedFor(container.createdAt(), wallTime)));
            } else {
                builder.add(new PodAction.RemoveContainer(
                        container.id(),
                        container.name(),
                        container.attempt(),
                        container.uid(),
                        tooMany ? "newer instances are kept" : "too many dead containers are on the node"));
            }
        }
        Optional<PodSandboxId> first = spec.activeDeadline().isPresent() ? first(observed) : Optional.empty();
        for (int i = 1; i < observed.sandboxes().size(); i++) {
            ObservedSandbox sandbox = observed.sandboxes().get(i);
            boolean used = usedSandboxes.contains(sandbox.id()) || first.equals(Optional.of(sandbox.id()));
            if (!sandbox.ready() && !used) {
                builder.add(new PodAction.RemoveSandbox(sandbox.id(), "a newer sandbox has replaced it"));
            }
        }
    }

    /** The first sandbox whose time of creation is known. */
    private static Optional<PodSandboxId> first(ObservedPod observed) {
        return observed.sandboxes().stream()
                .filter(sandbox -> sandbox.createdAt() != null)
                .min(Comparator.comparing(ObservedSandbox::attempt))
                .map(ObservedSandbox::id);
    }
}
