/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.admission.NodeCapacities;
import io.jubelet.cluster.Cluster;
import io.jubelet.cluster.ClusterSettings;
import io.jubelet.cluster.NodeImages;
import io.jubelet.cluster.NodePressures;
import io.jubelet.cluster.NodeReporter;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.config.DaemonConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.mirror.MirrorSource;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.NodeSignals;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.NodeInfo;
import io.jubelet.runtime.RuntimeReadiness;
import io.jubelet.signing.ClientCertificateManager;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The parts that talk to an API server. Not loaded where there is none. */
final class ClusterWiring implements AutoCloseable {

    private final NodeImages images;
    private final RuntimeReadiness runtime;
    private final Cluster cluster;
    private final CertificateWiring certificates;
    private final KubeApi api;
    private final NodeClock clock;
    /** Set by {@link #start}, before other threads know this object. */
    private Optional<ClientCertificateManager> certificate = Optional.empty();

    private ClusterWiring(
            DaemonConfig config,
            Path kubeconfig,
            NodeFacts facts,
            Supplier<List<String>> ips,
            Runtimes runtimes,
            MirrorSource pods,
            NodeClock clock) {
        this.clock = clock;
        this.images = new NodeImages(
                runtimes.images(),
                config.cluster().status().maxImages(),
                config.cluster().status().updateFrequency());
        this.runtime = new RuntimeReadiness(
                runtimes.runtime(), config.cluster().status().updateFrequency(), this::runtimeChanged, clock::steady);
        this.certificates = new CertificateWiring(config, kubeconfig, clock);
        this.api = client(certificates.identity());
        NodeCapacities capacities = new NodeCapacities(config, facts);
        NodeReporter reporter = new NodeReporter(
                ips,
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
                clock::steady);
        this.cluster = new Cluster(
                api,
                ClusterSettings.of(config),
                reporter,
                pods,
                new EventJson(new NodeInfo(config.node().name(), ips, Wiring.version())),
                clock);
    }

    private KubeApi client(ClientConfigProvider identity) {
        return new KubeApi(identity, "jubelet/" + Wiring.version(), clock);
    }

    /**
     * Starts the parts that talk to the API server.
     *
     * @param pods the pods that get mirror pods
     */
    static ClusterWiring start(
            DaemonConfig config,
            Path kubeconfig,
            NodeFacts facts,
            Supplier<List<String>> ips,
            Runtimes runtimes,
            MirrorSource pods,
            NodeClock clock) {
        ClusterWiring wiring = new ClusterWiring(config, kubeconfig, facts, ips, runtimes, pods, clock);
        wiring.runtime.start();
        wiring.images.start();
        wiring.cluster.start();
        wiring.certificate = wiring.certificates.start(wiring.api, wiring::client);
        return wiring;
    }

    /** The client of the API server. */
    KubeApi api() {
        return api;
    }

    /** The node in its cluster. */
    Cluster cluster() {
        return cluster;
    }

    private void runtimeChanged() {
        cluster.reportChanged();
    }

    @Override
    public void close() {
        certificate.ifPresent(ClientCertificateManager::close);
        cluster.close();
        images.close();
        runtime.close();
    }
}
