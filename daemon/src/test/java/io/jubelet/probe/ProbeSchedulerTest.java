/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.Probes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When probes are asked and what their answers amount to, on a clock that only the test moves. */
class ProbeSchedulerTest {

    private static final PodName WEB = new PodName("default", "web");
    private static final ContainerId ID = new ContainerId("c1");

    private long now = Duration.ofDays(1).toNanos();
    private final List<String> asked = new ArrayList<>();
    private final List<PodName> woken = new ArrayList<>();
    private final Map<Integer, String> answers = new HashMap<>();
    private final Deque<Runnable> hanging = new ArrayDeque<>();
    private boolean hang;

    /** Attempts are grpc questions here, for their answers are plain texts; the port tells which probe asks. */
    private final ProbeExecutor attempts = new ProbeExecutor(
            SimulatedRuntime.create(SimulatedClock.manual(Instant.EPOCH)).runtimeService(), this::answer);

    private final EventRecorder events = new EventRecorder(() -> Instant.EPOCH, () -> {});

    private final ProbeScheduler probing = new ProbeScheduler(attempts, this::start, woken::add, events, () -> now);

    private String answer(String host, int port, String service, Duration timeout) {
        asked.add(port + "@" + seconds());
        return answers.getOrDefault(port, "");
    }

    private double seconds() {
        return Duration.ofNanos(now).minusDays(1).toMillis() / 1000.0;
    }

    private Thread start(String name, Runnable attempt) {
        if (hang && name.endsWith("/hangs/readiness")) {
            hanging.add(attempt);
        } else {
            attempt.run();
        }
        return Thread.currentThread();
    }

    private static Pod pod(ContainerSpec container) {
        return new Pod(
                WEB,
                "node1",
                "a",
                "v1:a",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(container)).build(),
                new Pod.Manifest("a", "/manifests/web.yaml"));
    }

    private static Probe probe(int port, int delay, int period, int successes, int failures) {
        return new Probe(
                new Handler.Grpc(port, ""),
                Duration.ofSeconds(delay),
                Duration.ofSeconds(1),
                Duration.ofSeconds(period),
                successes,
                failures,
                Optional.empty());
    }

    private void add(ContainerId id, String name, Probes probes, double jitter, boolean adopted) {
        ContainerSpec spec = ContainerSpec.builder(name, "image").probes(probes).build();
        probing.add(new ProbedContainer(
                pod(spec),
                new ProbeTarget(id, spec, Optional.of("192.0.2.1")),
                now,
                Duration.ZERO,
                jitter,
                adopted ? Optional.of(ContainerHealth.WITHOUT_PROBES) : Optional.empty()));
    }

    private void add(Probe startup, Probe liveness, Probe readiness) {
        add(
                ID,
                "app",
                new Probes(Optional.ofNullable(startup), Optional.ofNullable(liveness), Optional.ofNullable(readiness)),
                0,
                false);
    }

    /** Lets time go by in steps as the loop would take them. */
    private void pass(double seconds) {
        long end = now + (long) (seconds * 1e9);
        while (true) {
            long wait = Math.max(probing.turn().toNanos(), 1);
            if (now + wait > end) {
                now = end;
                return;
            }
            now += wait;
        }
    }

    private ContainerHealth health() {
        return probing.health(ID);
    }

    @Test
    void probesAtOnceAndThenEachPeriod() {
        add(null, null, probe(1, 0, 10, 1, 3));
        pass(35);
        assertEquals(List.of("1@0.0", "1@10.0", "1@20.0", "1@30.0"), asked);
    }

    @Test
    void waitsForTheInitialDelay() {
        add(null, probe(1, 7, 10, 1, 3), null);
        pass(20);
        assertEquals(List.of("1@7.0", "1@17.0"), asked);
    }

    @Test
    void spreadsContainersThatRanBeforeDaemon() {
        add(ID, "app", new Probes(Optional.empty(), Optional.empty(), Optional.of(probe(1, 0, 10, 1, 3))), 0.4, true);
        pass(15);
        assertEquals(List.of("1@4.0", "1@14.0"), asked);
    }

    @Test
    void isUnreadyUntilProbedAndLiveUntilFailed() {
        add(null, probe(1, 5, 10, 1, 3), probe(2, 5, 10, 1, 3));
        assertEquals(new ContainerHealth(true, false, Optional.empty()), health());
        pass(6);
        assertEquals(new ContainerHealth(true, true, Optional.empty()), health());
        assertEquals(List.of(WEB), woken, "woken once, for readiness alone has changed");
    }

    @Test
    void keepsStartOfLongMessage() {
        add(null, probe(1, 0, 10, 1, 1), null);
        answers.put(1, "x".repeat(1024));
        pass(1);
        assertEquals("x".repeat(1024), health().failure().orElseThrow().message());
        probing.forget(ID);
        answers.put(1, "x".repeat(1024) + "y");
        add(null, probe(1, 0, 10, 1, 1), null);
        pass(1);
        assertEquals("x".repeat(1024), health().failure().orElseThrow().message());
    }

    @Test
    void changesReadinessAtThresholds() {
        add(null, null, probe(1, 0, 1, 2, 3));
        pass(0.5);
        assertFalse(health().ready());
        pass(1);
        assertTrue(health().ready(), "two successes");
        answers.put(1, "no");
        pass(2);
        assertTrue(health().ready(), "two failures are not three");
        answers.clear();
        pass(1);
        answers.put(1, "no");
        pass(2);
        assertTrue(health().ready(), "a success between begins the count anew");
        pass(1);
        assertFalse(health().ready());
        answers.clear();
        pass(1);
        assertFalse(health().ready());
        pass(1);
        assertTrue(health().ready());
        assertEquals(3, woken.size());
    }

    @Test
    void livenessFailureEndsProbingOfInstance() {
        Probe probe = new Probe(
                new Handler.Grpc(1, ""),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                2,
                Optional.of(Duration.ofSeconds(9)));
        answers.put(1, "dead");
        add(null, probe, null);
        pass(0.5);
        assertEquals(Optional.empty(), health().failure());
        pass(10);
        assertEquals(
                Optional.of(
                        new ContainerHealth.Failure(Probe.Kind.LIVENESS, "dead", Optional.of(Duration.ofSeconds(9)))),
                health().failure());
        assertEquals(2, asked.size());
        probing.ended(ID);
        assertTrue(health().failure().isPresent(), "what it was stopped for is of use until it is gone");
        probing.forget(ID);
        assertEquals(null, health());
        add(new ContainerId("c2"), "app", new Probes(Optional.empty(), Optional.of(probe), Optional.empty()), 0, false);
        pass(0.5);
        assertEquals(3, asked.size(), "another instance is asked");
    }

    @Test
    void startupProbeRunsAloneUntilStarted() {
        answers.put(1, "not yet");
        add(probe(1, 0, 10, 1, 30), probe(2, 0, 10, 1, 3), probe(3, 0, 10, 1, 3));
        pass(25);
        assertEquals(List.of("1@0.0", "1@10.0", "1@20.0"), asked);
        assertEquals(new ContainerHealth(false, false, Optional.empty()), health());
        answers.clear();
        asked.clear();
        pass(16);
        assertEquals(
                List.of("1@30.0", "2@30.0", "3@30.0", "2@40.0", "3@40.0"),
                asked.stream()
                        .sorted()
                        .sorted(java.util.Comparator.comparing(text -> text.substring(2)))
                        .toList());
        assertEquals(new ContainerHealth(true, true, Optional.empty()), health());
    }

    @Test
    void reportsStartupFailure() {
        answers.put(1, "never");
        add(probe(1, 0, 1, 1, 2), probe(2, 0, 1, 1, 1), null);
        pass(5);
        assertEquals(Probe.Kind.STARTUP, health().failure().orElseThrow().kind());
        assertEquals(2, asked.size());
    }

    @Test
    void containerFromBeforeDaemonKeepsReadiness() {
        answers.put(2, "no");
        add(
                ID,
                "app",
                new Probes(Optional.of(probe(1, 0, 1, 1, 1)), Optional.empty(), Optional.of(probe(2, 0, 1, 1, 3))),
                0,
                true);
        assertEquals(new ContainerHealth(true, true, Optional.empty()), health());
        pass(1.5);
        assertTrue(health().ready(), "not before its threshold");
        pass(1);
        assertEquals(new ContainerHealth(true, false, Optional.empty()), health());
        assertFalse(asked.stream().anyMatch(text -> text.startsWith("1@")), "it has started");
    }

    @Test
    void attemptThatErrorsIsRetriedAndIgnored() {
        // The simulated runtime has no such container.
        Probe exec = new Probe(
                new Handler.Exec(List.of("true")),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                1,
                Optional.empty());
        add(null, exec, null);
        pass(5);
        assertEquals(Optional.empty(), health().failure());
        assertEquals(List.of(), woken);
    }

    @Test
    void viewOfUnreadyPodRunsReadinessProbeAtOnce() {
        answers.put(1, "no");
        add(null, null, probe(1, 0, 10, 1, 3));
        pass(3);
        answers.clear();
        probing.observe(ID, false);
        pass(0.5);
        assertTrue(health().ready());
        asked.clear();
        probing.observe(ID, false);
        pass(9);
        assertEquals(List.of(), asked, "a ready one is left alone, and its grid begins anew");
        pass(1);
        assertEquals(List.of("1@13.0"), asked);
    }

    @Test
    void onlyReadinessIsProbedDuringTermination() {
        add(null, probe(1, 0, 1, 1, 1), probe(2, 0, 1, 1, 1));
        pass(0.5);
        asked.clear();
        answers.put(1, "no");
        answers.put(2, "no");
        probing.observe(ID, true);
        pass(1);
        assertEquals(List.of("2@1.0"), asked);
        assertEquals(new ContainerHealth(true, false, Optional.empty()), health());
        probing.ended(ID);
        asked.clear();
        pass(5);
        assertEquals(List.of(), asked);
    }

    @Test
    void hangingProbeDelaysNoOtherAndDoesNotOverlap() {
        hang = true;
        add(
                new ContainerId("h"),
                "hangs",
                new Probes(Optional.empty(), Optional.empty(), Optional.of(probe(9, 0, 1, 1, 1))),
                0,
                false);
        add(null, null, probe(1, 0, 1, 1, 1));
        pass(2.5);
        assertEquals(List.of("1@0.0", "1@1.0", "1@2.0"), asked);
        assertEquals(1, hanging.size());
        hang = false;
        hanging.poll().run();
        pass(0.6);
        assertEquals(
                List.of("9@2.5", "9@2.5", "9@3.0"),
                asked.stream().filter(a -> a.startsWith("9")).toList());
    }

    @Test
    void runsThousandProbesOncePerPeriod() {
        for (int i = 0; i < 1000; i++) {
            add(
                    new ContainerId("c" + i),
                    "app",
                    new Probes(Optional.empty(), Optional.empty(), Optional.of(probe(i + 1, 0, 1, 1, 1))),
                    i / 1000.0,
                    false);
        }
        pass(10);
        for (int i = 0; i < 1000; i++) {
            String prefix = i + 1 + "@";
            long times = asked.stream().filter(text -> text.startsWith(prefix)).count();
            assertTrue(times == 10 || times == 11, prefix + " " + times);
        }
    }

    @Test
    void makesNoAttemptsAfterClose() {
        add(null, null, probe(1, 0, 1, 1, 1));
        probing.close();
        pass(5);
        assertEquals(List.of(), asked);
    }

    @Test
    void recordsEventForEachFailedAttempt() {
        answers.put(2, "not serving");
        add(null, probe(2, 0, 10, 1, 3), null);
        pass(15);
        assertEquals(
                List.of("app Unhealthy x2: Liveness probe failed: not serving"),
                events.all().stream()
                        .map(event -> event.object().container().orElseThrow() + " " + event.reason() + " x"
                                + event.count() + ": " + event.message())
                        .toList());
    }
}
