/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.PodSandboxStatusResponse;
import io.jubelet.cri.proto.Cri;

/** Sandboxes: records to wire messages and back. */
final class SandboxMapping {
    private SandboxMapping() {}

    static Cri.PodSandboxConfig toWire(PodSandboxConfig config) {
        Cri.PodSandboxConfig.Builder wire = Cri.PodSandboxConfig.newBuilder()
                .setMetadata(toWire(config.metadata()))
                .setHostname(config.hostname())
                .setLogDirectory(config.logDirectory())
                .putAllLabels(config.labels())
                .putAllAnnotations(config.annotations());
        if (config.dnsConfig() != null) {
            wire.setDnsConfig(toWire(config.dnsConfig()));
        }
        for (PodSandboxConfig.PortMapping each : config.portMappings()) {
            wire.addPortMappings(toWire(each));
        }
        if (config.linux() != null) {
            wire.setLinux(toWire(config.linux()));
        }
        if (config.windows() != null) {
            wire.setWindows(WindowsMapping.toWire(config.windows()));
        }
        return wire.build();
    }

    static Cri.DNSConfig toWire(PodSandboxConfig.DNSConfig config) {
        return Cri.DNSConfig.newBuilder()
                .addAllServers(config.servers())
                .addAllSearches(config.searches())
                .addAllOptions(config.options())
                .build();
    }

    static Cri.PortMapping toWire(PodSandboxConfig.PortMapping mapping) {
        return Cri.PortMapping.newBuilder()
                .setProtocol(EnumMapping.toWire(mapping.protocol()))
                .setContainerPort(mapping.containerPort())
                .setHostPort(mapping.hostPort())
                .setHostIp(mapping.hostIp())
                .build();
    }

    static Cri.PodSandboxMetadata toWire(PodSandboxMetadata metadata) {
        return Cri.PodSandboxMetadata.newBuilder()
                .setName(metadata.name())
                .setUid(metadata.uid())
                .setNamespace(metadata.namespace())
                .setAttempt(metadata.attempt())
                .build();
    }

    static PodSandboxMetadata fromWire(Cri.PodSandboxMetadata wire) {
        return new PodSandboxMetadata(wire.getName(), wire.getUid(), wire.getNamespace(), wire.getAttempt());
    }

    static Cri.LinuxPodSandboxConfig toWire(LinuxPodSandboxConfig config) {
        Cri.LinuxPodSandboxConfig.Builder wire = Cri.LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(config.cgroupParent())
                .putAllSysctls(config.sysctls());
        if (config.securityContext() != null) {
            wire.setSecurityContext(SecurityMapping.toWire(config.securityContext()));
        }
        if (config.overhead() != null) {
            wire.setOverhead(ResourcesMapping.toWire(config.overhead()));
        }
        if (config.resources() != null) {
            wire.setResources(ResourcesMapping.toWire(config.resources()));
        }
        return wire.build();
    }

    static PodSandboxStatus fromWire(Cri.PodSandboxStatus wire) {
        return new PodSandboxStatus(
                new PodSandboxId(wire.getId()),
                fromWire(wire.getMetadata()),
                EnumMapping.fromWire(wire.getState()),
                ValueMapping.instant(wire.getCreatedAt()),
                wire.hasNetwork() ? fromWire(wire.getNetwork()) : null,
                wire.hasLinux() ? fromWire(wire.getLinux()) : null,
                wire.getLabelsMap(),
                wire.getAnnotationsMap(),
                wire.getRuntimeHandler());
    }

    static PodSandboxStatus.PodSandboxNetworkStatus fromWire(Cri.PodSandboxNetworkStatus wire) {
        return new PodSandboxStatus.PodSandboxNetworkStatus(
                wire.getIp(), ValueMapping.map(wire.getAdditionalIpsList(), SandboxMapping::fromWire));
    }

    static PodSandboxStatus.PodIP fromWire(Cri.PodIP wire) {
        return new PodSandboxStatus.PodIP(wire.getIp());
    }

    static PodSandboxStatus.LinuxPodSandboxStatus fromWire(Cri.LinuxPodSandboxStatus wire) {
        return new PodSandboxStatus.LinuxPodSandboxStatus(wire.hasNamespaces() ? fromWire(wire.getNamespaces()) : null);
    }

    static PodSandboxStatus.Namespace fromWire(Cri.Namespace wire) {
        return new PodSandboxStatus.Namespace(wire.hasOptions() ? SecurityMapping.fromWire(wire.getOptions()) : null);
    }

    static PodSandboxStatusResponse fromWire(Cri.PodSandboxStatusResponse wire) {
        return new PodSandboxStatusResponse(
                wire.hasStatus() ? fromWire(wire.getStatus()) : null,
                wire.getInfoMap(),
                ValueMapping.map(wire.getContainersStatusesList(), ContainerMapping::fromWire),
                ValueMapping.instant(wire.getTimestamp()));
    }

    static Cri.PodSandboxFilter toWire(PodSandboxFilter filter) {
        Cri.PodSandboxFilter.Builder wire =
                Cri.PodSandboxFilter.newBuilder().putAllLabelSelector(filter.labelSelector());
        if (filter.id() != null) {
            wire.setId(filter.id().value());
        }
        if (filter.state() != null) {
            wire.setState(Cri.PodSandboxStateValue.newBuilder().setState(EnumMapping.toWire(filter.state())));
        }
        return wire.build();
    }

    static PodSandbox fromWire(Cri.PodSandbox wire) {
        return new PodSandbox(
                new PodSandboxId(wire.getId()),
                fromWire(wire.getMetadata()),
                EnumMapping.fromWire(wire.getState()),
                ValueMapping.instant(wire.getCreatedAt()),
                wire.getLabelsMap(),
                wire.getAnnotationsMap(),
                wire.getRuntimeHandler());
    }
}
