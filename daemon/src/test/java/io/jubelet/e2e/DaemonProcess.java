package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.api.LocalClient;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CriConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A daemon as a process of its own on a real containerd, with directories and a node name that nobody else uses, and the
 * means to look at what it did from outside.
 */
final class DaemonProcess implements AutoCloseable {

    /** Longest wait for anything that should happen soon; a machine under load is slow, not wrong. */
    static final Duration SOON = Duration.ofSeconds(60);

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final String OWNER = "jubelet.io/node";

    final String node;
    final Path home;
    final Path manifests;
    final Path rootDir;
    final Path logs;
    final CriConnection cri;
    /** Below it are the cgroups of this daemon's pods. */
    final String cgroupRoot;

    private List<String> extraOptions;
    final Path socket;
    private final Path endpoint;
    private Process process;

    DaemonProcess(String... extraOptions) throws IOException {
        this(RuntimeUnderTest.containerd(), List.of(extraOptions));
    }

    DaemonProcess(Path containerd, List<String> extraOptions) throws IOException {
        this(containerd, containerd, extraOptions);
    }

    /** @param endpoint where the daemon shall think that {@code containerd} is */
    DaemonProcess(Path containerd, Path endpoint, List<String> extraOptions) throws IOException {
        this.node = "it-" + Long.toHexString(System.nanoTime() & 0xffffffffffL);
        this.home = Files.createTempDirectory("jubelet-e2e");
        this.cgroupRoot = "jubelet-" + node;
        this.manifests = Files.createDirectory(home.resolve("manifests"));
        this.rootDir = home.resolve("root");
        this.logs = home.resolve("logs");
        this.socket = home.resolve("api.sock");
        this.endpoint = endpoint;
        this.cri = CriConnection.open(containerd.toString());
        this.extraOptions = extraOptions;
    }

    RuntimeService runtime() {
        return cri.runtimeService();
    }

    // --- the process

    /** Starts the daemon, with more options than it was made with, and waits until it answers. */
    DaemonProcess start(String... more) throws IOException {
        process = new ProcessBuilder(command(more))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolve("daemon.log").toFile()))
                .start();
        await("the daemon to answer", () -> get("/healthz").equals("ok"));
        return this;
    }

    /** What the daemon is told in addition when it is started next. */
    void options(String... options) {
        extraOptions = List.of(options);
    }

    /** Adds to what the daemon is told in addition: flags that take this daemon's node name or directories. */
    DaemonProcess withFlags(String... flags) {
        extraOptions =
                Stream.concat(extraOptions.stream(), Arrays.stream(flags)).toList();
        return this;
    }

    /** The command line of the daemon. */
    List<String> command(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "--pod-manifest-path=" + manifests,
                "--container-runtime-endpoint=unix://" + endpoint,
                "--root-dir=" + rootDir,
                "--pod-logs-dir=" + logs,
                "--cgroup-root=/" + cgroupRoot,
                "--hostname-override=" + node));
        for (String flag : List.of("--pod-logs-dir=", "--container-runtime-endpoint=")) {
            if (extraOptions.stream().anyMatch(option -> option.startsWith(flag))) {
                arguments.removeIf(argument -> argument.startsWith(flag));
            }
        }
        arguments.addAll(extraOptions);
        if (extraOptions.stream().noneMatch(option -> option.startsWith("--image-gc"))) {
            arguments.add("--image-gc-high-threshold=100"); // the images of tests stay, however full the disk is
        }
        arguments.addAll(List.of(more));
        return Commands.jubelet(socket, arguments.toArray(String[]::new));
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM, as systemd stops it; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            fail("the daemon did not end after SIGTERM\n" + log());
        }
        return process.exitValue();
    }

    /** The resident memory of the daemon. */
    long residentKilobytes() throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }

    String log() {
        try {
            return Files.readString(home.resolve("daemon.log"));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    private String details() {
        return log() + "\n" + threads();
    }

    /** What every thread of the daemon does at this moment, virtual ones included, for those who ask why nothing happens. */
    private String threads() {
        if (process == null || !process.isAlive()) {
            return "the daemon does not run";
        }
        Path dump = home.resolve("threads.txt");
        try {
            Files.deleteIfExists(dump);
            Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
            Commands.run(
                    List.of(jcmd.toString(), Long.toString(process.pid()), "Thread.dump_to_file", dump.toString()));
            return Files.readString(dump);
        } catch (IOException e) {
            return "no thread dump: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "no thread dump: interrupted";
        }
    }

    /** What a diagnostic command of the JDK says of the daemon. */
    String jcmd(String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        return Commands.run(List.of(jcmd.toString(), Long.toString(process.pid()), command))
                .out();
    }

    // --- manifests

    /** Writes a manifest as a careful writer does: beside the directory, then renamed into it. */
    Path write(String file, String content) throws IOException {
        Path temporary = Files.writeString(home.resolve(file + ".new"), content);
        return Files.move(temporary, manifests.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    void remove(String file) throws IOException {
        Files.delete(manifests.resolve(file));
    }

    /** A pod of one busybox container which runs the shell script until it is stopped. */
    static String pod(String name, String script) {
        return pod(name, script, "");
    }

    /** As {@link #pod(String, String)} with more lines of the spec, indented by two. */
    static String pod(String name, String script, String moreSpec) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                spec:
                  terminationGracePeriodSeconds: 5
                %s
                  containers:
                  - name: app
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: ["sh", "-c", %s]
                """.formatted(name, moreSpec.isEmpty() ? "  # nothing else" : moreSpec.stripTrailing(), quoted(script));
    }

    /** Runs until it gets TERM, and then ends at once. */
    static String sleeper() {
        return "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done";
    }

    private static String quoted(String script) {
        return '"' + script.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    // --- what the runtime shows

    List<PodSandbox> sandboxes(String pod) {
        return runtime().listPodSandboxes(PodSandboxFilter.labels(labels(pod)));
    }

    List<Container> containers(String pod) {
        return runtime().listContainers(ContainerFilter.labels(labels(pod)));
    }

    private Map<String, String> labels(String pod) {
        return Map.of(OWNER, node, "io.kubernetes.pod.name", pod + "-" + node);
    }

    List<Container> running(String pod) {
        return containers(pod).stream()
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
    }

    /** Waits until exactly one container of the pod runs, and returns it. */
    Container awaitRunning(String pod) {
        await(pod + " to run", () -> running(pod).size() == 1);
        return running(pod).getFirst();
    }

    /** Waits until another container of the pod than {@code before} runs, and it alone. */
    Container awaitReplaced(String pod, Container before) {
        await(pod + " to be replaced", () -> {
            List<Container> now = running(pod);
            return now.size() == 1 && !now.getFirst().id().equals(before.id());
        });
        return running(pod).getFirst();
    }

    /** Waits until the runtime shows nothing at all of the pod. */
    void awaitGone(String pod) {
        await(
                pod + " to be gone",
                () -> sandboxes(pod).isEmpty() && containers(pod).isEmpty());
    }

    /** The process id of a container's first process. */
    long pid(Container container) {
        String info = runtime().containerStatusVerbose(container.id()).info().toString();
        Matcher matcher = Pattern.compile("\"pid\":\\s*(\\d+)").matcher(info);
        if (!matcher.find()) {
            return fail("no pid in " + info);
        }
        return Long.parseLong(matcher.group(1));
    }

    /** kill -9 to a container's first process. */
    void crash(Container container) {
        ProcessHandle.of(pid(container)).orElseThrow().destroyForcibly();
    }

    ContainerStatus status(Container container) {
        return runtime().containerStatus(container.id());
    }

    /** What a container wrote so far, both streams, without the time stamps of the log. */
    String output(Container container) {
        Path log = Path.of(status(container).logPath());
        try {
            StringBuilder text = new StringBuilder();
            for (String line : Files.readAllLines(log)) {
                String[] parts = line.split(" ", 4);
                text.append(parts.length == 4 ? parts[3] : "").append('\n');
            }
            return text.toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** The directories of a name below the cgroups of this daemon, in all hierarchies. */
    List<Path> cgroupsNamed(String name) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path top : cgroupTops()) {
            try (Stream<Path> below = Files.walk(top)) {
                below.filter(path -> path.getFileName().toString().contains(name))
                        .forEach(found::add);
            }
        }
        return found;
    }

    /** With cgroup v2 the one of all controllers, with v1 that of each. */
    private List<Path> cgroupTops() throws IOException {
        List<Path> tops = new ArrayList<>(List.of(CGROUPS.resolve(cgroupRoot)));
        try (Stream<Path> hierarchies = Files.list(CGROUPS)) {
            hierarchies.map(hierarchy -> hierarchy.resolve(cgroupRoot)).forEach(tops::add);
        }
        tops.removeIf(top -> !Files.isDirectory(top));
        return tops;
    }

    /**
     * Those of pods stay when their sandboxes are removed without the daemon. False while one is in use: the runtime goes on
     * with what the daemon had asked for last.
     */
    private boolean removeCgroups() {
        try {
            for (Path top : cgroupTops()) {
                try (Stream<Path> below = Files.walk(top)) {
                    for (Path cgroup : below.filter(Files::isDirectory)
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                        Files.deleteIfExists(cgroup);
                    }
                }
            }
            return true;
        } catch (IOException | UncheckedIOException _) {
            return false;
        }
    }

    // --- what the daemon says

    /** The body of an answer of the local API; the error's text when there is none. */
    String get(String target) {
        try (var body = new LocalClient(socket).get(target)) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (Exception e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Runs a CLI command and returns what it prints, both streams. */
    String cli(String... arguments) throws IOException, InterruptedException {
        Commands.Outcome outcome = jubelet(arguments);
        return outcome.out() + outcome.err();
    }

    /** Runs a CLI command against this daemon to its end. */
    Commands.Outcome jubelet(String... arguments) throws IOException, InterruptedException {
        return Commands.run(Commands.jubelet(socket, arguments));
    }

    /** Starts a CLI command against this daemon that goes on until it is closed or ends. */
    Commands.Running follow(String... arguments) throws IOException {
        return Commands.start(Commands.jubelet(socket, arguments));
    }

    /** As {@link #cli}, for conditions. */
    String cliQuietly(String... arguments) {
        try {
            return cli(arguments);
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    // --- waiting

    /** Waits for a condition by looking again and again; fails with the daemon's log when it does not come. */
    void await(String what, BooleanSupplier condition) {
        await(what, SOON, condition);
    }

    void await(String what, Duration atMost, BooleanSupplier condition) {
        Waiting.await(what, atMost, condition, this::details);
    }

    /** Checks that a condition holds all the time. */
    void holdsFor(String what, Duration time, BooleanSupplier condition) {
        Waiting.holdsFor(what, time, condition, this::details);
    }

    /** Tries once to remove every sandbox; what the runtime refused is in {@code refusals}. */
    private boolean removeSandboxes(List<CriException> refusals) {
        PodSandboxFilter ours = PodSandboxFilter.labels(Map.of(OWNER, node));
        refusals.clear();
        for (PodSandbox sandbox : runtime().listPodSandboxes(ours)) {
            try {
                runtime().stopPodSandbox(sandbox.id());
                runtime().removePodSandbox(sandbox.id());
            } catch (CriException e) {
                refusals.add(e);
            }
        }
        return runtime().listPodSandboxes(ours).isEmpty();
    }

    /** Takes away what is mounted in this test's directories, so that nothing behind a mount is deleted. */
    private void unmount() throws IOException {
        List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
        for (String line : mounts.reversed()) {
            String point = line.split(" ")[4];
            if (point.startsWith(home + "/")) {
                try {
                    Commands.run(List.of("umount", "-l", point));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted before " + point + " was unmounted", e);
                }
            }
        }
    }

    /** Ends the daemon and removes every pod and file of this test. */
    @Override
    public void close() throws IOException {
        if (process != null) {
            process.destroyForcibly();
            process.onExit().join();
        }
        // What the daemon was about when it was killed may still be going on, and a call that meets it fails: once
        // more.
        List<CriException> refusals = new ArrayList<>();
        Waiting.await(
                "every sandbox and cgroup to be removed",
                SOON,
                () -> removeSandboxes(refusals) && removeCgroups(),
                refusals::toString);
        cri.close();
        unmount();
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException problem) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
