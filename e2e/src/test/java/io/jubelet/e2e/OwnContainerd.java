/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A containerd of one test, which may kill or reconfigure it. */
final class OwnContainerd implements AutoCloseable {

    private final Path directory;

    /** Starts one; the test is skipped where others on real containerd are. */
    OwnContainerd() throws IOException, InterruptedException {
        this(RuntimeUnderTest.containerd());
    }

    /** Starts one of the same version as that behind a socket. */
    OwnContainerd(Path like) throws IOException, InterruptedException {
        String below = System.getProperty("jubelet.test.dir", "");
        directory = below.isEmpty()
                ? Files.createTempDirectory("jb")
                : Files.createTempDirectory(Files.createDirectories(Path.of(below)), "ctd");
        tool(
                "containerd.sh",
                "start",
                directory.toString(),
                Files.readString(like.resolveSibling("bin-dir")).strip());
        tool("images.sh", socket().toString(), directory.resolve("images").toString());
    }

    Path socket() {
        return directory.resolve("containerd.sock");
    }

    /** Starts it, and again after {@link #signal} ended it: then it takes the running containers over. */
    void start() throws IOException, InterruptedException {
        tool("containerd.sh", "start", directory.toString());
    }

    /** Sends a signal, by its name without SIG. */
    void signal(String name) throws IOException, InterruptedException {
        Commands.shell(directory, "kill -" + name + " $(cat containerd.pid)");
    }

    /** Ends it by a signal and waits for the end; containers run on. */
    void end(String signal) throws IOException, InterruptedException {
        long pid = Long.parseLong(
                Files.readString(directory.resolve("containerd.pid")).strip());
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        signal(signal);
        process.onExit().join();
    }

    /** Starts it anew without a configuration of a network. */
    void startWithoutNetwork() throws IOException, InterruptedException {
        end("TERM");
        Commands.shell(directory, "sed -i 's,/net.d\",/net.none\",' config.toml && mkdir net.none");
        startAsConfigured();
    }

    /**
     * Starts it anew with TLS on its streaming server, and a certificate that it signs itself.
     *
     * @param more further lines of its configuration
     */
    void startWithStreamingTls(String more) throws IOException, InterruptedException {
        end("TERM");
        Path file = directory.resolve("config.toml");
        String section = "[plugins.\"io.containerd.grpc.v1.cri\"]\n";
        String option = "  enable_tls_streaming = true\n";
        String config = Files.readString(file).replace(option, "").replace(section, section + option);
        assertTrue(config.contains(option), config);
        Files.writeString(file, config + more);
        startAsConfigured();
    }

    /** As the tool does, but without writing the configuration anew. */
    private void startAsConfigured() throws IOException, InterruptedException {
        Commands.shell(
                directory,
                "PATH=$(cat bin-dir):$PATH:/usr/sbin:/sbin setsid containerd --config \"$PWD/config.toml\""
                        + " </dev/null >>containerd.log 2>&1 & echo $! > containerd.pid");
    }

    /** Gives it the network that it had before {@link #startWithoutNetwork}. */
    void giveNetwork() throws IOException, InterruptedException {
        Commands.shell(directory, "cp net.d/* net.none/");
    }

    /** Takes it away from it again. */
    void takeNetwork() throws IOException, InterruptedException {
        Commands.shell(directory, "rm net.none/*");
    }

    /** What a reboot of the machine leaves: every process is gone, and so is what was in memory. */
    void reboot() throws IOException, InterruptedException {
        tool("containerd.sh", "stop", directory.toString());
        start();
    }

    private static void tool(String name, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Commands.source().resolve("tools").resolve(name).toString());
        command.addAll(List.of(arguments));
        // To a file and not to a pipe, which containerd would inherit and hold open.
        Path output = Files.createTempFile("jubelet-e2e", ".out");
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start()
                    .waitFor();
            assertTrue(code == 0, () -> command + " ended with " + code + ": " + read(output));
        } finally {
            Files.delete(output);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            signal("CONT");
            tool("containerd.sh", "stop", directory.toString());
            Commands.shell(directory.getParent(), "rm -rf --one-file-system " + directory.getFileName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
