package io.jubelet.config;

import io.jubelet.pod.SysctlAllowlist;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything the daemon is told at start. Flags win over the configuration file, which wins over defaults.
 *
 * @param manifestPath directory of manifests, or one manifest
 * @param fileCheckFrequency when the directory is looked at without any event
 * @param runtimeEndpoint {@code unix://} and a path, or {@code simulated:}
 * @param imageEndpoint as the runtime endpoint
 * @param rootDir where the daemon keeps pods' directories and its own state
 * @param podLogsDir where containers' logs are
 * @param nodeName a DNS subdomain in lower case
 * @param nodeIps addresses of the node, the primary first; none means: find out
 * @param apiSocket the Unix socket of the local API
 * @param logMaxSize size in bytes at which a container's log is rotated
 * @param logMaxFiles how many log files a container keeps, the one in use included
 * @param logMonitorInterval how often log sizes are looked at
 * @param maxRestartBackoff upper bound of the crash-loop back-off
 * @param runtimeTimeout deadline of a call to the runtime
 * @param cpuCfsQuota whether cpu limits are enforced
 * @param cpuCfsQuotaPeriod the period of that enforcement
 * @param verbosity 0 to 10
 * @param confinement what pods may do that ask for nothing, or for more than is safe
 * @param localConfig whether ConfigMaps and Secrets may be among the manifests, and pods refer to them
 * @param kubeconfig credentials of an API server
 * @param images what was said of pulls, credentials and garbage collection
 * @param clusterDns addresses of the name servers of the cluster; may be empty
 * @param clusterDomain of the cluster; empty for none
 * @param resolvConf what pods inherit of the node's name resolution; empty: nothing
 * @param nodeLabels of the node, but those that every node has
 * @param maxPods how many pods may run
 * @param certificates what is said of certificates
 * @param listener what is said of ports
 * @param node what is said of the node's resources
 * @param cluster what is said of the node in its cluster
 */
public record DaemonConfig(
        Path manifestPath,
        Duration fileCheckFrequency,
        String runtimeEndpoint,
        String imageEndpoint,
        Path rootDir,
        Path podLogsDir,
        String nodeName,
        List<InetAddress> nodeIps,
        Path apiSocket,
        long logMaxSize,
        int logMaxFiles,
        Duration logMonitorInterval,
        Duration maxRestartBackoff,
        Duration runtimeTimeout,
        boolean cpuCfsQuota,
        Duration cpuCfsQuotaPeriod,
        int verbosity,
        ConfinementSettings confinement,
        boolean localConfig,
        Optional<Path> kubeconfig,
        ImageSettings images,
        List<String> clusterDns,
        String clusterDomain,
        Optional<Path> resolvConf,
        Map<String, String> nodeLabels,
        int maxPods,
        CertificateSettings certificates,
        ListenerSettings listener,
        NodeSettings node,
        ClusterOptions cluster) {

    private static final Duration SECOND = Duration.ofSeconds(1);

    public DaemonConfig {
        Objects.requireNonNull(manifestPath, "manifestPath");
        Objects.requireNonNull(rootDir, "rootDir");
        Objects.requireNonNull(podLogsDir, "podLogsDir");
        Objects.requireNonNull(apiSocket, "apiSocket");
        Objects.requireNonNull(kubeconfig, "kubeconfig");
        nodeIps = List.copyOf(nodeIps);
        clusterDns = List.copyOf(clusterDns);
        nodeLabels = Map.copyOf(nodeLabels);
        List<String> wrong = new ArrayList<>();
        endpoint(wrong, "container runtime endpoint", runtimeEndpoint);
        endpoint(wrong, "image service endpoint", imageEndpoint);
        within(wrong, "file check frequency", fileCheckFrequency, Duration.ofMillis(1), Duration.ofDays(1));
        within(wrong, "log monitor interval", logMonitorInterval, Duration.ofMillis(1), Duration.ofDays(1));
        within(wrong, "longest restart back-off", maxRestartBackoff, SECOND, Duration.ofSeconds(300));
        within(wrong, "runtime request timeout", runtimeTimeout, Duration.ofMillis(1), Duration.ofDays(1));
        within(wrong, "cpu quota period", cpuCfsQuotaPeriod, Duration.ofMillis(1), SECOND);
        check(wrong, rootDir.isAbsolute(), "the root directory must be an absolute path, and is " + rootDir);
        check(
                wrong,
                podLogsDir.isAbsolute(),
                "the directory of pod logs must be an absolute path, and is " + podLogsDir);
        check(
                wrong,
                isNodeName(nodeName),
                "the node name \"" + nodeName
                        + "\" must be letters, digits, '-' and '.', beginning and ending with a letter or digit");
        check(wrong, nodeIps.size() <= 2, "at most two node addresses can be given");
        check(
                wrong,
                nodeIps.size() < 2
                        || nodeIps.get(0).getClass() != nodeIps.get(1).getClass(),
                "two node addresses must be one of IPv4 and one of IPv6");
        check(wrong, logMaxSize > 0, "the largest size of a log must be more than 0");
        check(wrong, logMaxFiles >= 2, "a container must keep at least 2 log files, and " + logMaxFiles + " is given");
        check(wrong, verbosity >= 0 && verbosity <= 10, "the verbosity must be from 0 to 10");
        wrong.addAll(images.wrong());
        check(wrong, maxPods >= 0, "the number of pods must not be negative");
        check(
                wrong,
                clusterDomain.isEmpty() || isNodeName(clusterDomain),
                "the cluster domain must be a DNS name such as cluster.local, and is \"" + clusterDomain + "\"");
        wrong.addAll(node.wrong());
        wrong.addAll(certificates.wrong(kubeconfig));
        wrong.addAll(listener.wrong(kubeconfig.isPresent()));
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", wrong));
        }
    }

    /**
     * Puts together what was given.
     *
     * @param hostname of this machine, the default of the node's name
     * @throws IllegalArgumentException when something is wrong; the message names everything that is
     */
    public static DaemonConfig of(RunOptions flags, Optional<KubeletConfigurationFile> file, String hostname) {
        String runtime = flags.containerRuntimeEndpoint()
                .or(() -> file.flatMap(KubeletConfigurationFile::containerRuntimeEndpoint))
                .orElse("unix:///run/containerd/containerd.sock");
        Optional<String> image =
                flags.imageServiceEndpoint().or(() -> file.flatMap(KubeletConfigurationFile::imageServiceEndpoint));
        Path rootDir = flags.rootDir().orElse(Path.of("/var/lib/jubelet"));
        int maxPods = flags.maxPods()
                .orElse(file.flatMap(KubeletConfigurationFile::maxPods).orElse(110));
        // Who tries the simulation out need not be root, and may not be able to write there.
        Path logs = runtime.equals("simulated:") ? rootDir.resolve("logs") : Path.of("/var/log/pods");
        return new DaemonConfig(
                flags.podManifestPath()
                        .or(() -> file.flatMap(KubeletConfigurationFile::staticPodPath))
                        .orElse(Path.of("/etc/kubernetes/manifests"))
                        .toAbsolutePath()
                        .normalize(),
                flags.fileCheckFrequency()
                        .or(() -> file.flatMap(KubeletConfigurationFile::fileCheckFrequency))
                        .orElse(Duration.ofSeconds(20)),
                runtime,
                image.orElse(runtime),
                rootDir,
                flags.podLogsDir()
                        .or(() -> file.flatMap(KubeletConfigurationFile::podLogsDir))
                        .orElse(logs),
                flags.hostnameOverride().orElse(hostname).strip().toLowerCase(Locale.ROOT),
                addresses(flags.nodeIps()),
                flags.apiSocket().orElse(Path.of("/run/jubelet/jubelet.sock")),
                file.flatMap(KubeletConfigurationFile::containerLogMaxSize).orElse(10L << 20),
                file.flatMap(KubeletConfigurationFile::containerLogMaxFiles).orElse(5),
                file.flatMap(KubeletConfigurationFile::containerLogMonitorInterval)
                        .orElse(Duration.ofSeconds(10)),
                file.flatMap(KubeletConfigurationFile::maxContainerRestartPeriod)
                        .orElse(Duration.ofSeconds(300)),
                file.flatMap(KubeletConfigurationFile::runtimeRequestTimeout).orElse(Duration.ofMinutes(2)),
                file.flatMap(KubeletConfigurationFile::cpuCfsQuota).orElse(true),
                file.flatMap(KubeletConfigurationFile::cpuCfsQuotaPeriod).orElse(Duration.ofMillis(100)),
                flags.verbosity().orElse(0),
                new ConfinementSettings(
                        rootDir,
                        flags.seccompDefault()
                                .or(() -> file.flatMap(KubeletConfigurationFile::seccompDefault))
                                .orElse(false),
                        new SysctlAllowlist(
                                flags.allowedUnsafeSysctls().isEmpty()
                                        ? file.flatMap(KubeletConfigurationFile::allowedUnsafeSysctls)
                                                .orElse(List.of())
                                        : flags.allowedUnsafeSysctls()),
                        file.map(KubeletConfigurationFile::node)
                                .flatMap(NodeSettings::idsPerPod)
                                .orElse(ConfinementSettings.DEFAULT_IDS_PER_POD),
                        maxPods),
                flags.localConfig().orElse(true),
                flags.kubeconfig(),
                flags.images().or(file.map(KubeletConfigurationFile::images).orElse(ImageSettings.NONE)),
                clusterServers(flags.names(), file),
                flags.names()
                        .clusterDomain()
                        .or(() -> file.flatMap(KubeletConfigurationFile::clusterDomain))
                        .orElse(""),
                Optional.of(flags.names()
                                .resolvConf()
                                .or(() -> file.flatMap(KubeletConfigurationFile::resolvConf))
                                .orElse("/etc/resolv.conf"))
                        .filter(name -> !name.isEmpty())
                        .map(Path::of),
                NodeLabels.parse(flags.nodeLabels().orElse("")),
                maxPods,
                flags.certificates()
                        .or(file.map(KubeletConfigurationFile::certificates).orElse(CertificateSettings.UNSAID)),
                file.map(KubeletConfigurationFile::listener).orElse(ListenerSettings.NONE),
                flags.node().or(file.map(KubeletConfigurationFile::node).orElse(NodeSettings.UNSAID)),
                cluster(flags, file.map(KubeletConfigurationFile::cluster).orElse(ClusterOptions.DEFAULT)));
    }

    /** Where certificates are kept. */
    public Path certDir() {
        return certificates.certDir().orElse(rootDir.resolve("pki"));
    }

    /** Where the last good content of manifests is kept. */
    public Path manifestStore() {
        return rootDir.resolve("manifests");
    }

    private static ClusterOptions cluster(RunOptions flags, ClusterOptions options) {
        return flags.kubelet().externalCloud() ? options.uninitialized() : options;
    }

    private static List<InetAddress> addresses(List<String> texts) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            for (String each : text.split(",")) {
                try {
                    addresses.add(InetAddress.ofLiteral(each.strip()));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("the node address \"" + each + "\" is not an IP address", e);
                }
            }
        }
        return addresses;
    }

    private static List<String> clusterServers(RunOptions.Names flags, Optional<KubeletConfigurationFile> file) {
        List<String> given = flags.clusterDns();
        if (given.isEmpty()) {
            given = file.map(KubeletConfigurationFile::clusterDns).orElse(List.of());
        }
        for (String server : given) {
            try {
                InetAddress.ofLiteral(server);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the name server \"" + server + "\" of the cluster is not an IP address", e);
            }
        }
        return given;
    }

    private static boolean isNodeName(String name) {
        return name.length() <= 253 && name.matches("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");
    }

    private static void endpoint(List<String> wrong, String what, String endpoint) {
        boolean fits = endpoint.startsWith("simulated:")
                || (endpoint.startsWith("unix:///") && endpoint.length() > "unix:///".length());
        check(wrong, fits, "the " + what + " must be unix:// and an absolute path, and is \"" + endpoint + "\"");
    }

    private static void within(List<String> wrong, String what, Duration value, Duration min, Duration max) {
        boolean fits = value.compareTo(min) >= 0 && value.compareTo(max) <= 0;
        check(wrong, fits, "the " + what + " must be from " + min.toMillis() + " ms to " + max.toSeconds() + " s");
    }

    private static void check(List<String> wrong, boolean holds, String message) {
        if (!holds) {
            wrong.add(message);
        }
    }
}
