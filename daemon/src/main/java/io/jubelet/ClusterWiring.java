package io.jubelet;

import io.jubelet.cluster.Cluster;
import io.jubelet.cluster.ClusterSettings;
import io.jubelet.cluster.NodeReport;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.VersionResponse;
import io.jubelet.kubeapi.Identity;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.node.MachineFacts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import io.jubelet.signing.ClientCertificate;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes the part that talks to an API server; not loaded where there is none. */
final class ClusterWiring {

    private final DaemonConfig config;
    private final NodeFacts facts;
    private final NodeCapacities capacities;
    private final List<String> ips;
    private final RuntimeService runtime;
    private final Supplier<Optional<String>> health;

    private ClusterWiring(
            DaemonConfig config,
            NodeFacts facts,
            List<String> ips,
            RuntimeService runtime,
            Supplier<Optional<String>> health) {
        this.config = config;
        this.facts = facts;
        this.capacities = new NodeCapacities(config, facts);
        this.ips = ips;
        this.runtime = runtime;
        this.health = health;
    }

    /**
     * Starts it.
     *
     * @param health what is wrong with the daemon
     * @param pods what is shown of pods
     */
    static Joined start(
            DaemonConfig config,
            Path kubeconfig,
            NodeFacts facts,
            List<String> ips,
            RuntimeService runtime,
            Supplier<Optional<String>> health,
            Cluster.Pods pods,
            InstantSource clock) {
        ClusterWiring wiring = new ClusterWiring(config, facts, ips, runtime, health);
        CertificateWiring certificates = new CertificateWiring(config, kubeconfig, clock);
        KubeApi api = client(certificates.identity());
        Cluster cluster = new Cluster(
                        api,
                        new ClusterSettings(
                                config.nodeName(),
                                true,
                                NodeLabels.of(config.nodeName(), config.nodeLabels()),
                                List.of(new ClusterSettings.Taint("jubelet.io/static-pods-only", "", "NoSchedule")),
                                "",
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(5),
                                Duration.ofSeconds(40)),
                        wiring::report,
                        pods,
                        clock)
                .start();
        return new Joined(cluster, certificates.start(api, ClusterWiring::client));
    }

    /** What was started. */
    record Joined(Cluster cluster, Optional<ClientCertificate> certificate) implements AutoCloseable {
        @Override
        public void close() {
            certificate.ifPresent(ClientCertificate::close);
            cluster.close();
        }
    }

    private static KubeApi client(Identity identity) {
        return new KubeApi(identity, "jubelet");
    }

    private NodeReport report() {
        return new NodeReport(
                ips,
                facts.hostName(),
                amounts(capacities.all()),
                amounts(capacities.allocatable()),
                machine(),
                health.get());
    }

    private Map<String, String> amounts(NodeCapacity capacity) {
        Map<String, String> amounts = new HashMap<>();
        amounts.put("cpu", capacity.cpuMilli() + "m");
        amounts.put("memory", Long.toString(capacity.memoryBytes()));
        amounts.put("ephemeral-storage", Long.toString(capacity.ephemeralStorageBytes()));
        amounts.put("pods", Integer.toString(config.maxPods()));
        capacity.hugePages().forEach((resource, bytes) -> amounts.put(resource, Long.toString(bytes)));
        return amounts;
    }

    private Map<String, String> machine() {
        Map<String, String> machine = new HashMap<>(MachineFacts.read());
        machine.put("kubeletVersion", "v1.36.0+jubelet-" + Wiring.version());
        machine.put("containerRuntimeVersion", runtimeVersion());
        return machine;
    }

    private String runtimeVersion() {
        try {
            VersionResponse version = runtime.version();
            return version.runtimeName() + "://" + version.runtimeVersion();
        } catch (CriException _) {
            return "unknown";
        }
    }
}
