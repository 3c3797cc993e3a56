/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static io.jubelet.status.PodViews.second;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.Threads;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodView;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StatusStoreTest {

    private final StatusStore board = new StatusStore(
            () -> DesiredPods.NONE, new EventRecorder(InstantSource.system(), () -> {}), ConditionTimesStore.NONE);

    @Test
    void holdsTheLatestViewOfEachPodInOrder() {
        board.publish(pod("web", "a").build());
        board.publish(pod("db", "a").build());
        board.publish(pod("web", "a").sandbox().build());
        List<PodReport> pods = board.snapshot().pods();
        assertEquals(
                List.of("db", "web"),
                pods.stream().map(report -> report.name().name()).toList());
        assertFalse(pods.getLast().view().observed().isEmpty());
        board.retire(new PodName("default", "db"));
        assertEquals(1, board.snapshot().pods().size());
    }

    @Test
    void everyChangeCounts() {
        long before = board.version();
        board.publish(pod("web", "a").build());
        board.manifestsChanged();
        board.retire(new PodName("default", "web"));
        board.retire(new PodName("default", "web"));
        assertEquals(before + 3, board.version());
    }

    @Test
    void keepsFirstSeenAndTerminatingTimes() {
        board.publish(pod("web", "a").at(10).build());
        board.publish(pod("web", "a").sandbox().at(20).build());
        board.publish(pod("web", "a").sandbox().ending("removed").at(30).build());
        board.publish(pod("web", "a").sandbox().ending("removed").at(40).build());
        PodReport report = board.snapshot().pods().getFirst();
        assertEquals(second(10), report.since());
        assertEquals(Optional.of(second(30)), report.endingSince());
    }

    @Test
    void storesProbeResultsOfPublishedPod() {
        Map<String, String> disk = new HashMap<>();
        StatusStore keeping = new StatusStore(
                () -> DesiredPods.NONE,
                new EventRecorder(InstantSource.system(), () -> {}),
                new ConditionTimesStore(uid -> Optional.ofNullable(disk.get(uid)), disk::put));
        PodView started = pod("web", "a").probed().sandbox().running("a", 0, 3).build();
        keeping.publish(started);
        assertEquals(Map.of(), disk, "its probes have not said anything");
        PodView unready = pod("web", "a")
                .probed()
                .sandbox()
                .running("a", 0, 3)
                .health("a", 0, true, false)
                .build();
        keeping.publishHealth(started, _ -> unready.health());
        assertEquals(
                unready.health(), keeping.snapshot().pods().getFirst().view().health());
        ConditionTimes stored =
                ConditionTimes.parse(disk.values().iterator().next()).orElseThrow();
        assertEquals(Optional.of(new ContainerHealth(true, false, Optional.empty())), stored.health("a"));
        long before = keeping.version();
        keeping.publishHealth(unready, _ -> unready.health());
        assertEquals(before, keeping.version(), "nothing is new");
    }

    @Test
    void findsPodsByTheirNameWithAndWithoutTheNode() {
        board.publish(pod("web", "a").build());
        StatusSnapshot snapshot = board.snapshot();
        assertTrue(snapshot.pod("default", "web").isPresent());
        assertTrue(snapshot.pod("default", "web-node1").isPresent());
        assertFalse(snapshot.pod("other", "web").isPresent());
    }

    @Test
    void waitEndsOnChangeOrTimeout() throws InterruptedException {
        long seen = board.version();
        assertFalse(board.awaitChange(seen, Duration.ofMillis(1)));
        LinkedBlockingQueue<Boolean> woken = new LinkedBlockingQueue<>();
        Threads.startVirtual("waiter", () -> {
            try {
                woken.add(board.awaitChange(seen, Duration.ofMinutes(1)));
            } catch (InterruptedException _) {
                woken.add(false);
            }
        });
        board.publish(pod("web", "a").build());
        assertEquals(true, woken.poll(60, TimeUnit.SECONDS));
        assertTrue(board.awaitChange(seen, Duration.ofMinutes(1)));
    }
}
