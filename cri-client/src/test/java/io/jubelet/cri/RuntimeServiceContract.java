package io.jubelet.cri;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the daemon relies on, whatever the runtime. Run on the simulation and on real ones: when they differ, the
 * simulation is wrong. Everything made here carries a label of its own and is removed again, so that others can use the
 * same runtime meanwhile.
 */
@Timeout(60)
public abstract class RuntimeServiceContract {
    private static final String BUSYBOX = "docker.io/library/busybox:1";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final PodSandboxId NO_SANDBOX = new PodSandboxId("0".repeat(64));
    private static final ContainerId NO_CONTAINER = new ContainerId("0".repeat(64));

    private final String run = UUID.randomUUID().toString();
    private int pods;

    @TempDir
    Path logs;

    /** The runtime under test; the same for one test. */
    protected abstract RuntimeService runtime();

    /** Its images, {@code docker.io/library/busybox:1} among them. */
    protected abstract ImageService images();

    /** Its events. */
    protected abstract RuntimeEvents events();

    @AfterEach
    void removeWhatWasMade() {
        for (PodSandbox sandbox : runtime().listPodSandboxes(PodSandboxFilter.labels(Map.of("run", run)))) {
            runtime().removePodSandbox(sandbox.id());
        }
    }

    @Test
    void tellsItsVersion() {
        VersionResponse version = runtime().version();
        assertEquals("v1", version.runtimeApiVersion());
        assertFalse(version.runtimeName().isEmpty());
        assertFalse(version.runtimeVersion().isEmpty());
    }

    @Test
    void isReady() {
        StatusResponse status = runtime().status(false);
        assertTrue(status.condition("RuntimeReady").status());
        assertNotNull(status.condition("NetworkReady"));
        assertTrue(status.info().isEmpty());
        assertFalse(runtime().status(true).info().isEmpty());
    }

    @Test
    void runsSandboxAndTellsItsStatus() {
        PodSandboxConfig config = pod();
        Instant before = Instant.now().minusSeconds(1);
        PodSandboxId id = runtime().runPodSandbox(config, "");
        PodSandboxStatus status = runtime().podSandboxStatus(id);
        assertEquals(id, status.id());
        assertEquals(PodSandboxState.READY, status.state());
        assertEquals(config.metadata(), status.metadata());
        assertEquals(config.labels(), status.labels());
        assertEquals(config.annotations(), status.annotations());
        assertFalse(status.network().ip().isEmpty());
        assertTrue(status.createdAt().isAfter(before));
        assertFalse(runtime().podSandboxStatusVerbose(id).info().isEmpty());
    }

    @Test
    void listsSandboxesByIdStateAndLabels() {
        PodSandboxId first = runtime().runPodSandbox(pod(), "");
        PodSandboxConfig otherConfig = pod();
        PodSandboxId other = runtime().runPodSandbox(otherConfig, "");
        runtime().stopPodSandbox(other);
        assertEquals(List.of(first), ids(PodSandboxFilter.id(first)));
        assertEquals(
                List.of(other),
                ids(PodSandboxFilter.labels(Map.of("uid", otherConfig.metadata().uid()))));
        assertEquals(2, ids(PodSandboxFilter.labels(Map.of("run", run))).size());
        assertEquals(List.of(), ids(PodSandboxFilter.labels(Map.of("run", run, "uid", "another"))));
        assertEquals(List.of(first), ids(new PodSandboxFilter(null, PodSandboxState.READY, Map.of("run", run))));
        assertTrue(ids(PodSandboxFilter.all()).containsAll(List.of(first, other)));
        PodSandbox listed =
                runtime().listPodSandboxes(PodSandboxFilter.id(other)).getFirst();
        assertEquals(PodSandboxState.NOT_READY, listed.state());
        assertEquals(otherConfig.metadata(), listed.metadata());
        assertEquals(otherConfig.annotations(), listed.annotations());
    }

    @Test
    void refusesSecondSandboxOfSameName() {
        PodSandboxConfig config = pod();
        PodSandboxId id = runtime().runPodSandbox(config, "");
        var e = assertThrows(CriException.AlreadyExists.class, () -> runtime().runPodSandbox(config, ""));
        assertEquals("RunPodSandbox", e.operation());
        assertTrue(e.getMessage().contains("is reserved"), e.getMessage());
        runtime().stopPodSandbox(id);
        assertThrows(CriException.AlreadyExists.class, () -> runtime().runPodSandbox(config, ""));
        runtime().removePodSandbox(id);
        assertNotEquals(id, runtime().runPodSandbox(config, ""));
    }

    @Test
    void stopsAndRemovesSandboxAgainAndAgain() {
        PodSandboxId id = runtime().runPodSandbox(pod(), "");
        runtime().stopPodSandbox(id);
        runtime().stopPodSandbox(id);
        PodSandboxStatus status = runtime().podSandboxStatus(id);
        assertEquals(PodSandboxState.NOT_READY, status.state());
        assertEquals("", status.network().ip());
        runtime().removePodSandbox(id);
        runtime().removePodSandbox(id);
        runtime().stopPodSandbox(id);
        assertThrows(CriException.NotFound.class, () -> runtime().podSandboxStatus(id));
        assertEquals(List.of(), ids(PodSandboxFilter.id(id)));
    }

    @Test
    void treatsAbsentThingsAsGone() {
        runtime().stopPodSandbox(NO_SANDBOX);
        runtime().removePodSandbox(NO_SANDBOX);
        runtime().stopContainer(NO_CONTAINER, Duration.ZERO);
        runtime().removeContainer(NO_CONTAINER);
        assertThrows(CriException.NotFound.class, () -> runtime().podSandboxStatus(NO_SANDBOX));
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(NO_CONTAINER));
        assertThrows(CriException.NotFound.class, () -> runtime().startContainer(NO_CONTAINER));
        assertThrows(CriException.NotFound.class, () -> runtime().reopenContainerLog(NO_CONTAINER));
        assertThrows(
                CriException.NotFound.class,
                () -> runtime().execSync(NO_CONTAINER, List.of("true"), Duration.ofSeconds(1)));
        assertThrows(
                CriException.NotFound.class,
                () -> runtime().createContainer(NO_SANDBOX, container("c", "true"), pod()));
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.id(NO_CONTAINER)));
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.sandbox(NO_SANDBOX)));
    }

    @Test
    void takesContainerThroughItsLife() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "sleep 1000");
        ContainerId id = runtime().createContainer(sandbox, config, pod);

        ContainerStatus created = runtime().containerStatus(id);
        assertEquals(ContainerState.CREATED, created.state());
        assertEquals(config.metadata(), created.metadata());
        assertEquals(config.labels(), created.labels());
        assertEquals(config.annotations(), created.annotations());
        assertEquals(BUSYBOX, created.image().image());
        assertTrue(created.imageRef().contains("sha256:"), created.imageRef());
        assertEquals(logs.resolve("c.log").toString(), created.logPath());
        assertNotNull(created.createdAt());
        assertNull(created.startedAt());
        assertNull(created.finishedAt());

        runtime().startContainer(id);
        ContainerStatus running = runtime().containerStatus(id);
        assertEquals(ContainerState.RUNNING, running.state());
        assertFalse(running.startedAt().isBefore(running.createdAt()));
        assertNull(running.finishedAt());
        assertFalse(runtime().containerStatusVerbose(id).info().isEmpty());

        runtime().stopContainer(id, Duration.ZERO);
        ContainerStatus exited = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, exited.state());
        assertEquals(137, exited.exitCode());
        assertEquals("Error", exited.reason());
        assertFalse(exited.finishedAt().isBefore(exited.startedAt()));
        runtime().stopContainer(id, Duration.ZERO);

        runtime().removeContainer(id);
        runtime().removeContainer(id);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
    }

    @Test
    void tellsHowProcessEnded() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId good = start(sandbox, pod, container("good", "exit 0"));
        ContainerId bad = start(sandbox, pod, container("bad", "exit 3"));
        awaitExit(good);
        awaitExit(bad);
        assertEquals(0, runtime().containerStatus(good).exitCode());
        assertEquals("Completed", runtime().containerStatus(good).reason());
        assertEquals(3, runtime().containerStatus(bad).exitCode());
        assertEquals("Error", runtime().containerStatus(bad).reason());
    }

    @Test
    void letsProcessAnswerItsStopSignal() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId polite =
                start(sandbox, pod, container("polite", "trap 'exit 143' TERM; echo ready; sleep 1000 & wait"));
        await(() -> log("polite").contains("ready"), "the trap is set");
        runtime().stopContainer(polite, Duration.ofSeconds(30));
        assertEquals(143, runtime().containerStatus(polite).exitCode());
        ContainerId deaf = start(sandbox, pod, container("deaf", "trap '' TERM; sleep 1000 & wait"));
        runtime().stopContainer(deaf, Duration.ofSeconds(1));
        assertEquals(137, runtime().containerStatus(deaf).exitCode());
    }

    @Test
    void startsContainerOnce() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        assertThrows(CriException.Failed.class, () -> runtime().startContainer(id));
        assertEquals(ContainerState.RUNNING, runtime().containerStatus(id).state());
        runtime().stopContainer(id, Duration.ZERO);
        assertThrows(CriException.Failed.class, () -> runtime().startContainer(id));
    }

    @Test
    void doesNotStopContainerThatNeverStarted() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "sleep 1000"), pod);
        runtime().stopContainer(id, Duration.ZERO);
        assertEquals(ContainerState.CREATED, runtime().containerStatus(id).state());
        runtime().removeContainer(id);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
    }

    @Test
    void failsToStartCommandThatDoesNotExist() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "true").toBuilder()
                .command(List.of("/no/such/program"))
                .args(List.of())
                .build();
        ContainerId id = runtime().createContainer(sandbox, config, pod);
        CriException e = assertThrows(CriException.class, () -> runtime().startContainer(id));
        assertTrue(e.getMessage().contains("no such file or directory"), e.toString());
        ContainerStatus status = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, status.state());
        assertEquals(128, status.exitCode());
        assertEquals("StartError", status.reason());
    }

    @Test
    void refusesSecondContainerOfSameName() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "true"), pod);
        var e = assertThrows(
                CriException.AlreadyExists.class,
                () -> runtime().createContainer(sandbox, container("c", "true"), pod));
        assertTrue(e.getMessage().contains("is reserved"), e.getMessage());
        runtime().removeContainer(id);
        assertNotEquals(id, runtime().createContainer(sandbox, container("c", "true"), pod));
    }

    @Test
    void startsNothingInStoppedSandbox() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "true"), pod);
        runtime().stopPodSandbox(sandbox);
        assertThrows(CriException.class, () -> runtime().startContainer(id));
        assertNotEquals(ContainerState.RUNNING, runtime().containerStatus(id).state());
    }

    @Test
    void refusesContainerOfMissingImage() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "true").toBuilder()
                .image(ImageSpec.of("localhost/no-such-image:1"))
                .build();
        assertThrows(CriException.NotFound.class, () -> runtime().createContainer(sandbox, config, pod));
    }

    @Test
    void removesRunningContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().removeContainer(id);
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.sandbox(sandbox)));
        assertEquals(PodSandboxState.READY, runtime().podSandboxStatus(sandbox).state());
    }

    @Test
    void stopsContainersWithTheirSandbox() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().stopPodSandbox(sandbox);
        ContainerStatus status = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, status.state());
        assertEquals(137, status.exitCode());
    }

    @Test
    void removesReadySandboxWithRunningContainers() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().removePodSandbox(sandbox);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
        assertEquals(List.of(), ids(PodSandboxFilter.id(sandbox)));
    }

    @Test
    void listsContainersBySandboxStateIdAndLabels() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId running = start(sandbox, pod, container("running", "sleep 1000"));
        ContainerId created = runtime().createContainer(sandbox, container("created", "true"), pod);
        assertEquals(List.of(created), ids(ContainerFilter.id(created)));
        assertEquals(List.of(running), ids(ContainerFilter.labels(Map.of("run", run, "name", "running"))));
        assertEquals(List.of(running), ids(new ContainerFilter(null, ContainerState.RUNNING, sandbox, Map.of())));
        assertEquals(2, ids(ContainerFilter.sandbox(sandbox)).size());
        assertTrue(ids(ContainerFilter.all()).containsAll(List.of(running, created)));
        Container listed = runtime().listContainers(ContainerFilter.id(running)).getFirst();
        assertEquals(sandbox, listed.podSandboxId());
        assertEquals(new ContainerMetadata("running", 0), listed.metadata());
        assertEquals(ContainerState.RUNNING, listed.state());
        assertEquals(BUSYBOX, listed.image().image());
        assertNotNull(listed.createdAt());
    }

    @Test
    void runsCommandInContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        ExecResult result = exec(id, "echo out; echo err >&2; exit 7", Duration.ofSeconds(10));
        assertEquals("out\n", result.stdoutText());
        assertEquals("err\n", result.stderrText());
        assertEquals(7, result.exitCode());
        assertThrows(CriException.DeadlineExceeded.class, () -> exec(id, "sleep 1000", Duration.ofSeconds(1)));
        runtime().stopContainer(id, Duration.ZERO);
        assertThrows(CriException.Failed.class, () -> exec(id, "true", Duration.ofSeconds(10)));
    }

    @Test
    void writesLog() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("talker", "echo hello; exit 0"));
        awaitExit(id);
        await(() -> log("talker").contains("hello"), "the line is written");
        assertTrue(log("talker").matches("\\d{4}-\\d\\d-\\d\\dT\\S+ stdout F hello\n"), log("talker"));
        assertThrows(CriException.class, () -> runtime().reopenContainerLog(id));
    }

    @Test
    void writesToNewFileAfterLogWasReopened() throws Exception {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        await(() -> Files.exists(logs.resolve("c.log")), "the log is there");
        Files.move(logs.resolve("c.log"), logs.resolve("c.log.1"));
        runtime().reopenContainerLog(id);
        assertTrue(Files.exists(logs.resolve("c.log")));
    }

    @Test
    void changesResourcesOfRunningContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        var resources = LinuxContainerResources.builder().cpuShares(512).build();
        runtime().updateContainerResources(id, ContainerResources.of(resources), Map.of());
        assertEquals(512, runtime().containerStatus(id).resources().linux().cpuShares());
    }

    @Test
    void tellsResourceUsage() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        assertEquals(id, runtime().containerStats(id).attributes().id());
        List<ContainerStats> listed = runtime().listContainerStats(ContainerStatsFilter.sandbox(sandbox));
        assertEquals(
                List.of(id),
                listed.stream().map(stats -> stats.attributes().id()).toList());
    }

    @Test
    void hintsAtWhatHappens() {
        try (EventStream<RuntimeEvent> stream = events().open().orElseThrow()) {
            PodSandboxConfig pod = pod();
            PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
            ContainerId id = start(sandbox, pod, container("c", "exit 0"));
            awaitEvent(stream, RuntimeEvent.Kind.STARTED, sandbox.value());
            awaitEvent(stream, RuntimeEvent.Kind.STARTED, id.value());
            awaitEvent(stream, RuntimeEvent.Kind.STOPPED, id.value());
            awaitExit(id); // the hint may come before the status shows it
        }
    }

    @Test
    void knowsItsImages() {
        Image image = images().imageStatus(ImageSpec.of(BUSYBOX));
        assertTrue(image.repoTags().contains(BUSYBOX), image.toString());
        assertTrue(image.id().startsWith("sha256:"), image.id());
        assertTrue(image.size() > 0);
        assertEquals(image.id(), images().imageStatus(ImageSpec.of(image.id())).id());
        assertEquals(image.id(), images().imageStatus(ImageSpec.of("busybox:1")).id());
        assertTrue(images().listImages().stream().anyMatch(each -> each.id().equals(image.id())));
        assertNull(images().imageStatus(ImageSpec.of("localhost/no-such-image:1")));
        images().removeImage(ImageSpec.of("localhost/no-such-image:1"));
        assertNotNull(images().imageFsInfo());
    }

    @Test
    void failsToPullFromNowhere() {
        CriException e = assertThrows(
                CriException.class, () -> images().pullImage(ImageSpec.of("localhost:1/none:1"), null, null));
        assertEquals("PullImage", e.operation());
        assertTrue(e.getMessage().contains("localhost:1/none:1"), e.getMessage());
    }

    private PodSandboxConfig pod() {
        String name = "contract-" + pods++;
        String uid = run + "-" + name;
        var namespaces = new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null);
        var security = LinuxSandboxSecurityContext.builder()
                .namespaceOptions(namespaces)
                .build();
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name, uid, "contract", 0))
                .hostname(name)
                .logDirectory(logs.toString())
                .labels(Map.of("run", run, "uid", uid))
                .annotations(Map.of("made-by", "contract"))
                .linux(LinuxPodSandboxConfig.builder()
                        .cgroupParent("/jubelet-contract")
                        .securityContext(security)
                        .build())
                .build();
    }

    private ContainerConfig container(String name, String script) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(name, 0))
                .image(ImageSpec.of(BUSYBOX))
                .command(List.of("sh", "-c", script))
                .labels(Map.of("run", run, "name", name))
                .annotations(Map.of("note", "n"))
                .logPath(name + ".log")
                .linux(new LinuxContainerConfig(
                        LinuxContainerResources.builder().build(),
                        LinuxContainerSecurityContext.builder().build()))
                .build();
    }

    private ContainerId start(PodSandboxId sandbox, PodSandboxConfig pod, ContainerConfig config) {
        ContainerId id = runtime().createContainer(sandbox, config, pod);
        runtime().startContainer(id);
        return id;
    }

    private ExecResult exec(ContainerId container, String script, Duration timeout) {
        return runtime().execSync(container, List.of("sh", "-c", script), timeout);
    }

    private List<PodSandboxId> ids(PodSandboxFilter filter) {
        return runtime().listPodSandboxes(filter).stream().map(PodSandbox::id).toList();
    }

    private List<ContainerId> ids(ContainerFilter filter) {
        return runtime().listContainers(filter).stream().map(Container::id).toList();
    }

    private String log(String name) {
        try {
            Path file = logs.resolve(name + ".log");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void awaitExit(ContainerId container) {
        await(() -> runtime().containerStatus(container).state() == ContainerState.EXITED, "the process has ended");
    }

    /** Looks again at every event, and every 50 ms for what has none. */
    private void await(BooleanSupplier condition, String what) {
        Instant deadline = Instant.now().plus(SOON);
        try (EventStream<RuntimeEvent> stream = events().open().orElseThrow()) {
            while (!condition.getAsBoolean()) {
                assertTrue(Instant.now().isBefore(deadline), "not in time: " + what);
                stream.poll(Duration.ofMillis(50));
            }
        }
    }

    private static void awaitEvent(EventStream<RuntimeEvent> stream, RuntimeEvent.Kind kind, String id) {
        Instant deadline = Instant.now().plus(SOON);
        while (true) {
            RuntimeEvent event = stream.poll(Duration.between(Instant.now(), deadline));
            assertNotNull(event, "no event " + kind + " of " + id);
            if (event.kind() == kind && event.id().equals(id)) {
                return;
            }
        }
    }
}
