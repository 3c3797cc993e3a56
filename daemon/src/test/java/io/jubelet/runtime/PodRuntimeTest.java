/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedProcess;
import io.jubelet.criconfig.Pods;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.PodStatus;
import io.jubelet.podfiles.EndStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodRuntimeTest extends PodRuntimeFixture {

    @Test
    void podWaitsForTheResolvConfThatItInherits() throws IOException {
        Files.delete(resolvConf);
        ObservedPod none = ObservedPod.none(Pods.WEB);
        ActionFailedException failure = assertThrows(
                ActionFailedException.class, () -> runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), none));
        assertEquals(
                "the resolv.conf that pods inherit cannot be read: " + resolvConf
                        + " does not exist; with --resolv-conf= pods inherit none",
                failure.getMessage());
        assertTrue(simulated.sandboxes().isEmpty());
        Files.writeString(resolvConf, "nameserver 192.0.2.53\n");
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), none);
        Files.delete(resolvConf);
        assertInstanceOf(
                State.Running.class,
                start(now, "a").newest(Pods.UID, "a").orElseThrow().state(),
                "a container that is started again in its sandbox needs no file of the node");
    }

    @Test
    void attemptsContinueAfterTheLogsOfInstancesThatWereRemovedByHand() throws IOException {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        directories.makeLogDirectory(pod, "a", 0);
        Path logs = directories.log(Pods.WEB, Pods.NODE, Pods.UID, "a", 0).resolveSibling(".");
        for (String name : List.of("0.log", "2.log", "4.log.20260101-120000.gz", "9999999999.log", "x.log")) {
            Files.createFile(logs.resolve(name));
        }
        assertEquals(5, start(now, "a").newest(Pods.UID, "a").orElseThrow().attempt());
        assertEquals(0, start(now, "b").newest(Pods.UID, "b").orElseThrow().attempt());
    }

    @Test
    void howAPodHasEndedOutlivesTheDaemonAndGoesWithThePod() {
        ObservedPod now = started();
        PodEnd end = new PodEnd(PodStatus.Phase.Succeeded, Optional.empty(), Optional.empty(), List.of());
        assertEquals(Optional.empty(), runtime.end(Pods.UID));
        assertEquals(now, runtime.execute(new PodAction.RecordEnd(pod, end, ""), now));
        assertEquals(Optional.of(end), runtime.end(Pods.UID));
        assertEquals(Optional.of(end), new EndStore(directories).read(Pods.UID));
        runtime.execute(new PodAction.RemoveDirectories(Pods.UID, ""), now);
        assertEquals(Optional.empty(), runtime.end(Pods.UID));
    }

    /** As when an administrator clears the directory of the daemon while it runs. */
    @Test
    void makesDirectoriesAgainThatWereDeleted() throws IOException, InterruptedException {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        now = start(now, "a");
        deleteTree("root/pods");
        deleteTree("logs");
        now = start(now, "b");
        assertInstanceOf(
                State.Running.class, now.newest(Pods.UID, "b").orElseThrow().state());
        assertTrue(directories.storedManifest(Pods.UID).isPresent());
        assertTrue(Files.isRegularFile(directories.mountedFiles().hosts(Pods.UID)));
        runtime.execute(new PodAction.RemoveDirectories(Pods.UID, ""), now);
        deleteTree("root/pods");
        runtime.execute(new PodAction.CreateSandbox(pod, 1, ""), ObservedPod.none(Pods.WEB));
        assertTrue(directories.exists(Pods.UID));
    }

    private void deleteTree(String name) throws IOException, InterruptedException {
        assertEquals(
                0,
                new ProcessBuilder("rm", "-r", dir.resolve(name).toString())
                        .start()
                        .waitFor());
    }

    @Test
    void returnsWhatTheObserverSees() {
        ObservedPod started = started();
        ObservedPod now = observer.observe(Pods.WEB);
        assertEquals(now, withFactsOf(now, started));
        List<ContainerId> ids =
                now.containers().stream().map(ObservedContainer::id).toList();
        simulated.onCall(call -> {
            if (call.operation().equals("StopContainer") && call.phase() == SimulatedCall.Phase.BLOCKED) {
                Thread.startVirtualThread(() -> time.advance(Duration.ofSeconds(5)));
            }
        });
        now = runtime.execute(new PodAction.StopContainers(ids, Duration.ofSeconds(5), ""), now);
        assertEquals(0, exited(now, "a").exitCode());
        assertEquals(137, exited(now, "b").exitCode());
        now = runtime.execute(new PodAction.StopSandbox(sandbox(now), ""), now);
        assertEquals(observer.observe(Pods.WEB), now);
        now = runtime.execute(
                new PodAction.RemoveContainer(
                        now.newest(Pods.UID, "a").orElseThrow().id(), "a", 0, Pods.UID, ""),
                now);
        assertEquals(observer.observe(Pods.WEB), now);
        now = runtime.execute(new PodAction.RemoveSandbox(sandbox(now), ""), now);
        assertTrue(now.isEmpty());
        assertTrue(observer.observe(Pods.WEB).isEmpty());
    }

    /** A pod with what only the statuses of its containers have, which the executor does not query. */
    private static ObservedPod withFactsOf(ObservedPod seen, ObservedPod pod) {
        ObservedPod with = pod;
        for (ObservedContainer container : seen.containers()) {
            ObservedContainer same =
                    pod.newest(container.uid(), container.name()).orElseThrow();
            with = with.with(new ObservedContainer(
                    same.id(),
                    same.sandboxId(),
                    same.uid(),
                    same.name(),
                    same.state(),
                    container.facts(),
                    same.restarts()));
        }
        return with;
    }

    /** A status contains whole seconds, and the next daemon reports those of the runtime. */
    @Test
    void queriesTheTimeOfAStartIfTheSecondIsUncertain() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        time.advance(Duration.ofMillis(900));
        simulated.onCall(call -> {
            if (call.operation().equals("StartContainer") && call.phase() == SimulatedCall.Phase.END) {
                time.advance(Duration.ofMillis(400));
            }
        });
        now = start(now, "a");
        observer.update(now);
        time.advanceTo(observer.recheckAt(Pods.WEB).orElseThrow());
        assertEquals(
                new State.Running(Instant.parse("2026-01-01T12:00:00.900Z")),
                observer.observe(Pods.WEB).newest(Pods.UID, "a").orElseThrow().state());
    }

    @Test
    void takesTheSandboxWhoseAnswerWasLost() {
        simulated.faults().loseResponse("RunPodSandbox");
        PodAction create = new PodAction.CreateSandbox(pod, 0, "");
        ObservedPod none = ObservedPod.none(Pods.WEB);
        assertThrows(CriException.Unavailable.class, () -> runtime.execute(create, none));
        ObservedPod now = runtime.execute(create, none);
        assertEquals(simulated.sandboxes().getFirst().id(), sandbox(now));
        assertTrue(now.sandboxes().getFirst().ready());
        assertEquals(1, simulated.sandboxes().size());
    }

    @Test
    void takesTheContainerWhoseAnswerWasLost() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        for (String operation : List.of("CreateContainer", "StartContainer")) {
            simulated.faults().loseResponse(operation);
            assertThrows(CriException.Unavailable.class, () -> start(now, "a"));
        }
        ObservedPod after = start(now, "a");
        assertInstanceOf(
                State.Running.class, after.newest(Pods.UID, "a").orElseThrow().state());
        assertEquals(1, simulated.containers().size());
        ContainerId id = after.containers().getFirst().id();
        assertEquals(after, runtime.execute(new PodAction.StartCreated(pod, id, "a", ""), after));
    }

    @Test
    void namesFailuresAsTheKubeletDoes() {
        ObservedPod none = ObservedPod.none(Pods.WEB);
        simulated
                .faults()
                .failBefore(
                        "RunPodSandbox",
                        name -> new CriException.Failed(
                                name, "rpc error: code = Unknown desc = failed to setup network"));
        ActionFailedException sandbox = assertThrows(
                ActionFailedException.class, () -> runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), none));
        assertEquals("FailedCreatePodSandBox", sandbox.reason());
        assertEquals("failed to setup network", sandbox.getMessage());
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), none);
        simulated
                .faults()
                .failBefore("CreateContainer", name -> new CriException.Rejected(name, "INVALID_ARGUMENT", "no"));
        assertEquals(
                "CreateContainerError",
                assertThrows(ActionFailedException.class, () -> start(now, "a")).reason());
        simulated.faults().failBefore("StartContainer", name -> new CriException.Failed(name, "no such file"));
        assertEquals(
                "RunContainerError",
                assertThrows(ActionFailedException.class, () -> start(now, "a")).reason());
    }

    @Test
    void aFailedStartNamesTheInstanceThatItEnded() {
        String image = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        simulated.behaviour(image, _ -> SimulatedProcess.failsToStart("exec: no such file"));
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        ActionFailedException failure = assertThrows(ActionFailedException.class, () -> start(now, "a"));
        assertEquals("RunContainerError", failure.reason());
        assertEquals(Optional.of(simulated.containers().getFirst().id()), failure.ended());
    }

    /** What an earlier daemon was starting when it was killed ends a moment later, and not by what this one does. */
    @Test
    void aStartThatIsRejectedBecauseOfAnAbandonedOneHasEndedNoInstance() {
        ObservedPod sandbox = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        simulated.faults().failBefore("StartContainer", name -> new CriException.Unavailable(name, "killed"));
        assertThrows(CriException.Unavailable.class, () -> start(sandbox, "a"));
        ObservedPod now = observer.observe(Pods.WEB);
        ContainerId id = now.newest(Pods.UID, "a").orElseThrow().id();
        PodAction start = new PodAction.StartCreated(pod, id, "a", "");
        simulated.abandonStart(id);
        ActionFailedException during = assertThrows(ActionFailedException.class, () -> runtime.execute(start, now));
        assertEquals("container is already in starting state", during.getMessage());
        assertEquals(Optional.empty(), during.ended());
        simulated.abandonStart(id);
        simulated.onCall(call -> {
            if (call.operation().equals("ContainerStatus") && call.phase() == SimulatedCall.Phase.START) {
                simulated.interruptStart(id);
            }
        });
        ActionFailedException atTheEnd = assertThrows(ActionFailedException.class, () -> runtime.execute(start, now));
        assertEquals(Optional.empty(), atTheEnd.ended());
        assertEquals(
                "StartError", simulated.runtimeService().containerStatus(id).reason());
    }

    /** The call that starts a container can end after its process has begun. */
    @Test
    void whatAnInterruptedStartHasLoggedStaysAndCountsAsARun() throws IOException {
        ObservedPod sandbox = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        Path log = directories.log(Pods.WEB, Pods.NODE, Pods.UID, "a", 0);
        for (String content : List.of("", "2026-01-01T12:00:00Z stdout F hello\n")) {
            simulated.faults().failBefore("StartContainer", name -> new CriException.Unavailable(name, "killed"));
            assertThrows(CriException.Unavailable.class, () -> start(sandbox, "a"));
            ContainerId id = simulated.containers().getFirst().id();
            simulated.interruptStart(id);
            Files.writeString(log, content);
            ObservedPod now = observer.observe(Pods.WEB);
            runtime.execute(new PodAction.RemoveContainer(id, "a", 0, Pods.UID, false, ""), now);
            assertEquals(!content.isEmpty(), Files.exists(log));
        }
        assertEquals(1, start(sandbox, "a").newest(Pods.UID, "a").orElseThrow().attempt());
        assertEquals(0, start(sandbox, "b").newest(Pods.UID, "b").orElseThrow().attempt());
    }

    @Test
    void throwsTheFirstFailureOfParallelStops() {
        ObservedPod now = started();
        List<ContainerId> ids =
                now.containers().stream().map(ObservedContainer::id).toList();
        for (int i = 0; i < 2; i++) {
            simulated.faults().failBefore("StopContainer", name -> new CriException.DeadlineExceeded(name, "slow"));
        }
        CriException.DeadlineExceeded failure = assertThrows(
                CriException.DeadlineExceeded.class,
                () -> runtime.execute(new PodAction.StopContainers(ids, Duration.ofSeconds(5), ""), now));
        assertEquals(1, failure.getSuppressed().length);
    }

    @Test
    void stopsWaitingWhenInterrupted() throws InterruptedException {
        ObservedPod now = started();
        List<ContainerId> ids =
                now.containers().stream().map(ObservedContainer::id).toList();
        simulated.faults().hang("StopContainer");
        simulated.faults().hang("StopContainer");
        Thread[] worker = new Thread[1];
        RuntimeException[] thrown = new RuntimeException[1];
        worker[0] = Thread.ofVirtual().unstarted(() -> {
            try {
                runtime.execute(new PodAction.StopContainers(ids, Duration.ofSeconds(5), ""), now);
            } catch (RuntimeException e) {
                thrown[0] = e;
            }
        });
        worker[0].start();
        worker[0].interrupt();
        worker[0].join();
        assertInstanceOf(CriException.Cancelled.class, thrown[0]);
    }

    @Test
    void treatsMissingObjectsAsDone() {
        ObservedPod now = started();
        ContainerId container = now.containers().getFirst().id();
        simulated.runtimeService().removePodSandbox(sandbox(now));
        ObservedPod after =
                runtime.execute(new PodAction.StopContainers(List.of(container), Duration.ofSeconds(5), ""), now);
        assertEquals(1, after.containers().size());
        after = runtime.execute(new PodAction.StopSandbox(sandbox(now), ""), after);
        after = runtime.execute(new PodAction.RemoveSandbox(sandbox(now), ""), after);
        assertTrue(after.isEmpty());
    }
}
