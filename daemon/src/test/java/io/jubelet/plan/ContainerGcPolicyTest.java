/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.List;
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
                new PlannerInput.Limits(Map.of(), kept, Optional.empty(), Map.of()),
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

    // --- what exceeds the limit of the node

    private static DeadContainer ended(String container, int attempt, int secondsAgo, boolean newest) {
        return new DeadContainer(
                WEB,
                new ContainerId(container + attempt),
                new DeadContainer.ContainerKey("a", container),
                attempt,
                NOW.minusSeconds(secondsAgo),
                newest);
    }

    private static Set<String> surplus(int limit, DeadContainer... dead) {
        Set<String> ids = new HashSet<>();
        for (DeadContainer container : limits(0, -1, limit).surplus(List.of(dead))) {
            ids.add(container.id().value());
        }
        return ids;
    }

    @Test
    void nothingExceedsALimitThatIsJustReached() {
        assertEquals(Set.of(), surplus(2, ended("app", 0, 20, false), ended("app", 1, 10, true)));
    }

    @Test
    void firstGoWhatAContainerHasBeyondAnEqualShare() {
        assertEquals(
                Set.of("app0", "app1"),
                surplus(
                        4,
                        ended("app", 0, 40, false),
                        ended("app", 1, 30, false),
                        ended("app", 2, 20, false),
                        ended("app", 3, 10, true),
                        ended("log", 0, 90, false),
                        ended("log", 1, 80, true)));
    }

    @Test
    void thenTheOldestGoes() {
        DeadContainer[] dead = {ended("app", 0, 40, false), ended("log", 0, 90, false), ended("run", 0, 60, false)};
        assertEquals(Set.of("log0"), surplus(2, dead));
        assertEquals(Set.of("log0", "run0"), surplus(1, dead));
    }

    @Test
    void theNewestInstancesStayWhateverTheLimit() {
        assertEquals(
                Set.of("app0"),
                surplus(0, ended("app", 0, 20, false), ended("app", 1, 10, true), ended("log", 0, 90, true)));
    }

    @Test
    void aLimitOfZeroIsALimit() {
        assertTrue(limits(0, 1, 0).limitsNode());
        assertFalse(ContainerGcPolicy.DEFAULT.limitsNode());
    }
}
