/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.simulated.ManualClock;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.Pods;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import io.jubelet.podfiles.EndStore;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodRuntimeTest {

    private static final String IMAGE = "docker.io/library/busybox:1";

    @TempDir
    Path dir;

    private final ManualClock time = SimulatedClock.manual(Instant.parse("2026-01-01T12:00:00Z"));
    private final SimulatedRuntime simulated = SimulatedRuntime.create(time);
    private final Pod pod = Pods.pod(
            List.of(), Pods.shell("a", "trap 'exit 0' TERM; sleep 1000 & wait"), Pods.shell("b", "sleep 1000"));
    private final PodObserver observer =
            new PodObserver(simulated.runtimeService(), NodeNames.of(Pods.NODE), NodeClock.neverSet(time));
    private PodDirectories directories;
    private PodRuntime runtime;
    private Path resolvConf;

    @BeforeEach
    void make() throws IOException {
        simulated.images().add(IMAGE);
        resolvConf = Files.writeString(dir.resolve("resolv.conf"), "nameserver 192.0.2.1\n");
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        ImageUserCache imageService = new ImageUserCache(simulated.imageService());
        ImagePuller images = new ImagePuller(
                imageService,
                new RegistryPuller(
                        imageService,
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        2,
                        new PullRateLimiter(0, 1),
                        time),
                new PullRecords(dir.resolve("image_manager"), (_, ours) -> ours),
                () -> LocalConfig.NONE,
                new EventRecorder(time, () -> {}),
                Threads::startVirtual,
                _ -> {},
                NodeClock.neverSet(time));
        runtime = new PodRuntimeBuilder(
                        simulated.runtimeService(), imageService, images, directories, dir.resolve("root"))
                .clock(time)
                .resolvConf(new NodeResolvConf(Optional.of(resolvConf)))
                .build(PodRuntimeTest::read);
    }

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

    private static Pod read(String document, String source) {
        if (!document.startsWith("{\"of\"")) {
            throw new IllegalArgumentException("no document: " + document);
        }
        assertEquals("/manifests/web.yaml", source);
        return Pods.pod(Pods.WEB, document.substring(7, 39), List.of(), Pods.shell("a", "true"));
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

    @Test
    void returnsWhatTheObserverSees() {
        ObservedPod now = started();
        assertEquals(observer.observe(Pods.WEB), now);
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

    @Test
    void loadsWhatItStarted() throws IOException {
        assertEquals(Optional.empty(), runtime.loadPod(Pods.UID));
        started();
        assertEquals(Pods.UID, runtime.loadPod(Pods.UID).orElseThrow().uid());
        Pod broken = new Pod(
                pod.name(),
                pod.node(),
                "e".repeat(32),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec(),
                new Pod.Manifest("broken", pod.source()));
        directories.make(broken);
        assertEquals(Optional.empty(), runtime.loadPod("e".repeat(32)));
        Pod another = Pods.pod(Pods.WEB, "d".repeat(32), List.of(), Pods.shell("a", "true"));
        Path manifest = dir.resolve("root/pods/" + "e".repeat(32) + "/manifest.json");
        Files.writeString(manifest, another.document() + "\n" + another.source());
        assertEquals(Optional.empty(), runtime.loadPod("e".repeat(32)));
    }

    /** Files are prepared ahead only for the first container of a pod and its first sandbox. */
    @Test
    void preparesFilesAgainThatWereRemovedBeforeTheFirstStart() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        Path terminationLog = directories.mountedFiles().terminationLog(Pods.UID, "a", 0);
        assertTrue(Files.exists(terminationLog));
        now = runtime.execute(new PodAction.StopSandbox(sandbox(now), ""), now);
        now = runtime.execute(new PodAction.RemoveSandbox(sandbox(now), ""), now);
        now = runtime.execute(new PodAction.RemoveDirectories(Pods.UID, ""), now);
        now = runtime.execute(new PodAction.CreateSandbox(pod, 1, ""), now);
        assertFalse(Files.exists(terminationLog));
        start(now, "a");
        assertTrue(Files.exists(terminationLog));
        assertTrue(Files.exists(directories.mountedFiles().hosts(Pods.UID)));
    }

    @Test
    void preparesAnUpdateWithoutTouchingWhatRuns() {
        ObservedPod now = started();
        Pod next = Pods.pod(Pods.WEB, "e".repeat(32), List.of(), Pods.shell("a", "true"));
        List<String> calls = new ArrayList<>();
        simulated.onCall(call -> calls.add(call.operation()));
        assertEquals(now, runtime.execute(prepare(next), now));
        assertTrue(calls.stream().allMatch("ImageStatus"::equals), calls::toString);
        Path made = dir.resolve("root/pods/" + "e".repeat(32));
        assertTrue(Files.exists(made.resolve("manifest.json")));
        assertTrue(Files.exists(made.resolve("etc-hosts")));
        assertTrue(Files.exists(made.resolve("containers/a/0")));
        runtime.execute(new PodAction.RemoveDirectories("e".repeat(32), ""), now);
        assertFalse(Files.exists(made));
    }

    @Test
    void saysWhatAnUpdateLacks() throws IOException {
        ObservedPod none = ObservedPod.none(Pods.WEB);
        Volume missing = new Volume.HostPath("v", dir.resolve("no").toString(), Volume.HostPathType.File);
        Pod next = Pods.pod(List.of(missing), Pods.shell("a", "true", new VolumeMount("v", "/v", false)));
        ActionFailedException failure =
                assertThrows(ActionFailedException.class, () -> runtime.execute(prepare(next), none));
        assertEquals("CreateContainerConfigError", failure.reason());
        assertEquals(
                "container a: hostPath type check failed: " + dir.resolve("no") + " is not a file",
                failure.getMessage());
        Files.createFile(dir.resolve("no"));
        runtime.execute(prepare(next), none);

        ContainerSpec wantsSecret = ContainerSpec.builder("a", IMAGE)
                .env(List.of(new EnvVar(
                        "A", new EnvVar.ConfigKey(new ConfigRef(ConfigRef.Kind.Secret, "nope", false), "key"))))
                .build();
        Pod another = Pods.pod(List.of(), wantsSecret);
        assertEquals(
                "container a: secret \"nope\" not found: write it to a file in /manifests with mode 0600, such as"
                        + " {apiVersion: v1, kind: Secret, metadata: {name: nope, namespace: default}, stringData:"
                        + " {key: value}}",
                assertThrows(ActionFailedException.class, () -> runtime.execute(prepare(another), none))
                        .getMessage());
    }

    private PodAction prepare(Pod next) {
        String image = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        return new PodAction.PrepareUpdate(next, Map.of("a", new PodAction.ContainerImages(image, Map.of())), "");
    }

    private ObservedPod started() {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        return start(start(now, "a"), "b");
    }

    private ObservedPod start(ObservedPod before, String container) {
        int attempt = simulated.containers().stream()
                .filter(c -> c.metadata().name().equals(container) && c.state() == ContainerState.EXITED)
                .mapToInt(c -> c.metadata().attempt() + 1)
                .max()
                .orElse(0);
        // the id of the image as a status contains it
        String image = simulated.imageService().imageStatus(ImageSpec.of(IMAGE)).id();
        return runtime.execute(
                new PodAction.StartContainer(pod, sandbox(before), container, attempt, Duration.ZERO, image, ""),
                before);
    }

    private static PodSandboxId sandbox(ObservedPod pod) {
        return pod.sandboxes().getFirst().id();
    }

    private static State.Exited exited(ObservedPod pod, String container) {
        return assertInstanceOf(
                State.Exited.class,
                pod.newest(Pods.UID, container).orElseThrow().state());
    }
}
