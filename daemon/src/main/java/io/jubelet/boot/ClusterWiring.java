package io.jubelet.boot;

import io.jubelet.admission.NodeCapacities;
import io.jubelet.cluster.Cluster;
import io.jubelet.cluster.ClusterSettings;
import io.jubelet.cluster.ClusterSettings.Taint;
import io.jubelet.cluster.NodeImages;
import io.jubelet.cluster.NodePressures;
import io.jubelet.cluster.NodeReport;
import io.jubelet.cluster.ResourceQuantities;
import io.jubelet.config.ClusterConfig;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.NodeLabels;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.mirror.MirrorSource;
import io.jubelet.node.MachineFacts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.NodeSignals;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.NodeInfo;
import io.jubelet.runtime.RuntimeReadiness;
import io.jubelet.signing.ClientCertificateManager;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the part that talks to an API server; not loaded where there is none. */
final class ClusterWiring implements AutoCloseable {

    /** KubeletConfiguration and Pods are understood as of this version of Kubernetes. */
    private static final String KUBERNETES = "v1.36.0";

    private final DaemonConfig config;
    private final NodeCapacities capacities;
    /** What of the machine does not change while it runs. */
    private final Map<String, String> machine = MachineFacts.read();

    private final List<String> ips;
    private final InstantSource clock;
    private final NodeSignals signals;
    private final NodePressures pressures;
    private final NodeImages images;
    private final RuntimeReadiness runtime;
    private final Cluster cluster;
    private final CertificateWiring certificates;
    private final KubeApi api;
    /** Written before anybody else knows of this. */
    private Optional<ClientCertificateManager> certificate = Optional.empty();

    private ClusterWiring(
            DaemonConfig config,
            Path kubeconfig,
            NodeFacts facts,
            List<String> ips,
            Runtimes runtimes,
            MirrorSource pods,
            InstantSource clock) {
        this.config = config;
        this.capacities = new NodeCapacities(config, facts);
        this.ips = ips;
        this.clock = clock;
        this.signals = new NodeSignals(config.node().rootDir());
        this.pressures = new NodePressures(
                config.resources().evictionHard(), config.cluster().status().pressureTransition());
        this.images = new NodeImages(
                runtimes.images(),
                config.cluster().status().maxImages(),
                config.cluster().status().updateFrequency());
        this.runtime = new RuntimeReadiness(
                runtimes.runtime(), config.cluster().status().updateFrequency(), this::runtimeChanged, clock);
        this.certificates = new CertificateWiring(config, kubeconfig, clock);
        this.api = client(certificates.identity());
        this.cluster = new Cluster(
                api,
                settings(config),
                this::report,
                pods,
                new EventJson(new NodeInfo(config.node().name(), ips, Wiring.version())),
                clock);
    }

    private KubeApi client(ClientConfigProvider identity) {
        return new KubeApi(identity, "jubelet/" + Wiring.version(), clock);
    }

    /**
     * Starts it.
     *
     * @param pods what is shown of pods
     */
    static ClusterWiring start(
            DaemonConfig config,
            Path kubeconfig,
            NodeFacts facts,
            List<String> ips,
            Runtimes runtimes,
            MirrorSource pods,
            InstantSource clock) {
        ClusterWiring wiring = new ClusterWiring(config, kubeconfig, facts, ips, runtimes, pods, clock);
        wiring.runtime.start();
        wiring.images.start();
        wiring.cluster.start();
        wiring.certificate = wiring.certificates.start(wiring.api, wiring::client);
        return wiring;
    }

    private static ClusterSettings settings(DaemonConfig config) {
        ClusterConfig options = config.cluster();
        List<Taint> taints = new ArrayList<>();
        options.registration()
                .taints()
                .forEach(taint -> taints.add(new Taint(taint.key(), taint.value(), taint.effect())));
        if (taints.stream().noneMatch(taint -> taint.key().equals(ClusterSettings.STATIC_PODS_ONLY.key()))) {
            taints.add(ClusterSettings.STATIC_PODS_ONLY);
        }
        Map<String, String> annotations = new HashMap<>();
        // The kubelet's word for: a controller attaches volumes. There are none here, and nobody else attaches any.
        annotations.put("volumes.kubernetes.io/controller-managed-attach-detach", "true");
        if (!config.node().addresses().isEmpty()) {
            annotations.put(
                    "alpha.kubernetes.io/provided-node-ip",
                    String.join(
                            ",",
                            config.node().addresses().stream()
                                    .map(NodeFacts::text)
                                    .toList()));
        }
        return new ClusterSettings(
                config.node().name(),
                new ClusterSettings.Registration(
                        options.registration().enabled(),
                        NodeLabels.of(
                                config.node().name(),
                                MachineFacts.architecture(),
                                config.node().labels()),
                        annotations,
                        taints,
                        options.registration().providerId()),
                config.listeners().kubelet().port(),
                new ClusterSettings.Timing(
                        options.status().updateFrequency(),
                        options.status().reportFrequency(),
                        options.status().leaseDuration()),
                new ClusterSettings.EventLimits(
                        options.events().perSecond(), options.events().burst()));
    }

    /** The client of the API server. */
    KubeApi api() {
        return api;
    }

    /** What it made. */
    Cluster cluster() {
        return cluster;
    }

    private void runtimeChanged() {
        cluster.reportChanged();
    }

    private NodeReport report() {
        Instant now = clock.instant();
        return new NodeReport(
                ips,
                amounts(capacities.capacity()),
                amounts(capacities.allocatable()),
                machine(),
                images.all(),
                pressures.update(signals.measure(images.directory()), now),
                List.of(),
                runtime.problem());
    }

    private Map<String, String> amounts(NodeCapacity capacity) {
        Map<String, String> amounts = new HashMap<>();
        amounts.put("cpu", ResourceQuantities.processors(capacity.cpuMilli()));
        amounts.put("memory", ResourceQuantities.bytes(capacity.memoryBytes()));
        amounts.put("ephemeral-storage", ResourceQuantities.bytes(capacity.ephemeralStorageBytes()));
        amounts.put("pods", Integer.toString(config.resources().maxPods()));
        capacity.hugePages().forEach((resource, bytes) -> amounts.put(resource, ResourceQuantities.bytes(bytes)));
        return amounts;
    }

    private Map<String, String> machine() {
        Map<String, String> all = new HashMap<>(machine);
        all.put("kubeletVersion", KUBERNETES + "+jubelet-" + Wiring.version());
        all.put("containerRuntimeVersion", runtime.version());
        return all;
    }

    @Override
    public void close() {
        certificate.ifPresent(ClientCertificateManager::close);
        cluster.close();
        images.close();
        runtime.close();
    }
}
