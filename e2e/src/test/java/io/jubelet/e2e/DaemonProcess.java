/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.api.LocalClient;
import io.jubelet.cri.CriException;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A daemon as a separate process on a real containerd, with its own directories and node name, and the
 * means to look at what it did from outside.
 */
final class DaemonProcess extends PodsOnRuntime implements AutoCloseable {

    final Path home;
    final Path manifests;
    final Path rootDir;
    final Path logs;

    private List<String> extraOptions;
    private List<String> wrapper = List.of();
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
        super("it-" + Long.toHexString(System.nanoTime() & 0xffffffffffL), containerd);
        this.home = Files.createTempDirectory("jubelet-e2e");
        this.manifests = Files.createDirectory(home.resolve("manifests"));
        this.rootDir = home.resolve("root");
        this.logs = home.resolve("logs");
        this.socket = home.resolve("api.sock");
        this.endpoint = endpoint;
        this.extraOptions = extraOptions;
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

    /** Additional flags for the next start of the daemon. */
    void options(String... options) {
        extraOptions = List.of(options);
    }

    /** Adds flags for the next start, which may contain this daemon's node name or directories. */
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
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(Commands.jubelet(socket, arguments.toArray(String[]::new)));
        return command;
    }

    /** Lets the next starts run the daemon by a program, which gets the command line of the daemon as its last arguments. */
    void runBy(String... program) {
        wrapper = List.of(program);
    }

    long pid() {
        return process.pid();
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM, as systemd stops it; returns the exit code. */
    int stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)) {
            fail("the daemon did not end after SIGTERM\n" + log());
        }
        return process.exitValue();
    }

    /** Whether the process runs. */
    boolean alive() {
        return process.isAlive();
    }

    /** The resident memory of the daemon. */
    long residentKilobytes() throws IOException {
        return kilobytes("VmRSS:");
    }

    /** The most resident memory that the daemon has had since it started. */
    long peakResidentKilobytes() throws IOException {
        return kilobytes("VmHWM:");
    }

    private long kilobytes(String field) throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(field))
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

    @Override
    String details() {
        return log() + "\n" + threads();
    }

    /** A dump of all threads of the daemon, virtual ones included, for the details of a failed wait. */
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

    /** Starts a CLI command against this daemon, which runs until it exits or is closed. */
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
        // The runtime may still carry out what the daemon requested last, and a removal fails meanwhile.
        List<CriException> refusals = new ArrayList<>();
        Eventually.within(SOON)
                .retrying(CriException.class)
                .details(refusals::toString)
                .until("every sandbox and cgroup to be removed", () -> removeSandboxes(refusals) && removeCgroups());
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
