/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.SimulatedCall.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the features of the simulation that a runtime does not have, with a manual clock. */
@Timeout(60)
class SimulatedRuntimeTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ManualClock clock = SimulatedClock.manual(START);
    private final SimulatedRuntime simulation = SimulatedRuntime.create(clock);
    private final RuntimeService runtime = simulation.runtimeService();

    SimulatedRuntimeTest() {
        simulation.images().add("busybox");
    }

    @Test
    void endsProcessAtItsTime() {
        ContainerId id = started("sleep 5; exit 3");
        assertEquals(START.plusSeconds(5), clock.nextDue().orElseThrow());
        clock.advance(Duration.ofSeconds(4));
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(id).state());
        clock.advance(Duration.ofSeconds(10));
        ContainerStatus status = runtime.containerStatus(id);
        assertEquals(3, status.exitCode());
        assertEquals("Error", status.reason());
        assertEquals(START, status.startedAt());
        assertEquals(START.plusSeconds(5), status.finishedAt());
        assertTrue(clock.nextDue().isEmpty());
    }

    @Test
    void theTimesThatItShowsAreOfAClockThatCanBeSet() {
        ContainerId id = started("sleep 5; exit 3");
        simulation.timestamps().set(Duration.ofHours(-1));
        clock.advance(Duration.ofSeconds(5));
        ContainerStatus status = runtime.containerStatus(id);
        assertEquals(START, status.startedAt());
        assertEquals(START.plusSeconds(5).minusSeconds(3600), status.finishedAt());
    }

    @Test
    void aContainerWhoseStartIsInterruptedNeverRuns() {
        ContainerId id = created("b", "sleep 5");
        simulation.interruptStart(id);
        ContainerStatus status = runtime.containerStatus(id);
        assertEquals(ContainerState.EXITED, status.state());
        assertEquals(128, status.exitCode());
        assertEquals("StartError", status.reason());
        assertNull(status.startedAt());
        ContainerId running = started("sleep 5");
        simulation.interruptStart(running);
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(running).state());
    }

    @Test
    void aStartIsRejectedWhileAnAbandonedOneHasNotEnded() {
        ContainerId id = created("a", "sleep 5");
        simulation.abandonStart(id);
        CriException rejection = assertThrows(CriException.Failed.class, () -> runtime.startContainer(id));
        assertTrue(rejection.toString().contains("already in starting state"), rejection.toString());
        assertEquals(ContainerState.CREATED, runtime.containerStatus(id).state());
        simulation.interruptStart(id);
        assertEquals(ContainerState.EXITED, runtime.containerStatus(id).state());
        ContainerId running = created("b", "sleep 5");
        runtime.startContainer(running);
        simulation.abandonStart(running);
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(running).state());
    }

    @Test
    void timesThatAreOmittedAreUnknown() {
        simulation.timestamps().omitNext(2);
        ContainerId id = started("sleep 5; exit 3");
        ContainerStatus status = runtime.containerStatus(id);
        assertNull(runtime.listPodSandboxes(PodSandboxFilter.all()).getFirst().createdAt());
        assertNull(status.createdAt());
        assertEquals(START, status.startedAt());
    }

    @Test
    void scheduledExitDoesNotChangeEarlierExit() {
        ContainerId id = started("sleep 5");
        runtime.stopContainer(id, Duration.ZERO);
        clock.advance(Duration.ofSeconds(10));
        assertEquals(137, runtime.containerStatus(id).exitCode());
        assertEquals(START, runtime.containerStatus(id).finishedAt());
    }

    @Test
    void waitsForGracePeriodInSimulatedTime() throws Exception {
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        ContainerId id = started("sleep infinity");
        Thread stopper = Thread.ofVirtual().start(() -> runtime.stopContainer(id, Duration.ofSeconds(30)));
        assertEquals(new SimulatedCall("StopContainer", id.value(), Phase.BLOCKED), blocked.take());
        clock.advance(Duration.ofSeconds(29));
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(id).state());
        clock.advance(Duration.ofSeconds(1));
        stopper.join();
        assertEquals(137, runtime.containerStatus(id).exitCode());
        assertEquals(START.plusSeconds(30), runtime.containerStatus(id).finishedAt());
    }

    @Test
    void endsGracePeriodWithTheProcess() throws Exception {
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        ContainerId id = started("sleep infinity");
        Thread stopper = Thread.ofVirtual().start(() -> runtime.stopContainer(id, Duration.ofSeconds(30)));
        blocked.take();
        simulation.exit(id, 5);
        stopper.join();
        assertEquals(5, runtime.containerStatus(id).exitCode());
        assertEquals(START, clock.instant());
    }

    @Test
    void interruptedStopKillsNothing() throws Exception {
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        ContainerId id = started("sleep infinity");
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread stopper = Thread.ofVirtual()
                .start(() -> failure.set(
                        assertThrows(CriException.class, () -> runtime.stopContainer(id, Duration.ofSeconds(30)))));
        blocked.take();
        stopper.interrupt();
        stopper.join();
        assertInstanceOf(CriException.Cancelled.class, failure.get());
        clock.advance(Duration.ofSeconds(60));
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(id).state());
    }

    @Test
    void failsBeforeEffectOrAfterIt() {
        simulation.faults().failBefore("RunPodSandbox", name -> new CriException.Failed(name, "no"));
        simulation.faults().loseResponse("RunPodSandbox");
        assertThrows(CriException.Failed.class, () -> runtime.runPodSandbox(pod("a"), ""));
        assertEquals(List.of(), simulation.sandboxes());
        assertThrows(CriException.Unavailable.class, () -> runtime.runPodSandbox(pod("a"), ""));
        assertEquals(1, simulation.sandboxes().size());
        assertThrows(CriException.AlreadyExists.class, () -> runtime.runPodSandbox(pod("a"), ""));
        runtime.runPodSandbox(pod("b"), "");
        assertEquals(2, simulation.sandboxes().size());
    }

    @Test
    void hangsUntilReleasedOrInterrupted() throws Exception {
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        FaultInjector.Release release = simulation.faults().hang("Version");
        Thread caller = Thread.ofVirtual().start(runtime::version);
        assertEquals("Version", blocked.take().operation());
        release.release();
        caller.join();

        simulation.faults().hang("Version");
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread other = Thread.ofVirtual().start(() -> failure.set(assertThrows(CriException.class, runtime::version)));
        blocked.take();
        other.interrupt();
        other.join();
        assertInstanceOf(CriException.Cancelled.class, failure.get());
    }

    @Test
    void callsHookAtStartAndEndOfEveryCall() {
        List<SimulatedCall> told = new ArrayList<>();
        simulation.onCall(told::add);
        PodSandboxId id = runtime.runPodSandbox(pod("a"), "");
        runtime.stopPodSandbox(id);
        assertEquals(
                List.of(
                        new SimulatedCall("RunPodSandbox", "a", Phase.START),
                        new SimulatedCall("RunPodSandbox", "a", Phase.END),
                        new SimulatedCall("StopPodSandbox", id.value(), Phase.START),
                        new SimulatedCall("StopPodSandbox", id.value(), Phase.END)),
                told);
        simulation.onCall(call -> {
            if (call.phase() == Phase.END) {
                throw new IllegalStateException("the daemon was killed here");
            }
        });
        assertThrows(IllegalStateException.class, () -> runtime.removePodSandbox(id));
        assertEquals(List.of(), simulation.sandboxes());
    }

    @Test
    void appliesLatency() throws Exception {
        simulation.latency(Duration.ofMillis(10));
        simulation.latency("RunPodSandbox", Duration.ofMillis(100));
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        Thread caller = Thread.ofVirtual().start(() -> runtime.runPodSandbox(pod("a"), ""));
        blocked.take();
        clock.advance(Duration.ofMillis(99));
        assertEquals(List.of(), simulation.sandboxes());
        clock.advance(Duration.ofMillis(1));
        caller.join();
        assertEquals(1, simulation.sandboxes().size());
    }

    @Test
    void breaksStreamsAndCallsWhileDownAndKeepsEverything() {
        ContainerId id = started("sleep infinity");
        EventStream<RuntimeEvent> stream = simulation.events().open().orElseThrow();
        simulation.goDown();
        assertThrows(CriException.Unavailable.class, stream::next);
        assertThrows(CriException.Unavailable.class, runtime::version);
        assertThrows(CriException.Unavailable.class, () -> simulation.events().open());
        simulation.comeBack();
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(id).state());
        try (EventStream<RuntimeEvent> again = simulation.events().open().orElseThrow()) {
            simulation.exit(id, 0);
            assertEquals(RuntimeEvent.Kind.STOPPED, again.next().kind());
        }
    }

    @Test
    void breaksWaitingCallsWhenItGoesDown() throws Exception {
        BlockingQueue<SimulatedCall> blocked = blockedCalls();
        ContainerId id = started("sleep infinity");
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread stopper = Thread.ofVirtual()
                .start(() -> failure.set(
                        assertThrows(CriException.class, () -> runtime.stopContainer(id, Duration.ofSeconds(30)))));
        blocked.take();
        simulation.goDown();
        stopper.join();
        assertInstanceOf(CriException.Unavailable.class, failure.get());
        simulation.comeBack();
        assertEquals(ContainerState.RUNNING, runtime.containerStatus(id).state());
    }

    @Test
    void dropsEvents() {
        ContainerId id = started("sleep infinity");
        try (EventStream<RuntimeEvent> stream = simulation.events().open().orElseThrow()) {
            simulation.dropEvents(true);
            simulation.exit(id, 0);
            assertNull(stream.poll(Duration.ofMillis(1)));
        }
        simulation.supportEvents(false);
        assertTrue(simulation.events().open().isEmpty());
    }

    @Test
    void diesInEveryWay() {
        ContainerId id = started("sleep infinity");
        simulation.oomKill(id);
        assertEquals("OOMKilled", runtime.containerStatus(id).reason());
        PodSandboxId sandbox = simulation.sandboxes().getFirst().id();
        simulation.killSandbox(sandbox);
        assertEquals(
                PodSandboxState.NOT_READY, runtime.podSandboxStatus(sandbox).state());
        assertFalse(
                requireNonNull(runtime.podSandboxStatus(sandbox).network()).ip().isEmpty());
        assertThrows(CriException.class, () -> runtime.createContainer(sandbox, container("late", "true"), pod("a")));
    }

    @Test
    void usesBehaviourOfImage() {
        simulation.images().add("crasher:1");
        simulation.behaviour("crasher:1", _ -> SimulatedProcess.exits(Duration.ofSeconds(1), 9));
        PodSandboxId sandbox = runtime.runPodSandbox(pod("a"), "");
        ContainerConfig config = container("c", "sleep infinity").toBuilder()
                .image(ImageSpec.of("crasher:1"))
                .build();
        ContainerId id = runtime.createContainer(sandbox, config, pod("a"));
        runtime.startContainer(id);
        clock.advance(Duration.ofSeconds(1));
        assertEquals(9, runtime.containerStatus(id).exitCode());
    }

    @Test
    void findsByLabelAmongThousands() {
        for (int i = 0; i < 5_000; i++) {
            PodSandboxId sandbox = runtime.runPodSandbox(pod("pod" + i), "");
            ContainerConfig config = container("c", "sleep infinity").toBuilder()
                    .labels(Map.of("app", "same", "pod", "pod" + i))
                    .build();
            runtime.startContainer(runtime.createContainer(sandbox, config, pod("pod" + i)));
        }
        for (int i = 0; i < 5_000; i++) {
            Map<String, String> labels = Map.of("pod", "pod" + i, "app", "same");
            assertEquals(
                    1, runtime.listPodSandboxes(PodSandboxFilter.labels(labels)).size());
            assertEquals(
                    1, runtime.listContainers(ContainerFilter.labels(labels)).size());
        }
        assertEquals(
                5_000,
                runtime.listContainers(ContainerFilter.labels(Map.of("app", "same")))
                        .size());
        simulation.sandboxes().forEach(sandbox -> runtime.removePodSandbox(sandbox.id()));
        assertEquals(List.of(), simulation.containers());
    }

    @Test
    void createsTheSameIdsInEveryRun() {
        PodSandboxId id = runtime.runPodSandbox(pod("a"), "");
        SimulatedRuntime other = SimulatedRuntime.create(SimulatedClock.manual(START));
        assertEquals(id, other.runtimeService().runPodSandbox(pod("a"), ""));
        assertEquals(64, id.value().length());
        assertNotEquals(id, runtime.runPodSandbox(pod("b"), ""));
    }

    private ContainerId started(String script) {
        ContainerId id = created("a", script);
        runtime.startContainer(id);
        return id;
    }

    private ContainerId created(String podName, String script) {
        PodSandboxConfig pod = pod(podName);
        return runtime.createContainer(runtime.runPodSandbox(pod, ""), container("c", script), pod);
    }

    private BlockingQueue<SimulatedCall> blockedCalls() {
        BlockingQueue<SimulatedCall> blocked = new LinkedBlockingQueue<>();
        simulation.onCall(call -> {
            if (call.phase() == Phase.BLOCKED) {
                blocked.add(call);
            }
        });
        return blocked;
    }

    private static PodSandboxConfig pod(String name) {
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name, "uid-" + name, "default", 0))
                .labels(Map.of("app", "same", "pod", name))
                .build();
    }

    private static ContainerConfig container(String name, String script) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(name, 0))
                .image(ImageSpec.of("busybox"))
                .command(List.of("sh", "-c", script))
                .build();
    }
}
