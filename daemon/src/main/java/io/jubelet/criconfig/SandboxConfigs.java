package io.jubelet.criconfig;

import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxConfig.DNSConfig;
import io.jubelet.cri.PodSandboxConfig.PortMapping;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.Protocol;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.HostName;
import io.jubelet.podfiles.PodDirectories;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the CRI configuration of a pod's sandbox, as the kubelet would. Pure. */
public final class SandboxConfigs {

    private SandboxConfigs() {}

    /**
     * The configuration of a sandbox.
     *
     * @param attempt 0 for the first sandbox of this version
     * @param seen when the version was acted on
     */
    public static PodSandboxConfig of(Pod pod, int attempt, Instant seen, NodeProfile node) {
        return of(
                pod,
                attempt,
                seen,
                node,
                PodDns.of(pod, node.names(), node.ips()).config());
    }

    /**
     * The same, with what was found out of the names it can resolve.
     *
     * @throws io.jubelet.plan.ActionFailedException when the pod has a name that cannot be
     */
    public static PodSandboxConfig of(Pod pod, int attempt, Instant seen, NodeProfile node, DNSConfig dns) {
        String namespace = pod.name().namespace();
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(pod.fullName(), pod.uid(), namespace, attempt))
                .hostname(HostName.of(pod, node.names().clusterDomain()).ofKernel(pod))
                .logDirectory(node.podLogsDir()
                        .resolve(PodDirectories.logDirectoryName(pod.name(), pod.node(), pod.uid()))
                        .toString())
                .dnsConfig(dns)
                .portMappings(portMappings(pod))
                .labels(labels(pod))
                .annotations(annotations(pod, seen))
                .linux(LinuxPodSandboxConfig.builder()
                        .securityContext(LinuxSandboxSecurityContext.builder()
                                .namespaceOptions(namespaces(pod))
                                .seccomp(SecurityProfile.runtimeDefault())
                                .build())
                        .cgroupParent(node.cgroups().parent().apply(pod))
                        .resources(LinuxResources.ofPod(pod.spec(), node))
                        .overhead(LinuxResources.ofOverhead(pod.spec(), node))
                        .build())
                .build();
    }

    /** The namespaces of a pod's sandbox and of each of its containers. */
    static NamespaceOption namespaces(Pod pod) {
        NamespaceMode network = pod.spec().hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD;
        NamespaceMode processes = pod.spec().podContainers().shareProcessNamespace() ? NamespaceMode.POD : NamespaceMode.CONTAINER;
        return new NamespaceOption(network, processes, NamespaceMode.POD, "", null);
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = new HashMap<>(pod.labels());
        labels.putAll(Labels.ofPod(pod.name(), pod.node()));
        labels.put(Labels.POD_UID, pod.uid());
        return labels;
    }

    private static Map<String, String> annotations(Pod pod, Instant seen) {
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        annotations.put(Labels.CONFIG_HASH, pod.uid());
        annotations.put(Labels.CONFIG_SOURCE, "file");
        annotations.put(Labels.CONFIG_SEEN, seen.toString());
        annotations.put(Labels.HASH, pod.hash());
        annotations.put(Labels.MANIFEST, pod.source());
        annotations.put(
                Labels.GRACE_PERIOD,
                Long.toString(pod.spec().terminationGracePeriod().toSeconds()));
        return annotations;
    }

    /**
     * Every declared port of what runs on: containers and, other than with the kubelet, which counts their ports as taken
     * and does not open them, sidecars. What one container declares twice counts once.
     */
    private static List<PortMapping> portMappings(Pod pod) {
        List<PortMapping> mappings = new ArrayList<>();
        for (ContainerSpec container : pod.spec().allContainers().toList()) {
            if (!pod.spec().isInit(container) || pod.spec().isSidecar(container)) {
                addPorts(mappings, container);
            }
        }
        return mappings;
    }

    private static void addPorts(List<PortMapping> mappings, ContainerSpec container) {
        Set<String> seen = new HashSet<>();
        for (ContainerPort port : container.ports()) {
            String key = port.name().isEmpty()
                    ? port.protocol() + "-" + port.hostIp() + ":" + port.containerPort() + ":" + port.hostPort()
                    : port.name();
            if (seen.add(key)) {
                mappings.add(new PortMapping(
                        protocol(port.protocol()), port.containerPort(), port.hostPort(), port.hostIp()));
            }
        }
    }

    private static Protocol protocol(ContainerPort.Protocol protocol) {
        return switch (protocol) {
            case TCP -> Protocol.TCP;
            case UDP -> Protocol.UDP;
            case SCTP -> Protocol.SCTP;
        };
    }
}
