/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ApiServer;
import io.jubelet.api.LogSource;
import io.jubelet.api.RequestHandler;
import io.jubelet.api.Sources;
import io.jubelet.images.DownloadProgress;
import io.jubelet.logs.ContainerLogs;
import io.jubelet.plan.PullProgress;
import io.jubelet.rollout.ManifestEndpoint;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The server of the local API. */
final class ApiWiring {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private ApiWiring() {}

    static ApiServer of(Wiring parts, ClusterHolder cluster) {
        return new ApiServer(
                parts.config.node().apiSocket(),
                Optional.of(ApiServer.GROUP),
                parts.config.node().apiAdminGroup(),
                REQUEST_TIMEOUT,
                parts.statusStore,
                parts.nodeInfo(),
                parts.health::trouble,
                new Sources(
                        pod -> progress(parts.runtimes, parts.images.pulls(pod)),
                        logSource(parts),
                        cluster,
                        parts.conflicts::problem,
                        handlers(parts)));
    }

    /** The logs of containers. */
    static LogSource logSource(Wiring parts) {
        ContainerLogs logs = new ContainerLogs(parts.directories, parts.nodes);
        return (request, live, out) -> logs.copy(
                new ContainerLogs.Instance(request.pod(), request.uid(), request.container(), request.attempt()),
                new ContainerLogs.Options(
                        request.options().follow(),
                        request.options().tailLines(),
                        request.options().timestamps(),
                        request.options().oldest(parts.clock.instant())),
                live,
                out);
    }

    private static Map<String, RequestHandler> handlers(Wiring parts) {
        Map<String, RequestHandler> handlers = new HashMap<>(parts.streams.byPath());
        handlers.putAll(parts.metrics.byPath());
        handlers.putAll(new ManifestEndpoint(parts.manifests.source(), parts.manifests::current).byPath());
        return handlers;
    }

    /** The class that queries containerd is loaded only when there are pulls. */
    private static List<PullProgress> progress(Runtimes runtimes, List<PullProgress> pulls) {
        return pulls.isEmpty() ? pulls : new DownloadProgress(runtimes.containerd()).of(pulls);
    }
}
