/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.running;
import static io.jubelet.plan.TestPods.sandbox;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Plans for a pod, with inputs set by a test step by step. */
abstract class PlannerFixture {

    final PodPlanner planner = new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX));
    final Map<String, ImageState> images = new HashMap<>();
    final Map<String, ActionFailure> failures = new HashMap<>();
    PodLifecycle lifecycle = new PodLifecycle.Syncing();
    final Map<String, PodEnd> ends = new HashMap<>();
    PodTimes times = PodTimes.NONE;
    Optional<Pod> running = Optional.empty();
    PlannerInput.Prepared prepared = PlannerInput.Prepared.NONE;
    boolean waitsForOthers;
    Instant acceptedAt = NOW.minusSeconds(500);

    PodPlan plan(Optional<Pod> wanted, ObservedPod observed) {
        return planner.plan(new PlannerInput(
                new PodVersions(wanted, running),
                new PlannerInput.History(lifecycle, acceptedAt, failures, prepared, times),
                observed,
                TestPods.images(wanted, running, images),
                Map.of(),
                new PlannerInput.Limits(
                        Map.of(), ContainerGcPolicy.Retention.DEFAULT, Optional.empty(), waitsForOthers, ends),
                NOW));
    }

    PodPlan plan(Pod wanted, ObservedPod observed) {
        return plan(Optional.of(wanted), observed);
    }

    static ObservedPod observed(Object... things) {
        ObservedPod pod = ObservedPod.none(WEB);
        for (Object thing : things) {
            pod = thing instanceof ObservedContainer container
                    ? pod.with(container)
                    : pod.with((io.jubelet.observed.ObservedSandbox) thing);
        }
        return pod;
    }

    void present(String... containers) {
        for (String container : containers) {
            images.put("image/" + container, new ImageState.Present("sha256:" + container, NOW, false));
        }
    }

    static String actions(PodPlan plan) {
        return String.join(" ", plan.actions().stream().map(PodAction::summary).toList());
    }

    /** All that a version can have beside another one that runs; its containers are created. */
    ObservedPod preparedBeside(ObservedPod observed, String uid, String... containers) {
        ObservedPod both = observed.with(sandbox("beside", uid, 0, true));
        Set<ContainerId> created = new HashSet<>();
        for (String container : containers) {
            ObservedContainer instance = instance("beside", uid, container, 0, new ObservedContainer.State.Created());
            created.add(instance.id());
            both = both.with(instance);
        }
        prepared = new PlannerInput.Prepared(Set.of(uid), Optional.of(uid), created);
        return both;
    }

    ObservedPod oldVersionRuns() {
        return observed(sandbox("s", "old", 0, true), instance("s", "old", "app", 0, running()));
    }

    static final ContainerHealth DEAD = new ContainerHealth(
            true,
            false,
            Optional.of(
                    new ContainerHealth.Failure(Probe.Kind.LIVENESS, "no answer", Optional.of(Duration.ofSeconds(3)))));

    PodPlan plan(Pod wanted, ObservedPod observed, ContainerHealth health) {
        Map<ContainerId, ContainerHealth> all = new HashMap<>();
        observed.containers().forEach(container -> all.put(container.id(), health));
        return planner.plan(new PlannerInput(
                new PodVersions(Optional.of(wanted), running),
                new PlannerInput.History(lifecycle, acceptedAt, failures, prepared, times),
                observed,
                TestPods.images(Optional.of(wanted), running, images),
                all,
                PlannerInput.Limits.NONE,
                NOW));
    }

    static Map<ContainerId, Pod> withHooks(PodPlan plan) {
        return plan.actions().stream()
                .filter(PodAction.StopContainers.class::isInstance)
                .map(action -> ((PodAction.StopContainers) action).withHooks())
                .findFirst()
                .orElseThrow();
    }
}
