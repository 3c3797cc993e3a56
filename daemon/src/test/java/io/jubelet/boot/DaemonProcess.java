/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A daemon on the simulated runtime, in a JVM of its own with the options of the distribution. */
abstract class DaemonProcess {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    private Path manifests;
    private Path log;
    Process daemon;
    private final List<SocketChannel> clients = new ArrayList<>();

    @BeforeEach
    void createDirectory() throws IOException {
        manifests = Files.createDirectories(dir.resolve("manifests"));
        log = dir.resolve("daemon.log");
    }

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (SocketChannel client : clients) {
            client.close();
        }
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
        }
    }

    void start(long heapMib, String... options) throws IOException {
        startWith(List.of(), heapMib, options);
    }

    /** Starts it with further options of the JVM. */
    void startWith(List<String> jvm, long heapMib, String... options) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + Path.of("src/main/dist/jvm-daemon.options").toAbsolutePath());
        command.addAll(jvm);
        command.addAll(List.of(
                "-Xms" + Math.min(64, heapMib) + "m",
                "-Xmx" + heapMib + "m",
                "-cp",
                Stream.of(classPath.split(File.pathSeparator))
                        .map(entry -> Path.of(entry).toAbsolutePath().toString())
                        .collect(Collectors.joining(File.pathSeparator)),
                "io.jubelet.cli.Main",
                "run",
                "--container-runtime-endpoint=simulated:",
                "--pod-manifest-path=" + manifests,
                "--root-dir=" + dir.resolve("root"),
                "--pod-logs-dir=" + dir.resolve("logs"),
                "--api-socket=" + dir.resolve("api.sock"),
                "--hostname-override=node1",
                "--cgroups-per-qos=false"));
        command.addAll(List.of(options));
        daemon = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    Path manifest(String name) {
        return manifests.resolve(name);
    }

    void write(String name, String text) throws IOException {
        Files.writeString(manifest(name), text);
    }

    SocketChannel request(String path) throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.connect(UnixDomainSocketAddress.of(dir.resolve("api.sock")));
        ByteBuffer text = ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        try {
            client.write(text);
        } catch (IOException e) {
            // A daemon without a free place responds before it reads, and closes the connection.
            assertEquals("Broken pipe", e.getMessage());
        }
        return client;
    }

    /** The whole response; empty when the daemon does not listen yet. */
    String get(String path) {
        try (SocketChannel client = request(path)) {
            StringBuilder text = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
            while (client.read(buffer) >= 0) {
                text.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
                buffer.clear();
            }
            return joined(text.toString());
        } catch (IOException e) {
            return "";
        }
    }

    /** The body of a response; the ends of chunks would divide what tests look for. */
    private static String joined(String response) {
        int body = response.indexOf("\r\n\r\n") + 4;
        if (body < 4 || !response.substring(0, body).toLowerCase(Locale.ROOT).contains("chunked")) {
            return response;
        }
        StringBuilder text = new StringBuilder();
        int at = body;
        while (true) {
            int end = response.indexOf("\r\n", at);
            int length = end < 0 ? 0 : Integer.parseInt(response.substring(at, end), 16);
            if (length == 0 || end + 2 + length > response.length()) {
                return text.toString();
            }
            text.append(response, end + 2, end + 2 + length);
            at = end + 2 + length + 2;
        }
    }

    long running() {
        String pods = get("/api/v1/pods");
        return pods.split("\"phase\":\"Running\"", -1).length - 1L;
    }

    void await(String what, BooleanSupplier condition) {
        Eventually.within(PATIENCE)
                .details(() -> running() + " pods run\n" + tail())
                .every(Duration.ofMillis(250)) // the answers are large
                .until(what, () -> !daemon.isAlive() || condition.getAsBoolean());
        assertTrue(daemon.isAlive(), () -> what + ": the daemon ended with " + daemon.exitValue() + "\n" + tail());
    }

    String tail() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
