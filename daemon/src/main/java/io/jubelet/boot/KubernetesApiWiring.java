/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.admission.NodeCapacities;
import io.jubelet.api.ApiError;
import io.jubelet.cluster.ClusterSettings;
import io.jubelet.cluster.LocalNode;
import io.jubelet.cluster.NodeImages;
import io.jubelet.cluster.NodePressures;
import io.jubelet.cluster.NodeReporter;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ListenerConfig;
import io.jubelet.cri.CriException;
import io.jubelet.kubernetesapi.KubernetesApi;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.NodeSignals;
import io.jubelet.runtime.RuntimeReadiness;
import io.jubelet.stats.Summary;
import io.jubelet.stats.UsageCollector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The Kubernetes API of the node. Not loaded where none is configured. */
final class KubernetesApiWiring {

    private KubernetesApiWiring() {}

    /**
     * Creates what is missing in its directory, and starts it.
     *
     * @throws IOException if the directory cannot be written
     */
    static KubernetesApi start(Wiring parts, NodeFacts facts) throws IOException {
        DaemonConfig config = parts.config;
        ListenerConfig.Endpoint endpoint = config.listeners().kubernetes();
        KubernetesApi api = new KubernetesApi(
                new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port()),
                config.node().rootDir().resolve(KubernetesApi.DIRECTORY),
                new KubernetesApi.Content(
                        parts.statusStore,
                        parts.manifests::current,
                        node(parts, facts),
                        parts.nodeInfo(),
                        ApiWiring.logSource(parts),
                        () -> usage(parts),
                        parts.streams,
                        config.node().manifests().path()),
                parts.clock);
        api.start();
        return api;
    }

    private static Summary usage(Wiring parts) throws InterruptedException {
        try {
            return parts.metrics.usage().collect(UsageCollector.Scope.CPU_AND_MEMORY);
        } catch (CriException e) {
            throw ApiError.unavailable("the runtime does not say what is used: " + e.getMessage());
        }
    }

    private static LocalNode node(Wiring parts, NodeFacts facts) {
        DaemonConfig config = parts.config;
        RuntimeReadiness runtime = new RuntimeReadiness(
                parts.runtimes.runtime(), config.cluster().status().updateFrequency(), () -> {}, parts.clock::steady);
        NodeImages images = new NodeImages(
                parts.runtimes.images(),
                config.cluster().status().maxImages(),
                config.cluster().status().updateFrequency());
        NodeCapacities capacities = new NodeCapacities(config, facts);
        NodeReporter reporter = new NodeReporter(
                parts.ips,
                Wiring.version(),
                new NodeReporter.Capacities(
                        capacities::capacity,
                        capacities::allocatable,
                        config.resources().maxPods()),
                new NodeReporter.RuntimeState(runtime::version, runtime::problem, runtime::offer),
                new NodeSignals(config.node().rootDir()),
                new NodePressures(
                        config.resources().evictionHard(),
                        config.cluster().status().pressureTransition()),
                images,
                parts.clock::steady);
        return new LocalNode(
                ClusterSettings.of(config),
                reporter,
                () -> {
                    runtime.refresh();
                    images.refresh();
                },
                parts.clock);
    }
}
