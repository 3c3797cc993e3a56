package io.jubelet.cli;

import io.jubelet.config.CertificateSettings;
import io.jubelet.config.ImageSettings;
import io.jubelet.config.KubeletFlags;
import io.jubelet.config.NodeSettings;
import io.jubelet.config.RunOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jubelet run}. */
@Command(
        name = "run",
        header = "Run the daemon: keep the pods of the manifest directory running.",
        description = {
            "",
            "The flags are the kubelet's own. A flag wins over the configuration file, and the file over the default.",
            "Pods live on when the daemon stops, and are taken over when it starts again.",
            ""
        },
        footerHeading = "%n",
        footer = {
            "Flags of the kubelet that are fields of KubeletConfiguration do what the field does: --register-node,",
            "--register-with-taints, --provider-id, --kube-reserved, --eviction-hard and so on. Others are accepted with",
            "a warning, so that the unit and the flags that kubeadm writes need no change.",
            "",
            "No port is opened unless it is named: --healthz-port=10248 tells whether the daemon is well, as kubeadm asks;",
            "--port=10250 with --client-ca-file serves kubectl logs, to whom the API server says may read them.",
            "",
            "Examples:",
            "  jubelet run",
            "  jubelet run --pod-manifest-path=/srv/pods --hostname-override=edge7",
            "  jubelet run --config=/etc/kubernetes/kubelet.yaml",
            "  jubelet run --container-runtime-endpoint=simulated: --root-dir=/tmp/j --api-socket=/tmp/j/j.sock \\",
            "      --pod-manifest-path=manifests-example        without containerd and without root",
            "",
            "Exit code: 0 stopped on request, 1 error, 2 wrong usage."
        })
final class Run implements Callable<Integer> {

    private final ToIntFunction<RunOptions> daemon;
    private final KubeletFlags kubelet;

    @Option(
            names = "--pod-manifest-path",
            paramLabel = "DIR",
            description = "Directory of manifests. Default: /etc/kubernetes/manifests.")
    private Path podManifestPath;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "KubeletConfiguration (kubelet.config.k8s.io/v1beta1) to read.")
    private Path config;

    @Option(
            names = "--container-runtime-endpoint",
            paramLabel = "URI",
            description = "Runtime to use; simulated: for trying out. Default: unix:///run/containerd/containerd.sock.")
    private String containerRuntimeEndpoint;

    @Option(
            names = "--image-service-endpoint",
            paramLabel = "URI",
            description = "Image service to use. Default: the runtime's.")
    private String imageServiceEndpoint;

    @Option(
            names = "--hostname-override",
            paramLabel = "NAME",
            description = "Name of the node, and the end of every pod's name. Default: the host's name.")
    private String hostnameOverride;

    @Option(
            names = "--root-dir",
            paramLabel = "DIR",
            description = "Where volumes and state are kept. Default: /var/lib/jubelet.")
    private Path rootDir;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach an API server. Without it there is none, and none is needed.")
    private Path kubeconfig;

    @Option(
            names = "--bootstrap-kubeconfig",
            paramLabel = "FILE",
            description = {
                "How to ask for a client certificate where --kubeconfig has none that is valid; then --kubeconfig is",
                "written."
            })
    private Path bootstrapKubeconfig;

    @Option(
            names = "--cert-dir",
            paramLabel = "DIR",
            description = "Where certificates are kept. Default: pki below the root directory.")
    private Path certDir;

    @Option(
            names = "--node-ip",
            paramLabel = "IP",
            split = ",",
            description = "Addresses of the node, the primary first; repeat it or separate them by commas.")
    private List<String> nodeIps = new ArrayList<>();

    @Option(
            names = "--api-socket",
            paramLabel = "PATH",
            description = "Socket of the local API. Default: $JUBELET_API_SOCKET, else " + SocketOption.DEFAULT + ".",
            defaultValue = "${env:JUBELET_API_SOCKET}")
    private Path apiSocket;

    @Option(
            names = "--pod-logs-dir",
            paramLabel = "DIR",
            description =
                    "Directory of container logs. Default: /var/log/pods; with simulated: below the root directory.")
    private Path podLogsDir;

    @Option(
            names = "--file-check-frequency",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "How often the manifest directory is read anew even without an event. Default: 20s.")
    private Duration fileCheckFrequency;

    @Option(
            names = "--local-config",
            arity = "1",
            paramLabel = "BOOL",
            description = "Whether ConfigMaps and Secrets may be among the manifests, and pods refer to them."
                    + " Default: true.")
    private Boolean localConfig;

    @Option(
            names = "--seccomp-default",
            arity = "1",
            paramLabel = "BOOL",
            description = {
                "Whether containers that ask for no seccomp profile have that of the runtime, and not none.",
                "Default: false."
            })
    private Boolean seccompDefault;

    @Option(
            names = "--allowed-unsafe-sysctls",
            paramLabel = "NAME",
            split = ",",
            description = {
                "Sysctls that pods may set beside the safe ones; a * behind the beginning of a name stands for the",
                "rest of it. Repeat it or separate them by commas."
            })
    private List<String> allowedUnsafeSysctls = new ArrayList<>();

    @Option(
            names = "--image-credential-provider-config",
            paramLabel = "FILE",
            description = "CredentialProviderConfig: programs that know credentials for registries.")
    private Path credentialProviderConfig;

    @Option(
            names = "--image-credential-provider-bin-dir",
            paramLabel = "DIR",
            description = "Where these programs are.")
    private Path credentialProviderBinDir;

    @Option(
            names = "--registry-qps",
            paramLabel = "N",
            description = "Most pulls in a second, 0 for no limit; more wait. Default: 5.")
    private Integer registryQps;

    @Option(
            names = "--registry-burst",
            paramLabel = "N",
            description = "Pulls at once before that limit counts. Default: 10.")
    private Integer registryBurst;

    @Option(
            names = "--image-gc-high-threshold",
            paramLabel = "PERCENT",
            description = "Disk in use from which on unused images are removed; 100 for never. Default: 85.")
    private Integer gcHighThreshold;

    @Option(
            names = "--image-gc-low-threshold",
            paramLabel = "PERCENT",
            description = "Disk in use down to which they are removed. Default: 80.")
    private Integer gcLowThreshold;

    @Option(
            names = "--minimum-image-ttl-duration",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Age of an unused image before which it is not removed. Default: 2m.")
    private Duration minimumImageAge;

    @Option(
            names = "--cgroup-root",
            paramLabel = "PATH",
            description = "Cgroup below which pods have theirs, in kubepods. Default: the root of all.")
    private String cgroupRoot;

    @Option(
            names = "--cgroups-per-qos",
            paramLabel = "true|false",
            arity = "1",
            description = "Whether each pod has a cgroup of its own, below that of its class. Default: true.")
    private Boolean cgroupsPerQos;

    @Option(
            names = "--cgroup-driver",
            paramLabel = "DRIVER",
            description = "cgroupfs or systemd, where the runtime does not tell. Default: cgroupfs.")
    private String cgroupDriver;

    @Option(
            names = "--pod-max-pids",
            paramLabel = "N",
            description = "How many processes and threads a pod may have. Default: -1, no limit.")
    private Long podMaxPids;

    @Option(
            names = "--minimum-container-ttl-duration",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Age of a container that has ended before which it is not removed. Default: 0s.")
    private Duration minimumContainerAge;

    @Option(
            names = "--maximum-dead-containers-per-container",
            paramLabel = "N",
            description = {
                "How many ended instances are kept of each container beside its newest one, with their logs. Default: 1;",
                "-1: all."
            })
    private Integer maximumDeadPerContainer;

    @Option(
            names = "--maximum-dead-containers",
            paramLabel = "N",
            description = "How many ended instances are kept on the node in all. Default: -1, no limit.")
    private Integer maximumDead;

    @Option(
            names = {"-v", "--v"},
            paramLabel = "N",
            description = "Verbosity of the log: 0 what happens, 2 every action, 4 everything. Default: 0.")
    private Integer verbosity;

    @Option(
            names = "--cluster-dns",
            paramLabel = "IP",
            split = ",",
            description = {
                "Name servers of the cluster, for pods whose dnsPolicy asks for them; repeat it or separate them by",
                "commas. Default: none, and such pods use the node's."
            })
    private List<String> clusterDns = new ArrayList<>();

    @Option(
            names = "--cluster-domain",
            paramLabel = "DOMAIN",
            description = "Domain of the cluster, such as cluster.local. Default: none.")
    private String clusterDomain;

    @Option(
            names = "--resolv-conf",
            paramLabel = "FILE",
            description = "What pods inherit of the node's name resolution; empty: nothing. Default: /etc/resolv.conf.")
    private String resolvConf;

    @Option(
            names = "--node-labels",
            paramLabel = "KEY=VALUE",
            description = {
                "Labels of the node besides kubernetes.io/hostname, os and arch, for nodeSelector and nodeAffinity;",
                "repeat it or separate them by commas."
            })
    private List<String> nodeLabels = new ArrayList<>();

    @Option(names = "--max-pods", paramLabel = "N", description = "How many pods may run. Default: 110.")
    private Integer maxPods;

    /**
     * @param kubelet flags that were given beside those of this command
     */
    Run(ToIntFunction<RunOptions> daemon, KubeletFlags kubelet) {
        this.daemon = daemon;
        this.kubelet = kubelet;
    }

    @Override
    public Integer call() {
        return daemon.applyAsInt(new RunOptions(
                Optional.ofNullable(podManifestPath),
                Optional.ofNullable(config),
                Optional.ofNullable(containerRuntimeEndpoint),
                Optional.ofNullable(imageServiceEndpoint),
                Optional.ofNullable(hostnameOverride),
                Optional.ofNullable(rootDir),
                Optional.ofNullable(kubeconfig),
                nodeIps,
                Optional.ofNullable(apiSocket),
                Optional.ofNullable(podLogsDir),
                Optional.ofNullable(fileCheckFrequency),
                Optional.ofNullable(localConfig),
                Optional.ofNullable(seccompDefault),
                allowedUnsafeSysctls,
                new ImageSettings(
                        Optional.empty(),
                        Optional.ofNullable(registryQps),
                        Optional.ofNullable(registryBurst),
                        Optional.ofNullable(gcHighThreshold),
                        Optional.ofNullable(gcLowThreshold),
                        Optional.ofNullable(minimumImageAge),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.ofNullable(credentialProviderConfig),
                        Optional.ofNullable(credentialProviderBinDir)),
                number(verbosity),
                new RunOptions.Names(clusterDns, Optional.ofNullable(clusterDomain), Optional.ofNullable(resolvConf)),
                nodeLabels.isEmpty() ? Optional.empty() : Optional.of(String.join(",", nodeLabels)),
                number(maxPods),
                CertificateSettings.flags(Optional.ofNullable(bootstrapKubeconfig), Optional.ofNullable(certDir)),
                NodeSettings.flags(
                        Optional.ofNullable(cgroupRoot),
                        Optional.ofNullable(cgroupsPerQos),
                        Optional.ofNullable(cgroupDriver),
                        Optional.ofNullable(podMaxPids),
                        new NodeSettings.Dead(
                                Optional.ofNullable(minimumContainerAge),
                                Optional.ofNullable(maximumDeadPerContainer),
                                Optional.ofNullable(maximumDead))),
                kubelet));
    }

    private static OptionalInt number(Integer given) {
        return given == null ? OptionalInt.empty() : OptionalInt.of(given);
    }
}
