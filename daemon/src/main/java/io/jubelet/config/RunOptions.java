package io.jubelet.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the command line of {@code jubelet run} says. What it does not say is empty, so that the configuration file, and
 * then the default, can.
 *
 * @param podManifestPath directory of manifests
 * @param config a KubeletConfiguration file
 * @param containerRuntimeEndpoint such as {@code unix:///run/containerd/containerd.sock}, or {@code simulated:}
 * @param imageServiceEndpoint the same for images
 * @param hostnameOverride name of the node
 * @param rootDir where the daemon keeps its files
 * @param kubeconfig how to reach an API server
 * @param nodeIps addresses of the node, the primary first
 * @param apiSocket socket of the local API
 * @param podLogsDir directory of container logs
 * @param fileCheckFrequency how often the manifest directory is read anew without an event
 * @param localConfig whether ConfigMaps and Secrets may be among the manifests
 * @param seccompDefault whether containers that ask for no seccomp profile have that of the runtime
 * @param allowedUnsafeSysctls names of sysctls, or beginnings of names with {@code *} behind
 * @param images what is said of images
 * @param node what is said of the node's resources
 * @param verbosity of the log, 0 and more
 * @param names how pods resolve names
 * @param nodeLabels {@code key=value}, separated by commas
 * @param maxPods how many pods may run
 * @param certificates what is said of certificates
 * @param kubelet flags of the kubelet beside these
 */
public record RunOptions(
        Optional<Path> podManifestPath,
        Optional<Path> config,
        Optional<String> containerRuntimeEndpoint,
        Optional<String> imageServiceEndpoint,
        Optional<String> hostnameOverride,
        Optional<Path> rootDir,
        Optional<Path> kubeconfig,
        List<String> nodeIps,
        Optional<Path> apiSocket,
        Optional<Path> podLogsDir,
        Optional<Duration> fileCheckFrequency,
        Optional<Boolean> localConfig,
        Optional<Boolean> seccompDefault,
        List<String> allowedUnsafeSysctls,
        ImageSettings images,
        OptionalInt verbosity,
        Names names,
        Optional<String> nodeLabels,
        OptionalInt maxPods,
        CertificateSettings certificates,
        NodeSettings node,
        KubeletFlags kubelet) {

    /**
     * How pods resolve names.
     *
     * @param clusterDns addresses of name servers; empty: not given
     * @param clusterDomain of the cluster
     * @param resolvConf of the node, or empty text for none
     */
    public record Names(List<String> clusterDns, Optional<String> clusterDomain, Optional<String> resolvConf) {

        public static final Names NOT_GIVEN = new Names(List.of(), Optional.empty(), Optional.empty());

        public Names {
            clusterDns = List.copyOf(clusterDns);
            Objects.requireNonNull(clusterDomain, "clusterDomain");
            Objects.requireNonNull(resolvConf, "resolvConf");
        }
    }

    public RunOptions {
        Objects.requireNonNull(podManifestPath, "podManifestPath");
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(containerRuntimeEndpoint, "containerRuntimeEndpoint");
        Objects.requireNonNull(imageServiceEndpoint, "imageServiceEndpoint");
        Objects.requireNonNull(hostnameOverride, "hostnameOverride");
        Objects.requireNonNull(rootDir, "rootDir");
        Objects.requireNonNull(kubeconfig, "kubeconfig");
        nodeIps = List.copyOf(nodeIps);
        Objects.requireNonNull(apiSocket, "apiSocket");
        Objects.requireNonNull(podLogsDir, "podLogsDir");
        Objects.requireNonNull(fileCheckFrequency, "fileCheckFrequency");
        Objects.requireNonNull(localConfig, "localConfig");
        Objects.requireNonNull(seccompDefault, "seccompDefault");
        allowedUnsafeSysctls = List.copyOf(allowedUnsafeSysctls);
        Objects.requireNonNull(images, "images");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(verbosity, "verbosity");
        Objects.requireNonNull(names, "names");
        Objects.requireNonNull(nodeLabels, "nodeLabels");
        Objects.requireNonNull(maxPods, "maxPods");
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(kubelet, "kubelet");
    }
}
