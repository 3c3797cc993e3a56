/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads metrics of a daemon on the port of {@code --metrics-address}, and looks at what it has loaded before. */
class MetricsPortTest extends DaemonProcess {

    @TempDir
    private Path classes;

    private int port;

    private HttpResponse<String> read(String path, String accept) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .header("Accept", accept)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private boolean shows(String path, String sample) {
        try {
            return read(path, "*/*").body().contains("\n" + sample + "\n");
        } catch (IOException _) {
            return false; // it does not listen yet
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The classes of the rooms that only readers of metrics need. */
    private Set<String> loaded() throws IOException {
        Set<String> loaded = new TreeSet<>();
        for (Path file : files()) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.map(line -> line.replaceFirst("^(?:\\[[^]]*])* *", ""))
                        .map(line -> line.split(" ")[0])
                        .filter(name -> name.startsWith("io.jubelet.metrics.")
                                || name.startsWith("io.jubelet.stats.")
                                || name.equals("io.jubelet.cgroup.CgroupUsage"))
                        .forEach(loaded::add);
            }
        }
        return loaded;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(classes)) {
            return files.toList();
        }
    }

    @Test
    void metricsAreServedAndCostNothingBefore() throws IOException, InterruptedException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        write("web.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: web}
                spec:
                  containers:
                  - {name: app, image: "docker.io/library/busybox:1", command: [sleep, "1000"]}
                """);
        startWith(
                List.of("-Xlog:class+load=info:file=" + classes.resolve("classes.log")),
                48,
                "--metrics-address=127.0.0.1:" + port);
        await("the pod runs", () -> running() == 1);
        assertEquals(Set.of(), loaded());

        await("the metrics show the pod", () -> shows("/metrics", "kubelet_running_pods 1"));

        HttpResponse<String> text = read("/metrics", "*/*");
        assertEquals(
                "text/plain; version=0.0.4; charset=utf-8",
                text.headers().firstValue("content-type").orElse(""));
        for (String sample : List.of(
                "kubelet_node_name{node=\"node1\"} 1",
                "kubelet_desired_pods{static=\"true\"} 1",
                "kubelet_started_pods_total 1",
                "kubelet_started_containers_total{container_type=\"container\"} 1",
                "jubelet_manifests{state=\"accepted\"} 1",
                "jubelet_pods{phase=\"Running\"} 1",
                "jubelet_healthy 1")) {
            assertTrue(text.body().contains("\n" + sample + "\n"), () -> sample + " is not in\n" + text.body());
        }
        HttpResponse<String> open = read("/metrics/resource", "application/openmetrics-text; version=1.0.0");
        assertEquals(
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                open.headers().firstValue("content-type").orElse(""));
        assertTrue(open.body().endsWith("\nresource_scrape_error 0\n# EOF\n"), open::body);
        assertTrue(
                open.body()
                        .contains("container_cpu_usage_seconds_total{container=\"app\",namespace=\"default\","
                                + "pod=\"web-node1\"} 0 "),
                open::body);
        assertEquals(200, read("/metrics/probes", "*/*").statusCode());
        assertEquals(200, read("/metrics/cadvisor", "*/*").statusCode());
        for (String other : List.of("/", "/stats/summary", "/pods", "/metrics/other", "/healthz", "/api/v1/pods")) {
            assertEquals(404, read(other, "*/*").statusCode(), other);
        }
        assertTrue(
                loaded().contains("io.jubelet.metrics.MetricsHandler"),
                () -> "the log of classes is not what is expected");

        write("web.yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: web}
                spec:
                  containers:
                  - {name: app, image: "docker.io/library/busybox:1", command: [sleep, "2000"]}
                """);
        await(
                "the update is counted",
                () -> shows("/metrics", "jubelet_pod_update_results_total{result=\"completed\"} 1"));
        assertTrue(shows("/metrics", "jubelet_pod_updates_total 1"));
    }
}
