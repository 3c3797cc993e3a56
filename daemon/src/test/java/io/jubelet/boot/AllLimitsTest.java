/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the daemon in a JVM of its own, with the options of the distribution, on input that is as large as its limits allow. */
class AllLimitsTest {

    private static final int PODS = 110;
    private static final int WATCHES = 32;
    private static final int BAD_FILES = 500;
    private static final long MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    private Path manifests;
    private Path log;
    private Process daemon;
    private final List<SocketChannel> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException, InterruptedException {
        for (SocketChannel client : clients) {
            client.close();
        }
        if (daemon != null) {
            daemon.destroyForcibly().waitFor();
        }
    }

    private void start(long heapMib) throws IOException {
        manifests = Files.createDirectories(dir.resolve("manifests"));
        log = dir.resolve("daemon.log");
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of("src/main/dist/jvm-daemon.options").toAbsolutePath(),
                        "-Xms" + Math.min(64, heapMib) + "m",
                        "-Xmx" + heapMib + "m",
                        "-cp",
                        Stream.of(classPath.split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                                .reduce((some, next) -> some + File.pathSeparator + next)
                                .orElseThrow(),
                        "io.jubelet.cli.Main",
                        "run",
                        "--container-runtime-endpoint=simulated:",
                        "--pod-manifest-path=" + manifests,
                        "--root-dir=" + dir.resolve("root"),
                        "--pod-logs-dir=" + dir.resolve("logs"),
                        "--api-socket=" + dir.resolve("api.sock"),
                        "--hostname-override=node1",
                        "--cgroups-per-qos=false")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(manifests.resolve(name), text);
    }

    private static String pod(String name, String image, String annotation, String container) {
        return "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + "\n  annotations:\n    note: " + annotation
                + "\nspec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: c\n    image: " + image
                + "\n" + container;
    }

    private static String variables(int count, int size) {
        StringBuilder env = new StringBuilder("    env:\n");
        for (int i = 0; i < count; i++) {
            env.append("    - {name: V")
                    .append(i)
                    .append(", value: ")
                    .append("x".repeat(size))
                    .append("}\n");
        }
        return env.toString();
    }

    private SocketChannel request(String path) throws IOException {
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
    private String get(String path) {
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

    private long running() {
        String pods = get("/api/v1/pods");
        return pods.split("\"phase\":\"Running\"", -1).length - 1L;
    }

    private void await(String what, BooleanSupplier condition) {
        Eventually.within(PATIENCE)
                .details(() -> running() + " pods run\n" + tail())
                .every(Duration.ofMillis(250)) // the answers are large
                .until(what, () -> !daemon.isAlive() || condition.getAsBoolean());
        assertTrue(daemon.isAlive(), () -> what + ": the daemon ended with " + daemon.exitValue() + "\n" + tail());
    }

    private String tail() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - 20), all.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void theDefaultHeapHoldsAllLimitsAtOnce() throws IOException {
        start(new MemoryBudget(PODS, false, 0).needed() / MIB);
        for (int i = 0; i < PODS - 4; i++) {
            String probe = "    livenessProbe:\n      periodSeconds: 1\n      exec:\n        command: [echo, "
                    + "y".repeat(9_000) + "]\n";
            write(String.format(Locale.ROOT, "pod%03d.yaml", i), pod("pod" + i, "image", "n".repeat(15_000), probe));
        }
        for (int i = 0; i < 2; i++) {
            write("env" + i + ".yaml", pod("env" + i, "image", "none", variables(15, 120_000)));
        }
        StringBuilder doubling = new StringBuilder("    env:\n    - {name: E0, value: aa}\n");
        for (int i = 1; i <= 40; i++) {
            doubling.append(String.format(Locale.ROOT, "    - {name: E%d, value: $(E%d)$(E%d)}\n", i, i - 1, i - 1));
        }
        write("doubling.yaml", pod("doubling", "image", "none", doubling.toString()));
        for (int i = 0; i < 30; i++) {
            write(
                    String.format(Locale.ROOT, "zmap%02d.yaml", i),
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m" + i + "\ndata:\n  k: "
                            + "z".repeat((int) MIB - 1) + "\n");
        }
        write(
                "values.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: values\nspec:\n  x:\n" + "  - {a: 1}\n".repeat(49_000));
        write("list.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"x\":[" + "1,".repeat(1_500_000) + "1]}");
        write("comment.yaml", "# " + "c".repeat(3_000_000) + "\n" + pod("comment", "image", "none", ""));
        String bad = "apiVersion: v1\nkind: Pod\n" + "x: 1\n".repeat(100);
        for (int i = 0; i < BAD_FILES; i++) {
            write(String.format(Locale.ROOT, "bad%04d.yaml", i), bad);
        }
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        // None of these reads more than the beginning.
        for (int i = 0; i < WATCHES; i++) {
            request(i % 2 == 0 ? "/api/v1/pods?watch=1" : "/jubelet/v1/pods?watch=1");
        }
        // All but the one whose variables double each other.
        await("the pods to run", () -> running() >= PODS - 1);
        for (String image : List.of("second", "third", "fourth")) {
            for (int i = 0; i < 20; i++) {
                write(String.format(Locale.ROOT, "pod%03d.yaml", i), pod("pod" + i, image, "n".repeat(15_000), ""));
                request("/api/v1/pods");
            }
            await("the edit to run", () -> get("/api/v1/pods").split("\"image\":\"" + image + "\"", -1).length > 20);
        }
        String told = get("/jubelet/v1/manifests");
        assertTrue(told.contains("KiB are free of the"), "ConfigMaps without room are refused");
        assertTrue(told.contains("has more than 100000 values"), "so is the list");
    }

    @Test
    void whatEndedTheDaemonIsRefusedByNameAndTheRestRuns() throws IOException, InterruptedException {
        // Within the limits, and too much for so small a heap.
        StringBuilder large = new StringBuilder("apiVersion: v1\nkind: Pod\nmetadata:\n  name: large\nspec:\n  x:\n");
        for (int i = 0; i < 84_000; i++) {
            large.append(String.format(Locale.ROOT, "  - value %05d of many more of them\n", i));
        }
        start(20);
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        write("small.yaml", pod("small", "image", "none", ""));
        await("the pod to run", () -> running() == 1);
        write("large.yaml", large.toString());
        assertTrue(daemon.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it has not run out of memory");
        assertEquals(3, daemon.exitValue(), this::tail);
        start(20);
        await("the API to answer", () -> get("/healthz").endsWith("ok"));
        await("the rest to run", () -> running() == 1);
        String refused = get("/jubelet/v1/manifests");
        assertTrue(
                refused.contains("Refused") && refused.contains("was in hand when the daemon ended at or after"),
                refused);
        write("small.yaml", pod("small", "second", "none", ""));
        await("edits to be read", () -> get("/api/v1/pods").contains("\"image\":\"second\""));
        write("large.yaml", pod("large", "image", "none", ""));
        await("the file to be read when it has changed", () -> running() == 2);
        assertFalse(get("/jubelet/v1/manifests").contains("was in hand"));
    }
}
