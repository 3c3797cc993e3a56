/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A limit on the dead containers of the whole node; numbers are attempts, the highest the newest. */
class DeadContainerTrackerTest {

    private static final PodName OTHER = new PodName("default", "other");
    private static final Instant LONG_AGO = NOW.minusSeconds(1000);

    private final List<PodName> woken = new ArrayList<>();

    private DeadContainerTracker tracker(Duration minimumAge, int maxContainers) {
        return new DeadContainerTracker(new ContainerGcPolicy(minimumAge, -1, maxContainers), woken::add);
    }

    private static ObservedContainer container(PodName pod, int attempt, Instant createdAt, State state) {
        return new ObservedContainer(
                new ContainerId(pod.name() + attempt),
                new PodSandboxId("s"),
                "a",
                "app",
                state,
                "image",
                createdAt,
                new ObservedContainer.Restarts(attempt, Duration.ZERO));
    }

    /** Dead instances 0 to 3, made 1000 to 997 s ago, and a running one. */
    private static ObservedPod crashed(PodName name) {
        ObservedPod pod = ObservedPod.none(name);
        for (int i = 0; i < 4; i++) {
            Instant createdAt = LONG_AGO.plusSeconds(i);
            pod = pod.with(
                    container(name, i, createdAt, new State.Exited(createdAt, NOW.minusSeconds(1), 1, "Error", "")));
        }
        return pod.with(container(name, 4, NOW.minusSeconds(5), new State.Running(NOW.minusSeconds(5))));
    }

    private static Set<String> surplus(DeadContainerTracker tracker, PodName pod) {
        return tracker.retention(pod).surplus().stream().map(ContainerId::value).collect(Collectors.toSet());
    }

    @Test
    void removesFromTheContainersWithMostInstancesAndWakesTheirWorkers() {
        DeadContainerTracker tracker = tracker(Duration.ZERO, 4);
        tracker.update(crashed(WEB), NOW);
        assertEquals(Set.of(), surplus(tracker, WEB));
        tracker.update(crashed(OTHER), NOW);
        assertEquals(Set.of("other0", "other1"), surplus(tracker, OTHER));
        assertEquals(Set.of("web0", "web1"), surplus(tracker, WEB));
        assertEquals(List.of(WEB), woken);
    }

    @Test
    void removesTheOldestOfAllWhenContainersOutnumberTheLimit() {
        DeadContainerTracker tracker = tracker(Duration.ZERO, 1);
        tracker.update(crashed(WEB), NOW);
        tracker.update(crashed(OTHER), NOW);
        assertEquals(7, surplus(tracker, WEB).size() + surplus(tracker, OTHER).size());
    }

    @Test
    void aRemovedPodLeavesRoomForTheOthers() {
        DeadContainerTracker tracker = tracker(Duration.ZERO, 1);
        tracker.update(crashed(WEB), NOW);
        tracker.update(crashed(OTHER), NOW);
        tracker.update(ObservedPod.none(OTHER), NOW);
        tracker.update(crashed(WEB), NOW);
        assertEquals(3, surplus(tracker, WEB).size());
    }

    @Test
    void aReaderChangesNothing() {
        DeadContainerTracker tracker = tracker(Duration.ZERO, 4);
        tracker.update(crashed(WEB), NOW);
        surplus(tracker, OTHER);
        surplus(tracker, OTHER);
        assertEquals(Set.of(), surplus(tracker, WEB));
        assertEquals(List.of(), woken);
    }

    @Test
    void doesNotCountInstancesThatAreTooYoungToBeRemoved() {
        DeadContainerTracker tracker = tracker(Duration.ofSeconds(999), 1);
        tracker.update(crashed(WEB), NOW);
        assertEquals(Set.of("web0"), surplus(tracker, WEB));
        assertEquals(List.of(), woken);
    }

    @Test
    void countsNothingWithoutALimitForTheNode() {
        DeadContainerTracker tracker = tracker(Duration.ZERO, -1);
        tracker.update(crashed(WEB), NOW);
        tracker.update(crashed(OTHER), NOW);
        assertEquals(Set.of(), surplus(tracker, WEB));
        assertEquals(List.of(), woken);
    }
}
