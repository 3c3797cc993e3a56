package io.jubelet.runtime;

import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.Protocol;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Translates a pod into the configuration of its PodSandbox. Pure. Source of names and values: the reference kubelet. */
final class SandboxConfigs {

    private static final int MAX_HOSTNAME = 63;

    private SandboxConfigs() {}

    /**
     * @param attempt of the sandbox
     * @param logDirectory of this version of the pod
     * @param dns the resolver configuration of the node
     * @param seen when the daemon first acted on this version
     */
    static PodSandboxConfig of(Pod pod, int attempt, Path logDirectory, PodSandboxConfig.DNSConfig dns, Instant seen) {
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(
                        pod.fullName(), pod.uid(), pod.name().namespace(), attempt))
                .hostname(pod.spec().hostNetwork() ? "" : hostname(pod.fullName()))
                .logDirectory(logDirectory.toString())
                .dnsConfig(dns)
                .portMappings(portMappings(pod))
                .labels(labels(pod))
                .annotations(annotations(pod, seen))
                .linux(LinuxPodSandboxConfig.builder()
                        .securityContext(LinuxSandboxSecurityContext.builder()
                                .namespaceOptions(namespaces(pod))
                                .seccomp(SecurityProfile.runtimeDefault())
                                .build())
                        .build())
                .build();
    }

    /** The labels that sandboxes and containers of a pod share. */
    static Map<String, String> identity(Pod pod) {
        Map<String, String> labels = new HashMap<>();
        labels.put(Labels.POD_NAME, pod.fullName());
        labels.put(Labels.POD_NAMESPACE, pod.name().namespace());
        labels.put(Labels.POD_UID, pod.uid());
        labels.put(Labels.NODE, pod.node());
        return labels;
    }

    static NamespaceOption namespaces(Pod pod) {
        return new NamespaceOption(
                pod.spec().hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD,
                NamespaceMode.CONTAINER,
                NamespaceMode.POD,
                "",
                null);
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = new HashMap<>(pod.labels());
        labels.putAll(identity(pod));
        return labels;
    }

    private static Map<String, String> annotations(Pod pod, Instant seen) {
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        annotations.put("kubernetes.io/config.hash", pod.uid());
        annotations.put("kubernetes.io/config.seen", seen.toString());
        annotations.put("kubernetes.io/config.source", "file");
        annotations.put(Labels.HASH, pod.hash());
        annotations.put(Labels.MANIFEST, pod.source());
        annotations.put(
                Labels.GRACE_PERIOD,
                Long.toString(pod.spec().terminationGracePeriod().toSeconds()));
        return annotations;
    }

    private static String hostname(String name) {
        String cut = name.length() > MAX_HOSTNAME ? name.substring(0, MAX_HOSTNAME) : name;
        int end = cut.length();
        while (end > 0 && (cut.charAt(end - 1) == '-' || cut.charAt(end - 1) == '.')) {
            end--;
        }
        return cut.substring(0, end);
    }

    private static List<PodSandboxConfig.PortMapping> portMappings(Pod pod) {
        List<PodSandboxConfig.PortMapping> mappings = new ArrayList<>();
        for (ContainerSpec container : pod.spec().containers()) {
            for (ContainerPort port : container.ports()) {
                mappings.add(new PodSandboxConfig.PortMapping(
                        protocol(port.protocol()), port.containerPort(), port.hostPort(), port.hostIp()));
            }
        }
        return mappings;
    }

    private static Protocol protocol(ContainerPort.Protocol protocol) {
        return switch (protocol) {
            case TCP -> Protocol.TCP;
            case UDP -> Protocol.UDP;
            case SCTP -> Protocol.SCTP;
        };
    }
}
