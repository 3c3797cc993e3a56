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
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.Pods;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.logs.ContainerLogs;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.ResolvConf;
import io.jubelet.observed.Labels;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodLifecycleEventGenerator;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.Relist;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lifecycle of pods on a real containerd, step by step. */
@Tag("containerd")
class PodRuntimeContainerdTest {

    private static final String PROPERTY = "jubelet.test.containerd";

    @TempDir
    Path dir;

    private CriConnection connection;
    private PodDirectories directories;
    private PodRuntime runtime;
    private PodObserver observer;

    @BeforeEach
    void connect() throws IOException {
        String socket = System.getProperty(PROPERTY, "");
        if (socket.isEmpty()) {
            String advice =
                    "no containerd: start one with tools/containerd.sh, import tools/images.sh into it, and pass -D"
                            + PROPERTY + "=SOCKET";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(advice);
            }
            assumeTrue(false, advice);
        }
        connection = CriConnection.open(socket);
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        NodeFacts facts = NodeFacts.read();
        NodeProfile profile = new NodeProfile(
                Pods.NODE,
                List.of(),
                ClusterDns.NONE,
                new NodeProfile.Cgroups(
                        Optional.of(Duration.ofMillis(100)), facts.cgroupV2(), facts.swapLimits(), List.of(), true),
                facts.memoryBytes(),
                facts.thermalThrottlePaths());
        ImageUserCache imageService = new ImageUserCache(connection.imageService());
        ImagePuller images = new ImagePuller(
                imageService,
                new RegistryPuller(
                        imageService,
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        2,
                        new PullRateLimiter(0, 1),
                        InstantSource.system()),
                new PullRecords(dir.resolve("image_manager"), (_, ours) -> ours),
                () -> LocalConfig.NONE,
                new EventRecorder(InstantSource.system(), () -> {}),
                Threads::startVirtual,
                _ -> {},
                NodeClock.system());
        runtime = new PodRuntimeBuilder(
                        connection.runtimeService(), imageService, images, directories, dir.resolve("root"))
                .node(profile, new ResolvConf(List.of("192.0.2.53"), List.of(), List.of()))
                .startLimit(4)
                .build((document, _) ->
                        Pods.pod(Pods.WEB, document.substring(7, 39), List.of(), Pods.shell("c", "true")));
        observer = new PodObserver(connection.runtimeService(), NodeNames.of(Pods.NODE), NodeClock.system());
        removeAll();
    }

    @AfterEach
    void disconnect() {
        if (connection != null) {
            removeAll();
            connection.close();
        }
    }

    private void removeAll() {
        connection
                .runtimeService()
                .listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(Pods.NODE)))
                .forEach(sandbox -> {
                    connection.runtimeService().stopPodSandbox(sandbox.id());
                    connection.runtimeService().removePodSandbox(sandbox.id());
                });
    }

    @Test
    void runsAPodFromItsImageToTheLastFile() throws Exception {
        Path fromHost = Files.createDirectory(dir.resolve("host"));
        Files.writeString(fromHost.resolve("file"), "from the host\n");
        VolumeMount shared = new VolumeMount("shared", "/shared", false);
        ContainerSpec writer = Pods.container(
                "writer",
                List.of(
                        "sh",
                        "-c",
                        "cat /host/file; echo $(GREETING) > /shared/word; echo oops >&2; echo done >"
                                + " /dev/termination-log; exit 3"),
                List.of(new EnvVar("WHO", "world"), new EnvVar("GREETING", "hello-$(WHO)")),
                new Resources(
                        Map.of("cpu", Quantity.parse("100m")),
                        Map.of("memory", Quantity.parse("32Mi"), "cpu", Quantity.parse("500m"))),
                List.of(new ContainerPort("http", 80, 0, "", ContainerPort.Protocol.TCP)),
                shared,
                new VolumeMount("host", "/host", true));
        ContainerSpec reader = Pods.shell(
                "reader", "trap 'exit 0' TERM; sleep 1000 & wait", shared, new VolumeMount("memory", "/memory", false));
        Pod pod = Pods.pod(
                List.of(
                        new Volume.EmptyDir("shared", Volume.Medium.DISK, Optional.empty()),
                        new Volume.EmptyDir("memory", Volume.Medium.MEMORY, Optional.of(Quantity.parse("1Mi"))),
                        new Volume.HostPath("host", fromHost.toString(), Volume.HostPathType.Directory)),
                writer,
                reader);

        ObservedPod now = start(pod);
        ObservedPod seen = observer.observe(Pods.WEB);
        assertEquals(1, seen.sandboxes().size());
        assertEquals(
                now.sandboxes().getFirst().id(), seen.sandboxes().getFirst().id());
        assertEquals(
                now.sandboxes().getFirst().ips(), seen.sandboxes().getFirst().ips());
        assertEquals(1, seen.sandboxes().getFirst().ips().size());
        assertEquals(Duration.ofSeconds(5), seen.sandboxes().getFirst().gracePeriod());
        seen = await("writer", State.Exited.class);
        State.Exited exited = assertInstanceOf(State.Exited.class, state(seen, "writer"));
        assertEquals(3, exited.exitCode());
        assertInstanceOf(State.Running.class, state(seen, "reader"));

        ContainerId id = seen.newest(Pods.UID, "reader").orElseThrow().id();
        assertEquals("hello-world\n", exec(id, "cat", "/shared/word"));
        assertTrue(exec(id, "cat", "/etc/hosts")
                .contains(now.sandboxes().getFirst().ips().getFirst() + "\tweb-node1"));
        assertEquals("web-node1\n", exec(id, "hostname"));
        assertTrue(exec(id, "grep", "/memory", "/proc/mounts").contains("tmpfs"));
        assertEquals("done\n", Files.readString(directories.mountedFiles().terminationLog(Pods.UID, "writer", 0)));
        // the runtime reads the two streams in any order
        assertEquals(Set.of("from the host", "oops"), log("writer", 0).lines().collect(Collectors.toSet()));

        Pod loaded = runtime.loadPod(Pods.UID).orElseThrow();
        assertEquals(Pods.UID, loaded.uid());

        ObservedPod stopped =
                runtime.execute(new PodAction.StopContainers(List.of(id), Duration.ofSeconds(5), ""), seen);
        assertEquals(
                0,
                assertInstanceOf(State.Exited.class, state(stopped, "reader")).exitCode());
        stopped = runtime.execute(
                new PodAction.StopSandbox(seen.sandboxes().getFirst().id(), ""), stopped);
        assertFalse(stopped.live());
        assertEquals(stopped.containers(), observer.observe(Pods.WEB).containers());
        ContainerId writerId = seen.newest(Pods.UID, "writer").orElseThrow().id();
        stopped = runtime.execute(new PodAction.RemoveContainer(writerId, "writer", 0, Pods.UID, ""), stopped);
        assertFalse(Files.exists(directories.log(Pods.WEB, Pods.NODE, Pods.UID, "writer", 0)));
        stopped = runtime.execute(new PodAction.RemoveDirectories(Pods.UID, ""), stopped);
        stopped = runtime.execute(
                new PodAction.RemoveSandbox(seen.sandboxes().getFirst().id(), ""), stopped);
        assertTrue(stopped.isEmpty());
        assertTrue(observer.observe(Pods.WEB).isEmpty());
        assertEquals("from the host\n", Files.readString(fromHost.resolve("file")));
        assertFalse(Files.exists(dir.resolve("root/pods").resolve(Pods.UID)));
        assertEquals(0, dir.resolve("logs").toFile().list().length);
    }

    @Test
    void repeatingAnActionChangesNothing() {
        Pod pod = Pods.pod(List.of(), Pods.shell("app", "sleep 1000"));
        ObservedPod first = start(pod);
        ObservedPod second = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        assertEquals(
                first.sandboxes().getFirst().id(), second.sandboxes().getFirst().id());
        ObservedContainer app = first.containers().getFirst();
        ObservedPod again = runtime.execute(
                new PodAction.StartContainer(pod, app.sandboxId(), "app", 0, Duration.ZERO, app.imageId(), ""), second);
        assertEquals(app.id(), again.containers().getFirst().id());
        again = runtime.execute(new PodAction.StartCreated(pod, app.id(), "app", ""), again);
        assertInstanceOf(State.Running.class, again.containers().getFirst().state());
        assertEquals(1, observer.observe(Pods.WEB).containers().size());
        for (int i = 0; i < 2; i++) {
            again = runtime.execute(new PodAction.StopSandbox(app.sandboxId(), ""), again);
            assertFalse(again.live());
        }
        for (int i = 0; i < 2; i++) {
            again = runtime.execute(new PodAction.RemoveSandbox(app.sandboxId(), ""), again);
            assertTrue(again.isEmpty());
        }
    }

    @Test
    void reportsWhyAContainerDoesNotStart() {
        ContainerSpec wrong = Pods.shell("wrong", "", new VolumeMount("v", "/v", false));
        ContainerSpec missing =
                Pods.container("missing", List.of("/no/such/program"), List.of(), Resources.NONE, List.of());
        Pod pod = Pods.pod(
                List.of(new Volume.HostPath("v", dir.resolve("absent").toString(), Volume.HostPathType.Directory)),
                wrong,
                missing,
                Pods.shell("imageless", "true"));
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(Pods.WEB));
        ActionFailedException config =
                assertThrows(ActionFailedException.class, () -> startContainer(pod, "wrong", imageId(pod), now));
        assertEquals("CreateContainerConfigError", config.reason());
        assertEquals(
                "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " + dir.resolve("absent")
                        + " is not a directory",
                config.getMessage());
        assertTrue(config.isMount());
        ActionFailedException run =
                assertThrows(ActionFailedException.class, () -> startContainer(pod, "missing", imageId(pod), now));
        assertEquals("RunContainerError", run.reason());
        assertTrue(run.getMessage().contains("no such file or directory"), run.getMessage());
        assertFalse(run.getMessage().contains("rpc error"), run.getMessage());
        ActionFailedException create = assertThrows(
                ActionFailedException.class, () -> startContainer(pod, "imageless", "sha256:" + "0".repeat(64), now));
        assertEquals("CreateContainerError", create.reason());
    }

    @Test
    void noticesAnExitWithinMilliseconds() throws Exception {
        Pod pod = Pods.pod(List.of(), Pods.shell("app", "sleep 1000"));
        start(pod);
        Wakeup woken = new Wakeup();
        Relist relist =
                new Relist(connection.runtimeService(), NodeNames.of(Pods.NODE), observer, InstantSource.system());
        assertEquals(Set.of(Pods.WEB), relist.relist());
        observer.observe(Pods.WEB);
        assertEquals(Set.of(), relist.relist());
        try (PodLifecycleEventGenerator hints = new PodLifecycleEventGenerator(
                connection.events(),
                observer,
                relist,
                new PodLifecycleEventGenerator.Listeners(_ -> woken.signal(), _ -> {}, () -> {}),
                PodLifecycleEventGenerator.RelistPeriods.DEFAULT)) {
            hints.start();
            Eventually.await("the stream of events", hints::streaming);
            for (int round = 0; round < 3; round++) {
                ObservedContainer app =
                        observer.observe(Pods.WEB).newest(Pods.UID, "app").orElseThrow();
                woken.awaitMillis(0);
                long pid = Long.parseLong(connection
                        .runtimeService()
                        .containerStatusVerbose(app.id())
                        .info()
                        .get("info")
                        .replaceAll("(?s).*?\"pid\":\\s*(\\d+).*", "$1"));
                long killed = System.nanoTime();
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                assertTrue(woken.awaitMillis(2000), "no event");
                long event = System.nanoTime();
                int looks = 1;
                ObservedPod seen = observer.observe(Pods.WEB);
                while (!(state(seen, "app") instanceof State.Exited)) {
                    Instant next = observer.recheckAt(Pods.WEB).orElseThrow();
                    Duration pause = Duration.between(Instant.now(), next);
                    woken.awaitFor(pause);
                    seen = observer.observe(Pods.WEB);
                    looks++;
                }
                long known = System.nanoTime();
                assertTrue(
                        known - killed < 2_000_000_000L, looks + " looks, the last after " + (known - event) + " ns");
                startContainer(pod, "app", app.imageId(), seen);
            }
        }
    }

    // --- steps

    private ObservedPod start(Pod pod) {
        ObservedPod now = runtime.execute(new PodAction.CreateSandbox(pod, 0, ""), ObservedPod.none(pod.name()));
        String image = imageId(pod);
        for (ContainerSpec container : pod.spec().containers()) {
            now = startContainer(pod, container.name(), image, now);
        }
        return now;
    }

    private String imageId(Pod pod) {
        String image = pod.spec().containers().getFirst().image();
        runtime.execute(
                new PodAction.EnsureImage(pod, image, ImagePullPolicy.IfNotPresent, Instant.EPOCH, false, ""),
                ObservedPod.none(pod.name()));
        return assertInstanceOf(
                        ImageState.Present.class,
                        runtime.images(pod.name(), List.of(pod))
                                .of(pod, pod.spec().containers().getFirst()))
                .id();
    }

    private ObservedPod startContainer(Pod pod, String name, String image, ObservedPod before) {
        int attempt = before.newest(pod.uid(), name).map(c -> c.attempt() + 1).orElse(0);
        return runtime.execute(
                new PodAction.StartContainer(
                        pod, before.sandboxes().getFirst().id(), name, attempt, Duration.ofSeconds(10), image, ""),
                before);
    }

    private ObservedPod await(String container, Class<? extends State> state) {
        return Eventually.await(
                container + " to be " + state.getSimpleName(),
                () -> observer.observe(Pods.WEB),
                seen -> state.isInstance(state(seen, container)));
    }

    private static State state(ObservedPod pod, String container) {
        return pod.newest(Pods.UID, container).orElseThrow().state();
    }

    private String exec(ContainerId id, String... command) {
        ExecResult result = connection.runtimeService().execSync(id, List.of(command), Duration.ofSeconds(5));
        return new String(result.stdout(), StandardCharsets.UTF_8);
    }

    private String log(String container, int attempt) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PodName name = Pods.WEB;
        new ContainerLogs(directories, NodeNames.of(Pods.NODE))
                .copy(
                        new ContainerLogs.Instance(name, Pods.UID, container, attempt),
                        new ContainerLogs.Options(true, OptionalLong.empty(), false, Optional.empty()),
                        () -> false,
                        out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
