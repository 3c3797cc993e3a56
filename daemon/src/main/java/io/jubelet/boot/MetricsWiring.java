/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.TcpPort;
import io.jubelet.cgroup.CgroupTree;
import io.jubelet.cgroup.CgroupUsage;
import io.jubelet.config.ListenerConfig;
import io.jubelet.metrics.DaemonMetrics;
import io.jubelet.metrics.MetricsHandler;
import io.jubelet.stats.NodeReader;
import io.jubelet.stats.PodDisks;
import io.jubelet.stats.PodReader;
import io.jubelet.stats.UsageCollector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Serves metrics and usage. What collects them is made by the first request, so that until then they cost nothing. */
final class MetricsWiring implements RequestHandler {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private final Wiring parts;
    private final ReentrantLock making = new ReentrantLock();
    /** Null before the first request. */
    private volatile @Nullable RequestHandler handler;
    /** Guarded by the lock. */
    private @Nullable UsageCollector collector;

    MetricsWiring(Wiring parts) {
        this.parts = parts;
    }

    /** Itself, by the first segments of the paths that it serves. */
    Map<String, RequestHandler> byPath() {
        return Map.of("metrics", this, "stats", this);
    }

    @Override
    public boolean acceptsPost(ApiRequest request) {
        return handler().acceptsPost(request);
    }

    @Override
    public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        handler().serve(request, response);
    }

    private RequestHandler handler() {
        RequestHandler made = handler;
        if (made != null) {
            return made;
        }
        making.lock();
        try {
            if (handler == null) {
                handler = make();
            }
            return handler;
        } finally {
            making.unlock();
        }
    }

    private MetricsHandler make() {
        return new MetricsHandler(
                new DaemonMetrics(
                        new DaemonMetrics.State(
                                parts.config.node().name(),
                                Wiring.version(),
                                CgroupUsage.at(CgroupTree.ROOT).version(),
                                parts.statusStore::snapshot,
                                parts.health::trouble,
                                parts.hints::streaming),
                        new DaemonMetrics.Counts(
                                parts.statistics, parts.relist, parts.images.statistics(), parts.probes),
                        new DaemonMetrics.Mirrors(parts.cluster::mirror, parts.cluster::mirrorLag),
                        parts.clock),
                usage());
    }

    /** What collects the usage, one for all who read it. */
    UsageCollector usage() {
        making.lock();
        try {
            if (collector == null) {
                collector = collector();
            }
            return collector;
        } finally {
            making.unlock();
        }
    }

    private UsageCollector collector() {
        CgroupUsage cgroups = CgroupUsage.at(CgroupTree.ROOT);
        return new UsageCollector(
                new UsageCollector.Sources(
                        parts.config.node().name(),
                        () -> parts.statusStore.snapshot().pods(),
                        new PodReader(parts.runtimes.runtime(), parts.cgroups, cgroups, parts.clock),
                        new NodeReader(Path.of("/proc"), cgroups, parts.clock),
                        new PodDisks(parts.directories, parts.clock),
                        parts.cgroups::podsPath,
                        parts.runtimes.images(),
                        parts.config.node().rootDir()),
                parts.clock);
    }

    /** Opens a port of this machine for them. */
    TcpPort listen(ListenerConfig.Endpoint endpoint) {
        TcpPort port = TcpPort.open(
                "metrics",
                "metrics",
                new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port()),
                REQUEST_TIMEOUT,
                this::serveOnPort);
        port.start();
        return port;
    }

    private void serveOnPort(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
        if (request.path().isEmpty() || !request.path().getFirst().equals("metrics")) {
            throw ApiError.notFound(
                    "only /metrics, /metrics/resource, /metrics/probes and /metrics/cadvisor are served here");
        }
        serve(request, response);
    }
}
