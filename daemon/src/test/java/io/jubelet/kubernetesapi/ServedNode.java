/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonFactory;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.Client;
import io.jubelet.api.LogSource;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.StatusStores;
import io.jubelet.cluster.ClusterSettings;
import io.jubelet.cluster.LocalNode;
import io.jubelet.cluster.NodeReport;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.Manifest;
import io.jubelet.node.RuntimeOffer;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Secret;
import io.jubelet.stats.Summary;
import io.jubelet.stats.Usage;
import io.jubelet.status.PodViews;
import io.jubelet.status.StatusStore;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A node with the pods of {@link StatusStores}, a ConfigMap and a Secret, whose runtime is fine. */
final class ServedNode {

    static final Instant NOW = PodViews.second(120);
    static final Path MANIFESTS = Path.of("/etc/kubernetes/manifests");
    static final String SECRET = "hunter2";

    private static final LocalConfig CONFIG = new LocalConfig(
            Map.of(
                    new LocalConfig.Key("shop", "colours"),
                    new ConfigMap("shop", "colours", false, Map.of("sky", "blue"), Map.of("raw", Bytes.of("x")))),
            Map.of(
                    new LocalConfig.Key("shop", "password"),
                    new Secret("shop", "password", "Opaque", false, Map.of("p", Bytes.of(SECRET)))));
    private static final Manifest CONFIG_FILE = new Manifest(
            MANIFESTS + "/shop.yaml",
            Manifest.State.ACCEPTED,
            List.<PodName>of(),
            List.of("ConfigMap shop/colours", "Secret shop/password"),
            List.of(),
            PodViews.second(5));

    final StatusStore statuses = StatusStores.sample();
    final NodeClock clock = NodeClock.neverSet(() -> NOW);
    final LocalNode node = new LocalNode(
            new ClusterSettings(
                    PodViews.NODE,
                    new ClusterSettings.Registration(
                            true,
                            Map.of("node-role.kubernetes.io/edge", "", "zone", "a"),
                            Map.of(),
                            List.of(ClusterSettings.STATIC_PODS_ONLY),
                            Optional.empty()),
                    0,
                    new ClusterSettings.Timing(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofSeconds(40)),
                    new ClusterSettings.EventLimits(50, 100)),
            ServedNode::report,
            () -> {},
            clock);

    private static NodeReport report() {
        return new NodeReport(
                List.of("192.0.2.1"),
                Map.of("cpu", "2", "pods", "110"),
                Map.of("cpu", "2", "pods", "110"),
                Map.of("kubeletVersion", "v1.36.0+jubelet-0.1.0", "osImage", "Debian GNU/Linux 12 (bookworm)"),
                List.of(),
                Map.of(),
                List.of(),
                new NodeReport.Runtime(Optional.empty(), RuntimeOffer.NONE));
    }

    private volatile LocalConfig config = CONFIG;

    /** Gives the ConfigMap another content. */
    void colour(String sky) {
        config = new LocalConfig(
                Map.of(
                        new LocalConfig.Key("shop", "colours"),
                        new ConfigMap("shop", "colours", false, Map.of("sky", sky), Map.of())),
                CONFIG.secrets());
    }

    private DesiredPods desired() {
        return new DesiredPods(Map.of(), List.of(CONFIG_FILE), config);
    }

    ObjectSource source() {
        return new ObjectSource(statuses, this::desired, node, StatusStores.NODE, MANIFESTS);
    }

    ObjectStore store(long starts) {
        return new ObjectStore(source(), new JsonFactory(), starts);
    }

    /** @param log copies the log of every container */
    KubernetesApi.Content content(String log) {
        LogSource logs = (request, _, out) -> {
            out.write((request.container() + "/" + request.attempt() + ": " + log + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.flush();
        };
        RequestHandler streams = (request, response) -> response.write((request.method() + " " + request.path() + " by "
                        + request.client().identity().get())
                .getBytes(StandardCharsets.UTF_8));
        return new KubernetesApi.Content(
                statuses, this::desired, node, StatusStores.NODE, logs, ServedNode::usage, streams, MANIFESTS);
    }

    /** The node uses half a core, and the container {@code app} of the pod {@code web} two thousandths. */
    private static Summary usage() {
        return new Summary(
                new Summary.Node(
                        PodViews.NODE,
                        PodViews.T0,
                        usage(500_000_000, 1L << 30),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        List.of()),
                List.of(new Summary.Pod(
                        new Summary.PodReference("default", "web-" + PodViews.NODE, "1"),
                        PodViews.T0,
                        usage(2_000_000, 3 << 20),
                        List.of(new Summary.Container(
                                "app",
                                "id",
                                "image",
                                PodViews.T0,
                                usage(2_000_000, 3 << 20),
                                Optional.empty(),
                                Optional.empty())),
                        Optional.empty(),
                        Optional.empty(),
                        OptionalLong.empty())));
    }

    private static Usage usage(long nanoCores, long bytes) {
        return new Usage(
                Optional.of(
                        new Usage.Cpu(PodViews.T0, OptionalLong.of(nanoCores), OptionalLong.empty(), Optional.empty())),
                Optional.of(new Usage.Memory(
                        PodViews.T0,
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.of(bytes),
                        OptionalLong.empty(),
                        new Usage.PageFaults(OptionalLong.empty(), OptionalLong.empty()),
                        Optional.empty())),
                Optional.empty(),
                Optional.empty());
    }

    /** A GET request. */
    static ApiRequest get(String target, String... headers) {
        HttpRequest head = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, target);
        for (int i = 0; i < headers.length; i += 2) {
            head.headers().add(headers[i], headers[i + 1]);
        }
        QueryStringDecoder decoder = new QueryStringDecoder(target);
        List<String> path = Arrays.stream(decoder.path().split("/"))
                .filter(part -> !part.isEmpty())
                .toList();
        return new ApiRequest(head, path, decoder.parameters(), new Client("test", true));
    }
}
