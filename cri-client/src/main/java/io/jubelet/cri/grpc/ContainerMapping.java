/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import com.google.protobuf.ByteString;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.ContainerStatusResponse;
import io.jubelet.cri.IDMapping;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.Mount;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.proto.Cri;

/** Containers: records to wire messages and back. */
final class ContainerMapping {
    private ContainerMapping() {}

    static Cri.ContainerMetadata toWire(ContainerMetadata metadata) {
        return Cri.ContainerMetadata.newBuilder()
                .setName(metadata.name())
                .setAttempt(metadata.attempt())
                .build();
    }

    static ContainerMetadata fromWire(Cri.ContainerMetadata wire) {
        return new ContainerMetadata(wire.getName(), wire.getAttempt());
    }

    static Cri.ContainerConfig toWire(ContainerConfig config) {
        Cri.ContainerConfig.Builder wire = Cri.ContainerConfig.newBuilder()
                .setMetadata(toWire(config.metadata()))
                .setImage(ImageMapping.toWire(config.image()))
                .addAllCommand(config.command())
                .addAllArgs(config.args())
                .setWorkingDir(config.workingDir())
                .putAllLabels(config.labels())
                .putAllAnnotations(config.annotations())
                .setLogPath(config.logPath())
                .setStdin(config.stdin())
                .setStdinOnce(config.stdinOnce())
                .setTty(config.tty())
                .setStopSignal(EnumMapping.toWire(config.stopSignal()));
        for (ContainerConfig.KeyValue each : config.envs()) {
            wire.addEnvs(toWire(each));
        }
        for (Mount each : config.mounts()) {
            wire.addMounts(toWire(each));
        }
        for (ContainerConfig.Device each : config.devices()) {
            wire.addDevices(toWire(each));
        }
        if (config.linux() != null) {
            wire.setLinux(toWire(config.linux()));
        }
        if (config.windows() != null) {
            wire.setWindows(WindowsMapping.toWire(config.windows()));
        }
        for (ContainerConfig.CDIDevice each : config.cdiDevices()) {
            wire.addCDIDevices(toWire(each));
        }
        return wire.build();
    }

    static Cri.Device toWire(ContainerConfig.Device device) {
        return Cri.Device.newBuilder()
                .setContainerPath(device.containerPath())
                .setHostPath(device.hostPath())
                .setPermissions(device.permissions())
                .build();
    }

    static Cri.CDIDevice toWire(ContainerConfig.CDIDevice device) {
        return Cri.CDIDevice.newBuilder().setName(device.name()).build();
    }

    static Cri.KeyValue toWire(ContainerConfig.KeyValue value) {
        return Cri.KeyValue.newBuilder()
                .setKey(value.key())
                .setValue(ByteString.copyFromUtf8(value.value()))
                .build();
    }

    static Cri.LinuxContainerConfig toWire(LinuxContainerConfig config) {
        Cri.LinuxContainerConfig.Builder wire = Cri.LinuxContainerConfig.newBuilder();
        if (config.resources() != null) {
            wire.setResources(ResourcesMapping.toWire(config.resources()));
        }
        if (config.securityContext() != null) {
            wire.setSecurityContext(SecurityMapping.toWire(config.securityContext()));
        }
        return wire.build();
    }

    static Cri.Mount toWire(Mount mount) {
        Cri.Mount.Builder wire = Cri.Mount.newBuilder()
                .setContainerPath(mount.containerPath())
                .setHostPath(mount.hostPath())
                .setReadonly(mount.readonly())
                .setSelinuxRelabel(mount.selinuxRelabel())
                .setPropagation(EnumMapping.toWire(mount.propagation()))
                .setRecursiveReadOnly(mount.recursiveReadOnly())
                .setImageSubPath(mount.imageSubPath());
        for (IDMapping each : mount.uidMappings()) {
            wire.addUidMappings(SecurityMapping.toWire(each));
        }
        for (IDMapping each : mount.gidMappings()) {
            wire.addGidMappings(SecurityMapping.toWire(each));
        }
        if (mount.image() != null) {
            wire.setImage(ImageMapping.toWire(mount.image()));
        }
        return wire.build();
    }

    static Mount fromWire(Cri.Mount wire) {
        return new Mount(
                wire.getContainerPath(),
                wire.getHostPath(),
                wire.getReadonly(),
                wire.getSelinuxRelabel(),
                EnumMapping.fromWire(wire.getPropagation()),
                ValueMapping.map(wire.getUidMappingsList(), SecurityMapping::fromWire),
                ValueMapping.map(wire.getGidMappingsList(), SecurityMapping::fromWire),
                wire.getRecursiveReadOnly(),
                wire.hasImage() ? ImageMapping.fromWire(wire.getImage()) : null,
                wire.getImageSubPath());
    }

    static Cri.ContainerFilter toWire(ContainerFilter filter) {
        Cri.ContainerFilter.Builder wire = Cri.ContainerFilter.newBuilder().putAllLabelSelector(filter.labelSelector());
        if (filter.id() != null) {
            wire.setId(filter.id().value());
        }
        if (filter.state() != null) {
            wire.setState(Cri.ContainerStateValue.newBuilder().setState(EnumMapping.toWire(filter.state())));
        }
        if (filter.podSandboxId() != null) {
            wire.setPodSandboxId(filter.podSandboxId().value());
        }
        return wire.build();
    }

    static Container fromWire(Cri.Container wire) {
        return new Container(
                new ContainerId(wire.getId()),
                new PodSandboxId(wire.getPodSandboxId()),
                fromWire(wire.getMetadata()),
                ImageMapping.fromWire(wire.getImage()),
                wire.getImageRef(),
                EnumMapping.fromWire(wire.getState()),
                ValueMapping.instant(wire.getCreatedAt()),
                wire.getLabelsMap(),
                wire.getAnnotationsMap(),
                wire.getImageId());
    }

    static ContainerStatus fromWire(Cri.ContainerStatus wire) {
        return new ContainerStatus(
                new ContainerId(wire.getId()),
                fromWire(wire.getMetadata()),
                EnumMapping.fromWire(wire.getState()),
                ValueMapping.instant(wire.getCreatedAt()),
                ValueMapping.instant(wire.getStartedAt()),
                ValueMapping.instant(wire.getFinishedAt()),
                wire.getExitCode(),
                ImageMapping.fromWire(wire.getImage()),
                wire.getImageRef(),
                wire.getReason(),
                wire.getMessage(),
                wire.getLabelsMap(),
                wire.getAnnotationsMap(),
                ValueMapping.map(wire.getMountsList(), ContainerMapping::fromWire),
                wire.getLogPath(),
                wire.hasResources() ? ResourcesMapping.fromWire(wire.getResources()) : null,
                wire.getImageId(),
                wire.hasUser() ? fromWire(wire.getUser()) : null,
                EnumMapping.fromWire(wire.getStopSignal()));
    }

    static ContainerStatus.ContainerUser fromWire(Cri.ContainerUser wire) {
        return new ContainerStatus.ContainerUser(wire.hasLinux() ? fromWire(wire.getLinux()) : null);
    }

    static ContainerStatus.LinuxContainerUser fromWire(Cri.LinuxContainerUser wire) {
        return new ContainerStatus.LinuxContainerUser(wire.getUid(), wire.getGid(), wire.getSupplementalGroupsList());
    }

    static ContainerStatusResponse fromWire(Cri.ContainerStatusResponse wire) {
        return new ContainerStatusResponse(wire.hasStatus() ? fromWire(wire.getStatus()) : null, wire.getInfoMap());
    }

    static ContainerEventResponse fromWire(Cri.ContainerEventResponse wire) {
        return new ContainerEventResponse(
                new ContainerId(wire.getContainerId()),
                EnumMapping.fromWire(wire.getContainerEventType()),
                ValueMapping.instant(wire.getCreatedAt()),
                wire.hasPodSandboxStatus() ? SandboxMapping.fromWire(wire.getPodSandboxStatus()) : null,
                ValueMapping.map(wire.getContainersStatusesList(), ContainerMapping::fromWire));
    }
}
