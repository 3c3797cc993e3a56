/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.e2e.PrometheusParser.Sample;
import io.jubelet.printing.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What metrics, the Summary API and {@code jubelet top} show of a container that burns half a processor, and one that holds 50 MiB. */
@OnContainerd
class MetricsContainerdTest {

    private static final long MIB = 1 << 20;

    /** What starting a container costs at most before its own process runs, in seconds. */
    private static final double START = 1;

    /** What half a processor can do while a measurement is served again. */
    private static final double SHARED = 0.6;

    private final HttpClient client = HttpClient.newHttpClient();
    private DaemonProcess daemon;
    private String pod;
    private int port;

    @BeforeEach
    void start() throws IOException {
        port = ServerProcess.freePort();
        daemon = new DaemonProcess("--metrics-address=127.0.0.1:" + port);
        daemon.start();
        pod = "usage-" + daemon.node;
        daemon.write("usage.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: usage}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: half
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "while :; do :; done", "%s"]
                    resources: {limits: {cpu: 500m, memory: 64Mi}}
                  - name: hold
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    command:
                    - sh
                    - -c
                    - dd if=/dev/zero of=/memory/f bs=1M count=50 && dd if=/dev/zero of=/disk/f bs=1M count=7 && sleep 10000
                    volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}]
                    readinessProbe:
                      exec: {command: [sh, -c, "test $(wc -c < /disk/f) = 7340032"]}
                      periodSeconds: 1
                  volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}]
                """.formatted(pod));
        daemon.await("the files to be written", () -> daemon.get("/metrics").contains("\njubelet_pods_ready 1\n"));
    }

    @AfterEach
    void stop() throws IOException {
        client.shutdownNow();
        if (daemon != null) { // a test that was skipped has none
            daemon.close();
        }
    }

    private HttpResponse<String> scrape(String path, String accept) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .header("Accept", accept)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Json summary(String query) throws IOException {
        return Json.read(
                new ByteArrayInputStream(daemon.get("/stats/summary" + query).getBytes(StandardCharsets.UTF_8)));
    }

    /** The processor time of the process that burns it, in seconds, as the kernel counts it for the process. */
    private double burnt() throws IOException {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            for (Path process : processes.toList()) {
                try {
                    if (Files.readString(process.resolve("cmdline")).endsWith("done\0" + pod + "\0")) {
                        String nanos =
                                Files.readString(process.resolve("schedstat")).split(" ")[0];
                        return Long.parseLong(nanos) / 1e9;
                    }
                } catch (IOException _) {
                    // Not a process, or it has ended.
                }
            }
        }
        throw new AssertionError("no process burns processor time");
    }

    @Test
    void prometheusReadsWhatContainersUse() throws IOException, InterruptedException {
        PrometheusParser parser = new PrometheusParser();
        for (String accept : List.of("text/plain", "application/openmetrics-text; version=1.0.0")) {
            double before = burnt();
            Map<String, Sample> samples = parser.parse(scrape("/metrics/resource", accept));
            double after = burnt();

            String half = "{__name__=\"%s\", container=\"half\", namespace=\"default\", pod=\"" + pod + "\"}";
            String hold = half.replace("half", "hold");
            String whole = "{__name__=\"%s\", namespace=\"default\", pod=\"" + pod + "\"}";
            double cpu = samples.get(half.formatted("container_cpu_usage_seconds_total"))
                    .value();
            assertTrue(before - SHARED <= cpu && cpu <= after + START, () -> before + " " + cpu + " " + after);
            double podCpu =
                    samples.get(whole.formatted("pod_cpu_usage_seconds_total")).value();
            assertTrue(cpu <= podCpu && podCpu <= after + 3 * START, () -> cpu + " " + podCpu);
            between(50, 60, samples.get(hold.formatted("container_memory_working_set_bytes")));
            between(0, 8, samples.get(half.formatted("container_memory_working_set_bytes")));
            between(50, 75, samples.get(whole.formatted("pod_memory_working_set_bytes")));
            assertTrue(
                    samples.get("{__name__=\"node_cpu_usage_seconds_total\"}").value() > podCpu);
            assertEquals(0, samples.get("{__name__=\"resource_scrape_error\"}").value());
            long at = Long.parseLong(samples.get(half.formatted("container_cpu_usage_seconds_total"))
                    .millis());
            assertTrue(Math.abs(System.currentTimeMillis() - at) < 60_000, () -> "measured at " + at);
        }
        for (String path : List.of("/metrics", "/metrics/probes", "/metrics/cadvisor")) {
            for (String accept : List.of("text/plain", "application/openmetrics-text; version=1.0.0")) {
                Map<String, Sample> _ = parser.parse(scrape(path, accept));
            }
        }
        Map<String, Sample> probes = parser.parse(scrape("/metrics/probes", "text/plain"));
        assertTrue(
                probes.entrySet().stream()
                        .anyMatch(sample ->
                                sample.getKey().startsWith("{__name__=\"prober_probe_total\", container=\"hold\"")
                                        && sample.getKey().contains("probe_type=\"Readiness\", result=\"successful\"")
                                        && sample.getValue().value() >= 1),
                probes::toString);
    }

    private static void between(long least, long most, Sample sample) {
        assertTrue(sample.value() >= least * MIB && sample.value() <= most * MIB, sample::toString);
    }

    private static void between(long least, long most, Json bytes) {
        assertTrue(bytes.bytes() >= least * MIB && bytes.bytes() <= most * MIB, bytes::toString);
    }

    @Test
    void summaryShowsNodePodsVolumesAndLogs() throws IOException {
        Json summary = summary("");

        Json node = summary.at("node");
        assertEquals(daemon.node, node.at("nodeName").text());
        for (String part : List.of("cpu", "memory", "swap", "network", "fs", "runtime", "rlimit")) {
            assertTrue(node.at(part).exists(), part);
        }
        assertTrue(node.at("runtime", "imageFs", "usedBytes").bytes() > 0, node::toString);
        assertTrue(node.at("fs", "inodes").exists(), node::toString);
        assertEquals(
                Files.exists(Path.of("/proc/pressure/cpu")),
                node.at("cpu", "psi", "some", "total").exists());
        Json usage = summary.at("pods").items().stream()
                .filter(each -> each.at("podRef", "name").text().equals(pod))
                .findFirst()
                .orElseThrow();
        for (Json container : usage.at("containers").items()) {
            boolean half = container.at("name").text().equals("half");
            // The quota is half a core. How much of it the container gets depends on the load of the machine.
            assertTrue(container.at("cpu", "usageNanoCores").bytes() <= 650_000_000, container::toString);
            assertTrue(!half || container.at("cpu", "usageNanoCores").bytes() > 1_000_000, container::toString);
            between(half ? 0 : 50, half ? 8 : 60, container.at("memory", "workingSetBytes"));
            assertEquals(half, container.at("memory", "availableBytes").exists(), container::toString);
            assertTrue(container.at("rootfs", "usedBytes").exists(), container::toString);
            assertTrue(container.at("rootfs", "capacityBytes").exists(), container::toString);
            assertTrue(container.at("logs", "usedBytes").exists(), container::toString);
        }
        assertEquals(2, usage.at("containers").items().size());
        for (Json volume : usage.at("volume").items()) {
            boolean memory = volume.at("name").text().equals("memory");
            between(memory ? 50 : 7, memory ? 51 : 8, volume.at("usedBytes"));
            assertEquals(2, volume.at("inodesUsed").number(), volume::toString);
        }
        assertEquals(2, usage.at("volume").items().size());
        between(7, 12, usage.at("ephemeral-storage", "usedBytes"));
        assertTrue(usage.at("process_stats", "process_count").number() >= 2, usage::toString);
    }

    @Test
    void topShowsPodsAndContainers() throws IOException, InterruptedException {
        Json partly = summary("?only_cpu_and_memory=true");
        assertFalse(partly.at("node", "fs").exists());

        List<String> rows = daemon.cli("top", "containers", "usage", "--sort-by=memory", "--no-headers")
                .lines()
                .toList();
        assertTrue(rows.getFirst().matches("default +" + pod + " +hold +\\d+m +5\\dMi"), rows::toString);
        assertTrue(rows.get(1).matches("default +" + pod + " +half +[1-9]\\d*m +\\dMi"), rows::toString);
        String pods = daemon.cli("top", "pods", "--sort-by=cpu", "-n", "default");
        assertTrue(pods.matches("(?s)NAMESPACE +NAME +CPU\\(cores\\) +MEMORY\\(bytes\\)\\R.*"), pods);
        assertTrue(pods.lines().anyMatch(row -> row.matches("default +" + pod + " +[1-9]\\d*m +5\\dMi")), pods);
    }
}
