/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.exited;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.pod;
import static io.jubelet.plan.TestPods.running;
import static io.jubelet.plan.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvictionPlannerTest extends PlannerFixture {

    private PodPlan plan(Pod wanted, ObservedPod observed, Eviction eviction) {
        return planner.plan(new PlannerInput(
                new PodVersions(Optional.of(wanted), running),
                new PlannerInput.History(lifecycle, acceptedAt, failures),
                observed,
                TestPods.images(Optional.of(wanted), running, images),
                Map.of(),
                new PlannerInput.Limits(
                        Map.of(wanted.uid(), eviction),
                        ContainerGcPolicy.Retention.DEFAULT,
                        Optional.empty(),
                        Map.of()),
                NOW));
    }

    @Test
    void aPodThatExceedsALimitIsStoppedEmptiedAndRestartedAfterABackOff() {
        Pod pod = pod("a", RestartPolicy.Always, "app");
        ObservedPod live = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        PodPlan plan = plan(pod, live, new Eviction("too much", Optional.empty()));
        assertEquals("StopContainers(1, grace 7s) StopSandbox EmptyVolumes", actions(plan));
        assertEquals(
                new Waiting(WaitingCause.Other.EVICTED, "Evicted", "too much"),
                plan.waiting().get("app"));

        ObservedPod stopped = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(143)));
        assertEquals("EmptyVolumes", actions(plan(pod, stopped, new Eviction("too much", Optional.empty()))));
        Instant until = NOW.plusSeconds(10);
        plan = plan(pod, stopped, new Eviction("too much", Optional.of(until)));
        assertEquals("", actions(plan));
        assertEquals(
                new Waiting(WaitingCause.Other.EVICTED, "Evicted", "too much"),
                plan.waiting().get("app"));
        assertEquals(Optional.of(until), plan.due());
        assertEquals(
                actions(plan(pod, stopped)), actions(plan(pod, stopped, new Eviction("too much", Optional.of(NOW)))));
    }
}
