/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Builds the CRI configuration of a pod's sandbox as the kubelet does. Pure. */
public final class SandboxConfigs {

    private SandboxConfigs() {}

    /**
     * One sandbox of a pod version.
     *
     * @param attempt 0 for the first sandbox of the version
     * @param seen when the daemon acted on the version
     * @param hostName the host name that the kernel of the sandbox gets; empty for that of the node
     * @param logDirectory the log directory of the pod, absolute
     * @param dns the resolv.conf of the pod
     * @param cgroupParent the parent of the sandbox's and the containers' cgroups as the runtime
     *     expects it; empty if the runtime chooses
     */
    public record Instance(
            int attempt,
            Instant seen,
            Optional<String> hostName,
            Path logDirectory,
            DNSConfig dns,
            Optional<String> cgroupParent) {
        public Instance {
            Objects.requireNonNull(seen, "seen");
            Objects.requireNonNull(hostName, "hostName");
            Objects.requireNonNull(logDirectory, "logDirectory");
            Objects.requireNonNull(dns, "dns");
            Objects.requireNonNull(cgroupParent, "cgroupParent");
        }
    }

    /** The configuration of one sandbox. */
    public static PodSandboxConfig of(Pod pod, Instance instance, NodeProfile node) {
        String namespace = pod.name().namespace();
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(pod.runtimeName(), pod.uid(), namespace, instance.attempt()))
                .hostname(instance.hostName().orElse(""))
                .logDirectory(instance.logDirectory().toString())
                .dnsConfig(instance.dns())
                .portMappings(portMappings(pod))
                .labels(labels(pod))
                .annotations(annotations(pod, instance.seen()))
                .linux(LinuxPodSandboxConfig.builder()
                        .securityContext(LinuxSandboxSecurityContext.builder()
                                .namespaceOptions(namespaces(pod))
                                .seccomp(SecurityProfile.runtimeDefault())
                                .build())
                        .cgroupParent(instance.cgroupParent().orElse(""))
                        .resources(LinuxResources.ofPod(pod.spec(), node.cgroups()))
                        .overhead(LinuxResources.ofOverhead(pod.spec(), node.cgroups()))
                        .build())
                .build();
    }

    /** The namespaces of a pod's sandbox and of each of its containers. */
    static NamespaceOption namespaces(Pod pod) {
        NamespaceMode network = pod.spec().hostNetwork() ? NamespaceMode.NODE : NamespaceMode.POD;
        NamespaceMode processes =
                pod.spec().podContainers().shareProcessNamespace() ? NamespaceMode.POD : NamespaceMode.CONTAINER;
        return new NamespaceOption(network, processes, NamespaceMode.POD, "", null);
    }

    private static Map<String, String> labels(Pod pod) {
        Map<String, String> labels = new HashMap<>(pod.labels());
        labels.putAll(Labels.ofPod(pod.name(), pod.originalNode()));
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
     * Every port that a container or a sidecar declares. The kubelet reserves the ports of sidecars
     * and does not open them. A port that one container declares twice counts once.
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
