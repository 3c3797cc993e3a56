/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Observer, relist and hints together, on the simulated runtime. */
class PodLifecycleEventGeneratorTest {

    private static final String NODE = "node1";
    private static final PodName WEB = new PodName("default", "web");
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private final ManualClock time = SimulatedClock.manual(START);
    private final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    private final PodObserver observer =
            new PodObserver(simulated.runtimeService(), NodeNames.of(NODE), NodeClock.neverSet(time));
    private final Relist relist = new Relist(simulated.runtimeService(), NodeNames.of(NODE), observer, time);
    private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();
    private final PodLifecycleEventGenerator.Listeners listeners =
            new PodLifecycleEventGenerator.Listeners(told::add, told::add, () -> told.add("back"));

    @BeforeEach
    void image() {
        simulated.images().add("busybox:latest");
    }

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

    @Test
    void relistReportsChanges() {
        assertEquals(Optional.empty(), relist.lastSuccess());
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        sandbox(new PodName("default", "web2"), "node2");
        assertEquals(Set.of(WEB), relist.relist());
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
        assertEquals(Optional.of(START), relist.lastSuccess());
        simulated.exit(container, 0);
        assertEquals(Set.of(WEB), relist.relist());
        assertEquals(Set.of(WEB), relist.relist(), "not observed since");
        observer.observe(WEB);
        simulated.goDown();
        time.advance(Duration.ofSeconds(1));
        assertThrows(CriException.Unavailable.class, relist::relist);
        assertEquals(Optional.of(START), relist.lastSuccess());
        simulated.comeBack();
        assertEquals(Set.of(), relist.relist());
        simulated.sandboxes().forEach(s -> simulated.runtimeService().removePodSandbox(s.id()));
        assertEquals(Set.of(WEB), relist.relist());
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
    }

    @Test
    void relistReportsWrongUpdateOfWorker() {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        ObservedPod seen = observer.observe(WEB);
        ObservedContainer running = seen.containers().getFirst();
        simulated.exit(container, 0);
        observer.observe(WEB);
        assertEquals(Set.of(), relist.relist());
        observer.update(seen.with(running));
        assertEquals(Set.of(WEB), relist.relist(), "the runtime never showed it running again");
        observer.update(ObservedPod.none(WEB));
        assertEquals(Set.of(WEB), relist.relist(), "it is not gone");
    }

    @Test
    void reportsEmptyFirstList() throws InterruptedException {
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            assertEquals(Set.of(), take());
            awaitStreaming(hints);
        }
    }

    @Test
    void relistsSoonAfterRequest() throws InterruptedException {
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            assertEquals(Set.of(), take());
            container(WEB, sandbox(WEB, NODE), NODE);
            hints.requestRelist();
            assertEquals(Set.of(WEB), take());
        }
    }

    @Test
    void forwardsEventsOfKnownPods() throws InterruptedException {
        ContainerId container = container(WEB, sandbox(WEB, NODE), NODE);
        observer.observe(WEB);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofHours(1))) {
            awaitStreaming(hints);
            simulated.exit(container, 0);
            awaitWake();
            PodName foreign = new PodName("default", "foreign");
            sandbox(foreign, NODE);
            simulated.killSandbox(simulated.sandboxes().getFirst().id());
            awaitWake();
        }
    }

    @Test
    void relistsWithoutEventsAndWhenTheyAreLost() throws InterruptedException {
        simulated.supportEvents(false);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofMillis(1))) {
            container(WEB, sandbox(WEB, NODE), NODE);
            assertEquals(Set.of(WEB), take());
            assertFalse(hints.streaming());
        }
    }

    @Test
    void reportsRecoveryOfRuntime() throws InterruptedException {
        container(WEB, sandbox(WEB, NODE), NODE);
        try (PodLifecycleEventGenerator hints = start(Duration.ofHours(1), Duration.ofMillis(1))) {
            assertEquals(Set.of(WEB), take());
            awaitStreaming(hints);
            simulated.goDown();
            simulated.exit(simulated.containers().getFirst().id(), 1);
            simulated.comeBack();
            Object first = take();
            Object second = take();
            assertEquals(Set.of("back", Set.of(WEB)), Set.of(first, second));
            awaitStreaming(hints);
        }
    }

    private PodLifecycleEventGenerator start(Duration withEvents, Duration withoutEvents) {
        PodLifecycleEventGenerator hints = new PodLifecycleEventGenerator(
                simulated.events(),
                observer,
                relist,
                listeners,
                new PodLifecycleEventGenerator.RelistPeriods(withEvents, withoutEvents));
        hints.start();
        return hints;
    }

    private static void awaitStreaming(PodLifecycleEventGenerator hints) {
        Eventually.await("the stream of events", hints::streaming);
    }

    /** The relist that follows the opening of the stream may tell of the same change, before or after. */
    private void awaitWake() throws InterruptedException {
        Object next = take();
        while (!next.equals(WEB)) {
            assertInstanceOf(Set.class, next);
            next = take();
        }
    }

    private Object take() throws InterruptedException {
        Object next = told.poll(60, TimeUnit.SECONDS);
        assertNotNull(next);
        return next;
    }

    private PodSandboxId sandbox(PodName name, String node) {
        return simulated.runtimeService().runPodSandbox(sandboxConfig(name, node), "");
    }

    private static PodSandboxConfig sandboxConfig(PodName name, String node) {
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name.onNode(node), "uid-" + name.name(), name.namespace(), 0))
                .labels(Labels.ofPod(name, node))
                .annotations(Map.of(Labels.HASH, "v1:abc", Labels.GRACE_PERIOD, "9"))
                .build();
    }

    private ContainerId container(PodName name, PodSandboxId sandbox, String node) {
        Map<String, String> labels = new HashMap<>(Labels.ofPod(name, node));
        labels.put(Labels.POD_UID, "uid-" + name.name());
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("app", 0))
                .image(ImageSpec.of("busybox:latest"))
                .labels(labels)
                .annotations(Map.of(Labels.BACKOFF, "20"))
                .build();
        ContainerId id = simulated.runtimeService().createContainer(sandbox, config, sandboxConfig(name, node));
        simulated.runtimeService().startContainer(id);
        return id;
    }
}
