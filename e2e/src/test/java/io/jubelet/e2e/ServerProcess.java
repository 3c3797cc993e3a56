/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A server that a test runs beside itself, with a file that it logs to. */
final class ServerProcess implements AutoCloseable {

    /** The API server takes four seconds where it is alone. */
    private static final Duration READY = Duration.ofMinutes(3);

    /** Six minutes on two processors that have nothing else to do. */
    private static final Duration BUILT = Duration.ofMinutes(30);

    private static final int FIRST_PORT = 20_000;
    /** Of each JVM that runs tests. */
    private static final int PORTS = 3_000;

    private static final int FORK = Integer.getInteger("jubelet.test.fork", 1) % 4;
    /** Begins anywhere, for the tests of another source tree may be run, too. */
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7919 % PORTS));

    private final String name;
    private final Path log;
    private final Process process;

    /** Starts it; what it logs goes to {@code NAME.log} in the directory, behind what an earlier one logged. */
    ServerProcess(Path directory, String name, List<String> command) throws IOException {
        this.name = name;
        this.log = directory.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // By it make test finds what is left when it is broken off.
        builder.environment().keySet().retainAll(Set.of("JUBELET_TEST_RUN"));
        this.process = builder.start();
    }

    /**
     * The program that a system property names, once it is built: make test begins before that. Without it the test is
     * skipped, or fails where skipping is forbidden.
     */
    static Path program(String property) throws IOException {
        String path = System.getProperty(property, "");
        if (!path.isEmpty()) {
            Path building = Path.of(path + ".building");
            Eventually.within(BUILT)
                    .details(() -> "see " + path + ".log")
                    .until(path + " to be built", () -> !Files.exists(building));
            if (Files.exists(Path.of(path))) {
                return Path.of(path).toRealPath();
            }
        }
        String reason = "no " + property
                + (path.isEmpty()
                        ? ": make test gets an etcd, and builds what is of Kubernetes"
                        : " at " + path + "; if it could not be built, " + path + ".log says why");
        if (Boolean.getBoolean("jubelet.test.no-skip")) {
            return fail(reason);
        }
        return abort(reason);
    }

    /**
     * A free port of the loopback. It stays reserved while a server is down between two starts: the kernel takes the ports of
     * connections from a higher range, and each JVM that runs tests has a range of its own.
     */
    static int freePort() throws IOException {
        while (true) {
            int port = FIRST_PORT + PORTS * FORK + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                continue; // The port belongs to an unrelated process.
            }
        }
    }

    /** Whether a port of the loopback accepts connections. */
    static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits until the server is ready; fails with the end of its log if it exits earlier or takes too long. */
    void awaitReady(BooleanSupplier ready) {
        Eventually.within(READY)
                .details(this::logEnd)
                .until(name + " to be ready", () -> !process.isAlive() || ready.getAsBoolean());
        if (!process.isAlive()) {
            fail(name + " ended: " + logEnd());
        }
    }

    /** Sends a signal, by its name without SIG. */
    void signal(String signal) throws IOException, InterruptedException {
        Commands.shell(log.getParent(), "kill -" + signal + " " + process.pid());
    }

    private String logEnd() {
        try {
            List<String> lines = Files.readAllLines(log);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return "no log: " + e;
        }
    }

    /** Kills the process with SIGKILL and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
