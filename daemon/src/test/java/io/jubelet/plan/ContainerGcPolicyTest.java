/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How many dead containers stay, by the three flags. Numbers are attempts; the highest is the newest. */
class ContainerGcPolicyTest extends PlannerFixture {

    private static final Instant LONG_AGO = NOW.minusSeconds(1000);

    private static ContainerGcPolicy limits(int age, int perContainer, int total) {
        return new ContainerGcPolicy(Duration.ofSeconds(age), perContainer, total);
    }

    private static ObservedContainer dead(PodName pod, int attempt, Instant createdAt) {
        return new ObservedContainer(
                new ContainerId(pod.name() + attempt),
                new PodSandboxId("s"),
                "a",
                "app",
                new State.Exited(createdAt, NOW.minusSeconds(1), 1, "Error", ""),
                "image",
                createdAt,
                new ObservedContainer.Restarts(attempt, Duration.ZERO));
    }

    /** Dead instances 0 to 3, made 1000 to 997 s ago, and a running one. */
    private static ObservedPod crowd(PodName name) {
        ObservedPod pod = ObservedPod.none(name).with(TestPods.sandbox("s", "a", 0, true));
        for (int i = 0; i < 4; i++) {
            pod = pod.with(dead(name, i, LONG_AGO.plusSeconds(i)));
        }
        return pod.with(dead(name, 4, NOW.minusSeconds(5)).in(new State.Running(NOW.minusSeconds(5))));
    }

    private PodPlan plan(ObservedPod observed, ContainerGcPolicy.Retention kept) {
        Pod wanted = TestPods.pod("a", RestartPolicy.Always, "app");
        present("app");
        return planner.plan(new PlannerInput(
                new PodVersions(Optional.of(wanted), running),
                new PlannerInput.History(lifecycle, acceptedAt, failures),
                observed,
                TestPods.images(Optional.of(wanted), running, images),
                Map.of(),
                new PlannerInput.Limits(Map.of(), kept, Optional.empty()),
                NOW));
    }

    private static Set<String> removed(PodPlan plan) {
        Set<String> removed = new HashSet<>();
        for (PodAction action : plan.actions()) {
            if (action instanceof PodAction.RemoveContainer remove) {
                removed.add(remove.id().value());
            }
        }
        return removed;
    }

    private Set<String> removed(ContainerGcPolicy limits) {
        return removed(plan(crowd(WEB), new ContainerGcPolicy.Retention(limits, Set.of())));
    }

    @Test
    void keepsTheAllowedNumberOfInstancesOfEachContainer() {
        assertEquals(Set.of("web0", "web1", "web2"), removed(ContainerGcPolicy.DEFAULT));
        assertEquals(Set.of("web0"), removed(limits(0, 3, -1)));
        assertEquals(Set.of("web0", "web1", "web2", "web3"), removed(limits(0, 0, -1)));
        assertEquals(Set.of(), removed(limits(0, -1, -1)));
    }

    @Test
    void theNewestInstanceStaysBecauseItShowsTheProgressOfThePod() {
        ObservedPod crashed = ObservedPod.none(WEB)
                .with(TestPods.sandbox("s", "a", 0, true))
                .with(dead(WEB, 0, LONG_AGO))
                .with(dead(WEB, 1, LONG_AGO.plusSeconds(1)));
        PodPlan plan = plan(crashed, new ContainerGcPolicy.Retention(limits(0, 0, -1), Set.of()));
        assertEquals(Set.of("web0"), removed(plan));
    }

    @Test
    void noInstanceIsRemovedBeforeItsMinimumAge() {
        PodPlan plan = plan(crowd(WEB), new ContainerGcPolicy.Retention(limits(999, 0, -1), Set.of()));
        assertEquals(Set.of("web0", "web1"), removed(plan));
        assertEquals(Optional.of(LONG_AGO.plusSeconds(2 + 999)), plan.due());
    }
}
