/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PodTimes;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodTimesTrackerTest {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final ContainerId APP = new ContainerId("app0");

    private Instant now = START;
    private Duration wall = Duration.ZERO;
    private final PodTimesTracker tracker = new PodTimesTracker(new NodeClock(() -> now.plus(wall), () -> now));

    private static ObservedPod pod(Instant created, State state) {
        return ObservedPod.none(new PodName("default", "web"))
                .with(new ObservedSandbox(
                        new PodSandboxId("s"), "a", "v1:a", 0, true, created, Duration.ZERO, List.of()))
                .with(new ObservedContainer(
                        APP,
                        new PodSandboxId("s"),
                        "a",
                        "app",
                        state,
                        "image",
                        created,
                        new ObservedContainer.Restarts(0, Duration.ZERO)));
    }

    private PodTimes after(int seconds, Instant created, State state) {
        now = START.plusSeconds(seconds);
        return tracker.update(pod(created, state), now);
    }

    private static State exited(Instant started, Instant finished) {
        return new State.Exited(started, finished, 1, "Error", "");
    }

    @Test
    void whatHappenedBeforeTheDaemonIsKnownFromTheRuntime() {
        PodTimes times = after(0, START.minusSeconds(60), exited(START.minusSeconds(50), START.minusSeconds(20)));
        assertEquals(
                new PodTimes.Run(Duration.ofSeconds(30), START.minusSeconds(20)),
                times.runs().get(APP));
        assertEquals(Map.of("a", START.minusSeconds(60)), times.begun());
    }

    @Test
    void nothingEndsInTheFutureAfterTheClockWasSetBack() {
        wall = Duration.ofHours(-1);
        PodTimes times = after(0, START.minusSeconds(60), exited(START.minusSeconds(50), START.minusSeconds(20)));
        assertEquals(START, times.runs().get(APP).end());
        assertEquals(Map.of("a", START), times.begun());
    }

    @Test
    void aTimeThatIsNotKnownIsTheOneWhenItIsSeen() {
        PodTimes times = after(0, null, exited(null, null));
        assertEquals(START, times.runs().get(APP).end());
        assertNull(times.runs().get(APP).length());
        assertEquals(Map.of("a", START), times.begun());
        assertEquals(times.runs(), after(30, null, exited(null, null)).runs(), "and stays so");
    }

    @Test
    void nothingEndsBeforeItWasSeenAlive() {
        after(0, START, new State.Running(START));
        after(8, START, new State.Running(START));
        // The runtime's clock was set back by an hour in between.
        PodTimes times = after(9, START, exited(START, START.plusSeconds(9).minusSeconds(3600)));
        assertEquals(
                new PodTimes.Run(Duration.ofSeconds(8), START.plusSeconds(8)),
                times.runs().get(APP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT5H", "P-1D", "P3650D"})
    void settingTheClockChangesNothingOfWhatWasSeen(Duration by) {
        PodTimes before = after(0, START.minusSeconds(60), exited(START.minusSeconds(50), START.minusSeconds(20)));
        wall = by;
        PodTimes after = after(1, START.minusSeconds(60), exited(START.minusSeconds(50), START.minusSeconds(20)));
        assertEquals(before.runs(), after.runs());
        assertEquals(before.begun(), after.begun());
        assertEquals(by, after.wallClock());
        wall = Duration.ZERO;
        assertEquals(
                before.runs(),
                after(2, START.minusSeconds(60), exited(START.minusSeconds(50), START.minusSeconds(20)))
                        .runs());
    }

    @Test
    void sandboxesInARowAreCreatedAfterADoublingBackOff() {
        StringBuilder delays = new StringBuilder();
        for (int i = 0; i < 9; i++) {
            tracker.sandboxCreated("a", now);
            Instant next = tracker.update(ObservedPod.none(new PodName("default", "web")), now)
                    .nextSandbox()
                    .getOrDefault("a", now);
            delays.append(Duration.between(now, next).toSeconds()).append(' ');
            now = next.plusMillis(10);
        }
        assertEquals("0 1 2 4 8 16 32 60 60 ", delays.toString());
        now = now.plus(Duration.ofMinutes(10));
        tracker.sandboxCreated("a", now);
        assertEquals(
                Map.of(),
                tracker.update(ObservedPod.none(new PodName("default", "web")), now)
                        .nextSandbox());
    }

    @Test
    void whatIsGoneIsForgotten() {
        after(0, START, new State.Running(START));
        PodTimes times = tracker.update(ObservedPod.none(new PodName("default", "web")), now);
        assertEquals(Map.of(), times.runs());
        assertEquals(Map.of(), times.begun());
    }
}
