/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PlannerInput.Prepared;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodVersions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The versions of one pod that may have directories, because its worker made them or saw the version on the runtime, and has
 * not removed them since. Confined to the worker's thread.
 */
final class PreparedVersions {

    private final Set<String> uids = new HashSet<>();
    private final Set<ContainerId> created = new HashSet<>();
    private Optional<String> ready = Optional.empty();
    private boolean adopted;

    /** Takes over what an earlier daemon may have prepared for an update that waits. */
    void adopt(PodVersions versions) {
        if (!adopted && versions.running().isPresent()) {
            versions.wanted().ifPresent(pod -> uids.add(pod.uid()));
        }
        adopted = true;
    }

    /** Notes what the runtime shows: another program, such as kubeadm reset, may remove it before the worker does. */
    void observed(ObservedPod pod) {
        pod.sandboxes().forEach(sandbox -> uids.add(sandbox.uid()));
        pod.containers().forEach(container -> uids.add(container.uid()));
        if (!created.isEmpty()) {
            created.removeIf(id -> pod.containers().stream().noneMatch(container -> waits(container, id)));
        }
    }

    private static boolean waits(ObservedContainer container, ContainerId id) {
        return container.id().equals(id) && container.state() instanceof ObservedContainer.State.Created;
    }

    /** Notes that an action is about to be executed, which makes directories even if it fails. */
    void begins(PodAction action) {
        if (action instanceof PodAction.PrepareUpdate update) {
            uids.add(update.pod().uid());
        } else if (action instanceof PodAction.CreateSandbox create) {
            uids.add(create.pod().uid());
        }
    }

    /**
     * Notes that an action was executed.
     *
     * @param after what is known to be on the runtime since
     */
    void done(PodAction action, ObservedPod after) {
        if (action instanceof PodAction.PrepareUpdate update) {
            ready = Optional.of(update.pod().uid());
        } else if (action instanceof PodAction.CreateContainer create) {
            PodAction.StartContainer instance = create.instance();
            after.newest(instance.pod().uid(), instance.container()).ifPresent(made -> created.add(made.id()));
        } else if (action instanceof PodAction.RemoveDirectories removed) {
            uids.remove(removed.uid());
        }
    }

    /** Requires another preparation before a running version is replaced, because what it found may have changed. */
    void expire() {
        ready = Optional.empty();
    }

    /** Takes note that ConfigMaps or Secrets changed, from which instances were created. */
    void configChanged() {
        created.clear();
        expire();
    }

    Prepared get() {
        return uids.isEmpty() ? Prepared.NONE : new Prepared(uids, ready, created);
    }
}
