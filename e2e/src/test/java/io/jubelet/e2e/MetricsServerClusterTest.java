/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.e2e.PrometheusParser.Sample;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sends the requests of a metrics-server, with its rights, to the kubelet's port of a node in a cluster. */
class MetricsServerClusterTest extends ServingNode {

    private static final String METRICS_SERVERS = "metrics-servers";

    @Test
    void metricsServerReadsTheNodeAndItsPodsAndNothingElse() throws Exception {
        role("metrics-server", "nodes/metrics");
        cluster.bind(METRICS_SERVERS, "metrics-server", METRICS_SERVERS);
        role("stats-reader", "nodes/stats");
        cluster.bind("stats-readers", "stats-reader", "stats-readers");
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> caller = caller("metrics-server", METRICS_SERVERS);

        node.daemon.await("the right to count", () -> answers(trust, caller, "/metrics/resource", 200));
        HttpResponse<String> response = ask(trust, caller, "/metrics/resource");

        Map<String, Sample> samples = new PrometheusParser().parse(response);
        String pod = "steady-" + node.name();
        // A metrics-server ignores what lacks one of these, or the time of the measurement.
        for (String series : List.of(
                "{__name__=\"node_cpu_usage_seconds_total\"}",
                "{__name__=\"node_memory_working_set_bytes\"}",
                "{__name__=\"container_cpu_usage_seconds_total\", container=\"app\", namespace=\"default\", pod=\""
                        + pod + "\"}",
                "{__name__=\"container_memory_working_set_bytes\", container=\"app\", namespace=\"default\", pod=\""
                        + pod + "\"}")) {
            assertTrue(samples.containsKey(series), () -> series + " is not in " + samples.keySet());
            assertTrue(!samples.get(series).millis().isEmpty(), series);
        }
        assertTrue(samples.get(
                                "{__name__=\"container_start_time_seconds\", container=\"app\", namespace=\"default\", pod=\""
                                        + pod + "\"}")
                        .value()
                > 0);
        for (String path : List.of("/metrics", "/metrics/probes", "/metrics/cadvisor")) {
            assertEquals(200, ask(trust, caller, path).statusCode(), path);
        }
        for (String path : List.of("/stats/summary", "/pods", "/configz", "/containerLogs/default/" + pod + "/app")) {
            assertEquals(403, ask(trust, caller, path).statusCode(), path);
        }
        Optional<KeyAndCertificates> stats = caller("summary", "stats-readers");
        node.daemon.await("the right to count", () -> answers(trust, stats, "/stats/summary", 200));
        HttpResponse<String> summary = ask(trust, stats, "/stats/summary");
        assertTrue(summary.body().contains("\"podRef\":{\"name\":\"" + pod + "\""), summary::body);
        assertEquals(403, ask(trust, stats, "/metrics").statusCode());
        node.assertPodUntouched();
    }
}
