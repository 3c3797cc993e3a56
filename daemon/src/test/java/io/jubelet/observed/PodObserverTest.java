/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the observer reads, caches and reads again, on the simulated runtime. */
class PodObserverTest extends ObservedPods {

    @Test
    void observesOnlyPodsOfNode() {
        PodSandboxId sandbox = sandbox(WEB, NODE);
        ContainerId container = container(WEB, sandbox, NODE);
        PodName foreign = new PodName("default", "web2");
        container(foreign, sandbox(foreign, "node2"), "node2");
        ObservedPod seen = observer.observe(WEB);
        assertEquals(
                List.of(sandbox),
                seen.sandboxes().stream().map(ObservedSandbox::id).toList());
        ObservedSandbox first = seen.sandboxes().getFirst();
        assertEquals("v1:abc", first.hash());
        assertEquals(Duration.ofSeconds(9), first.gracePeriod());
        assertTrue(first.ready());
        assertEquals(1, first.ips().size());
        ObservedContainer instance = seen.containers().getFirst();
        assertEquals(container, instance.id());
        assertEquals("uid-web", instance.uid());
        assertEquals(Duration.ofSeconds(20), instance.backoff());
        assertEquals(new State.Running(START), instance.state());
        assertTrue(observer.observe(foreign).isEmpty());
    }

    /** Runtimes learn of a kill for memory apart from the end of the process, and can lose it. */
    @Test
    void reasonOfAKillIsThatOfTheKernel() {
        Set<String> running = new HashSet<>();
        Set<String> killed = new HashSet<>();
        PodObserver counting = new PodObserver(
                simulated.runtimeService(), NodeNames.of(NODE), NodeClock.neverSet(time), new OutOfMemoryKills() {
                    @Override
                    public void running(String uid) {
                        running.add(uid);
                    }

                    @Override
                    public void ended(String uid, String container) {}

                    @Override
                    public void reported(String container) {}

                    @Override
                    public boolean killed(String uid, String container) {
                        return uid.equals("uid-web") && killed.contains(container);
                    }

                    @Override
                    public void gone(String uid) {
                        running.remove(uid);
                    }
                });
        PodSandboxId sandbox = sandbox(WEB, NODE);
        ContainerId container = container(WEB, sandbox, NODE);
        counting.observe(WEB);
        assertEquals(Set.of("uid-web"), running);
        killed.add(container.value());
        simulated.exit(container, 137);
        assertEquals("OOMKilled", exit(counting).reason());
        simulated.runtimeService().removeContainer(container);
        counting.observe(WEB);
        ContainerId stopped = container(WEB, sandbox, NODE);
        counting.observe(WEB);
        simulated.exit(stopped, 137);
        assertEquals("Error", exit(counting).reason(), "which the kernel did not kill");
        simulated.runtimeService().removePodSandbox(sandbox);
        counting.observe(WEB);
        assertEquals(Set.of(), running);
    }

    @Test
    void otherExitCodeIsNoKill() {
        PodObserver counting = new PodObserver(
                simulated.runtimeService(), NodeNames.of(NODE), NodeClock.neverSet(time), new OutOfMemoryKills() {
                    @Override
                    public void running(String uid) {}

                    @Override
                    public void ended(String uid, String container) {}

                    @Override
                    public void reported(String container) {}

                    @Override
                    public boolean killed(String uid, String container) {
                        return true;
                    }

                    @Override
                    public void gone(String uid) {}
                });
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        counting.observe(WEB);
        simulated.exit(container, 1);
        assertEquals("Error", exit(counting).reason());
    }

    private static State.Exited exit(PodObserver observer) {
        return assertInstanceOf(
                State.Exited.class,
                observer.observe(WEB).containers().getFirst().state());
    }

    @Test
    void queriesDetailsOnce() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        AtomicInteger statuses = new AtomicInteger();
        simulated.onCall(call -> {
            if (call.operation().endsWith("Status") && call.phase() == SimulatedCall.Phase.START) {
                statuses.incrementAndGet();
            }
        });
        ObservedPod first = observer.observe(WEB);
        assertSame(first, observer.observe(WEB));
        assertEquals(2, statuses.get());
        simulated.exit(container, 3);
        State.Exited exited = assertInstanceOf(
                State.Exited.class,
                observer.observe(WEB).containers().getFirst().state());
        assertEquals(3, exited.exitCode());
        assertEquals(3, statuses.get());
    }

    @Test
    void omitsObjectsRemovedMeanwhile() {
        container(WEB, sandbox(WEB, NODE), NODE);
        simulated.faults().failBefore("ContainerStatus", name -> new CriException.NotFound(name, "gone"));
        simulated.faults().failBefore("PodSandboxStatus", name -> new CriException.NotFound(name, "gone"));
        assertTrue(observer.observe(WEB).isEmpty());
        assertFalse(observer.observe(WEB).isEmpty());
    }

    @Test
    void rechecksExitThatListsDoNotShow() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.announceExit(container.value()); // before anybody has seen it
        observer.observe(WEB);
        long[] expected = {32, 64, 128, 128};
        for (long millis : expected) {
            Instant next = observer.recheckAt(WEB).orElseThrow();
            assertEquals(Duration.ofMillis(millis), Duration.between(time.instant(), next));
            time.advanceTo(next);
            observer.observe(WEB);
        }
        simulated.exit(container, 0);
        observer.observe(WEB);
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
    }

    @Test
    void stopsRecheckingExitThatNeverShows() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.announceExit(container.value());
        observer.observe(WEB);
        time.advance(Duration.ofSeconds(3));
        observer.observe(WEB);
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
    }

    @Test
    void rechecksStoppedContainerForItsLog() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        ObservedContainer running = observer.observe(WEB).containers().getFirst();
        simulated.exit(container, 1);
        ObservedPod stopped = observer.observe(WEB)
                .with(running.in(
                        new ObservedContainer.State.Exited(START, START, 1, "Error", "as far as it was written")));
        observer.update(stopped);
        assertEquals(Optional.of(START.plusSeconds(1)), observer.recheckAt(WEB));
        time.advance(Duration.ofSeconds(1));
        ObservedPod complete = observer.observe(WEB);
        assertEquals(
                "",
                ((ObservedContainer.State.Exited)
                                complete.containers().getFirst().state())
                        .message());
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
    }

    @Test
    void rechecksKilledContainerForOutOfMemory() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.observe(WEB);
        simulated.exit(container, 137);
        assertEquals("Error", end().reason());
        assertEquals(Optional.of(START.plusSeconds(1)), observer.recheckAt(WEB));
        simulated.oomKill(container);
        time.advance(Duration.ofSeconds(1));
        assertEquals("OOMKilled", end().reason());
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
    }

    @Test
    void stopsRecheckingKilledContainer() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.observe(WEB);
        simulated.exit(container, 137);
        for (int second = 0; second < 3; second++) {
            assertEquals("Error", end().reason());
            assertTrue(observer.recheckAt(WEB).isPresent());
            time.advance(Duration.ofSeconds(1));
        }
        assertEquals("Error", end().reason());
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
    }

    private State.Exited end() {
        return assertInstanceOf(
                State.Exited.class,
                observer.observe(WEB).containers().getFirst().state());
    }

    /** The executor knows nothing of the user and the resources, which only a status has. */
    @Test
    void factsOfAStartedContainerAreReadOnce() {
        ObservedContainer seen = observeAfterStart(LinuxContainerResources.builder()
                .cpuShares(102)
                .cpuPeriod(100_000)
                .cpuQuota(50_000)
                .memoryLimitInBytes(64 << 20)
                .build());
        assertEquals(
                Optional.of(new RuntimeFacts.EnactedResources(100, 500, 64 << 20)),
                seen.facts().resources());
        assertEquals(Optional.empty(), observer.recheckAt(WEB));
        AtomicInteger statuses = countStatuses();
        observer.observe(WEB);
        assertEquals(0, statuses.get());
    }

    @Test
    void runtimeWithoutFactsIsAskedForThemOnce() {
        LinuxContainerResources nothing = LinuxContainerResources.builder().build();
        assertFalse(observeAfterStart(nothing).facts().reported());
        PodName other = new PodName("default", "other");
        ObservedPod before = observer.observe(other);
        PodSandboxId sandbox = sandbox(other, NODE);
        observer.update(before.with(started(other, sandbox, container(other, sandbox, NODE, nothing))));
        assertEquals(Optional.empty(), observer.recheckAt(other));
    }

    /** Starts a container as the executor does, and returns what the observer shows after its next list. */
    private ObservedContainer observeAfterStart(LinuxContainerResources resources) {
        PodSandboxId sandbox = sandbox(WEB, NODE);
        ObservedPod before = observer.observe(WEB);
        ObservedContainer started = started(WEB, sandbox, container(WEB, sandbox, NODE, resources));
        observer.update(before.with(started));
        assertTrue(observer.recheckAt(WEB).isPresent());
        return observer.observe(WEB).containers().getFirst();
    }

    private static ObservedContainer started(PodName name, PodSandboxId sandbox, ContainerId id) {
        return new ObservedContainer(
                id,
                sandbox,
                "uid-" + name.name(),
                "app",
                new State.Running(START.plusMillis(500)),
                "busybox:latest",
                START,
                new ObservedContainer.Restarts(0, Duration.ZERO));
    }

    private AtomicInteger countStatuses() {
        AtomicInteger statuses = new AtomicInteger();
        simulated.onCall(call -> {
            if (call.operation().equals("ContainerStatus") && call.phase() == SimulatedCall.Phase.START) {
                statuses.incrementAndGet();
            }
        });
        return statuses;
    }
}
