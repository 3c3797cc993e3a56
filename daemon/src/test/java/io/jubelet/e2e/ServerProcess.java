package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A server that a test runs beside itself, with an empty environment, and a file that it logs to. */
final class ServerProcess implements AutoCloseable {

    /** The API server takes four seconds where it is alone. */
    private static final Duration READY = Duration.ofMinutes(3);

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
        builder.environment().clear();
        this.process = builder.start();
    }

    /** The program that a system property names; without it the test is skipped, or fails where skipping is forbidden. */
    static Path program(String property) {
        String path = System.getProperty(property, "");
        if (!path.isEmpty()) {
            return Path.of(path);
        }
        String reason = "no " + property + ": make test builds what is of Kubernetes where Go is, and gets an etcd";
        if (Boolean.getBoolean("jubelet.test.no-skip")) {
            return fail(reason);
        }
        return abort(reason);
    }

    /** A port of the loopback where nobody listens at this moment. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Whether somebody listens on a port of the loopback. */
    static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits until it is ready; fails with the end of its log when it ends before, or takes minutes. */
    void awaitReady(BooleanSupplier ready) {
        Waiting.await(name + " to be ready", READY, () -> !process.isAlive() || ready.getAsBoolean(), this::logEnd);
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

    /** kill -9, and waits for the end. */
    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
