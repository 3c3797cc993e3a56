/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A running daemon. It is killed when the benchmark is interrupted. */
final class AgentProcess implements AutoCloseable {
    private static final Set<Process> ALIVE = ConcurrentHashMap.newKeySet();

    static {
        java.lang.Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly), "bench-shutdown"));
    }

    private final Process process;
    private final Workspace workspace;
    private final Instant startedAt;
    private final Path log;

    private AgentProcess(Process process, Workspace workspace, Instant startedAt, Path log) {
        this.process = process;
        this.workspace = workspace;
        this.startedAt = startedAt;
        this.log = log;
    }

    /**
     * Starts the daemon, and does not wait for it.
     *
     * @param log the file of its output
     * @param environment variables added to those of the benchmark
     */
    static AgentProcess start(
            Agent agent, Workspace workspace, String endpoint, Path log, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(log.getParent());
        ProcessBuilder builder = new ProcessBuilder(agent.command(workspace, endpoint))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Instant startedAt = Instant.now();
        Process process = builder.start();
        ALIVE.add(process);
        return new AgentProcess(process, workspace, startedAt, log);
    }

    Workspace workspace() {
        return workspace;
    }

    /** The time immediately before the process was created. */
    Instant startedAt() {
        return startedAt;
    }

    ProcessUsage usage() throws IOException {
        checkAlive();
        return ProcessUsage.of(process.pid());
    }

    /** Runs the garbage collector of Jubelet, so that its memory contains no garbage. */
    void collectGarbage() throws IOException, InterruptedException {
        diagnose("GC.run");
    }

    /** The classes that the JVM of Jubelet has loaded, each in a line. */
    Stream<String> loadedClasses() throws IOException, InterruptedException {
        return diagnose("VM.class_hierarchy").lines();
    }

    private String diagnose(String command) throws IOException, InterruptedException {
        checkAlive();
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process diagnosis = new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(diagnosis.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (diagnosis.waitFor() != 0) {
            throw new BenchException(
                    "jcmd " + command + " failed with exit code " + diagnosis.exitValue() + ": " + output);
        }
        return output;
    }

    /** Waits until the local API of Jubelet answers, and returns the time. */
    Instant awaitApi() throws IOException {
        LocalApi api = new LocalApi(workspace.socket());
        return Eventually.within(Duration.ofSeconds(30))
                .every(Duration.ofMillis(2))
                .retrying(IOException.class)
                .until(
                        "an answer of the local API",
                        () -> {
                            checkAlive();
                            api.runningPods();
                            return Instant.now();
                        },
                        _ -> true);
    }

    void checkAlive() throws IOException {
        if (!process.isAlive()) {
            List<String> lines = Files.readAllLines(log);
            throw new BenchException("it ended with exit code " + process.exitValue() + "; its last words: "
                    + (lines.isEmpty() ? "none" : lines.getLast()) + " (all are in " + log + ")");
        }
    }

    /** Ends the daemon; its pods keep running. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        ALIVE.remove(process);
    }
}
