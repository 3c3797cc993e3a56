/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.IDMapping;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.SELinuxOption;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.proto.Cri;

/** Namespaces and security contexts: records to wire messages and back. */
final class SecurityMapping {
    private SecurityMapping() {}

    static Cri.IDMapping toWire(IDMapping mapping) {
        return Cri.IDMapping.newBuilder()
                .setHostId(mapping.hostId())
                .setContainerId(mapping.containerId())
                .setLength(mapping.length())
                .build();
    }

    static IDMapping fromWire(Cri.IDMapping wire) {
        return new IDMapping(wire.getHostId(), wire.getContainerId(), wire.getLength());
    }

    static Cri.NamespaceOption toWire(NamespaceOption option) {
        Cri.NamespaceOption.Builder wire = Cri.NamespaceOption.newBuilder()
                .setNetwork(EnumMapping.toWire(option.network()))
                .setPid(EnumMapping.toWire(option.pid()))
                .setIpc(EnumMapping.toWire(option.ipc()))
                .setTargetId(option.targetId());
        if (option.usernsOptions() != null) {
            wire.setUsernsOptions(toWire(option.usernsOptions()));
        }
        return wire.build();
    }

    static NamespaceOption fromWire(Cri.NamespaceOption wire) {
        return new NamespaceOption(
                EnumMapping.fromWire(wire.getNetwork()),
                EnumMapping.fromWire(wire.getPid()),
                EnumMapping.fromWire(wire.getIpc()),
                wire.getTargetId(),
                wire.hasUsernsOptions() ? fromWire(wire.getUsernsOptions()) : null);
    }

    static Cri.UserNamespace toWire(NamespaceOption.UserNamespace namespace) {
        Cri.UserNamespace.Builder wire = Cri.UserNamespace.newBuilder().setMode(EnumMapping.toWire(namespace.mode()));
        for (IDMapping each : namespace.uids()) {
            wire.addUids(toWire(each));
        }
        for (IDMapping each : namespace.gids()) {
            wire.addGids(toWire(each));
        }
        return wire.build();
    }

    static NamespaceOption.UserNamespace fromWire(Cri.UserNamespace wire) {
        return new NamespaceOption.UserNamespace(
                EnumMapping.fromWire(wire.getMode()),
                ValueMapping.map(wire.getUidsList(), SecurityMapping::fromWire),
                ValueMapping.map(wire.getGidsList(), SecurityMapping::fromWire));
    }

    static Cri.SecurityProfile toWire(SecurityProfile profile) {
        return Cri.SecurityProfile.newBuilder()
                .setProfileType(EnumMapping.toWire(profile.profileType()))
                .setLocalhostRef(profile.localhostRef())
                .build();
    }

    static Cri.SELinuxOption toWire(SELinuxOption option) {
        return Cri.SELinuxOption.newBuilder()
                .setUser(option.user())
                .setRole(option.role())
                .setType(option.type())
                .setLevel(option.level())
                .build();
    }

    static Cri.LinuxSandboxSecurityContext toWire(LinuxSandboxSecurityContext context) {
        Cri.LinuxSandboxSecurityContext.Builder wire = Cri.LinuxSandboxSecurityContext.newBuilder()
                .setReadonlyRootfs(context.readonlyRootfs())
                .addAllSupplementalGroups(context.supplementalGroups())
                .setSupplementalGroupsPolicy(EnumMapping.toWire(context.supplementalGroupsPolicy()))
                .setPrivileged(context.privileged());
        if (context.namespaceOptions() != null) {
            wire.setNamespaceOptions(toWire(context.namespaceOptions()));
        }
        if (context.selinuxOptions() != null) {
            wire.setSelinuxOptions(toWire(context.selinuxOptions()));
        }
        if (context.runAsUser() != null) {
            wire.setRunAsUser(ValueMapping.int64Value(context.runAsUser()));
        }
        if (context.runAsGroup() != null) {
            wire.setRunAsGroup(ValueMapping.int64Value(context.runAsGroup()));
        }
        if (context.seccomp() != null) {
            wire.setSeccomp(toWire(context.seccomp()));
        }
        if (context.apparmor() != null) {
            wire.setApparmor(toWire(context.apparmor()));
        }
        return wire.build();
    }

    static Cri.LinuxContainerSecurityContext toWire(LinuxContainerSecurityContext context) {
        Cri.LinuxContainerSecurityContext.Builder wire = Cri.LinuxContainerSecurityContext.newBuilder()
                .setPrivileged(context.privileged())
                .setRunAsUsername(context.runAsUsername())
                .setReadonlyRootfs(context.readonlyRootfs())
                .addAllSupplementalGroups(context.supplementalGroups())
                .setSupplementalGroupsPolicy(EnumMapping.toWire(context.supplementalGroupsPolicy()))
                .setNoNewPrivs(context.noNewPrivs())
                .addAllMaskedPaths(context.maskedPaths())
                .addAllReadonlyPaths(context.readonlyPaths());
        if (context.capabilities() != null) {
            wire.setCapabilities(toWire(context.capabilities()));
        }
        if (context.namespaceOptions() != null) {
            wire.setNamespaceOptions(toWire(context.namespaceOptions()));
        }
        if (context.selinuxOptions() != null) {
            wire.setSelinuxOptions(toWire(context.selinuxOptions()));
        }
        if (context.runAsUser() != null) {
            wire.setRunAsUser(ValueMapping.int64Value(context.runAsUser()));
        }
        if (context.runAsGroup() != null) {
            wire.setRunAsGroup(ValueMapping.int64Value(context.runAsGroup()));
        }
        if (context.seccomp() != null) {
            wire.setSeccomp(toWire(context.seccomp()));
        }
        if (context.apparmor() != null) {
            wire.setApparmor(toWire(context.apparmor()));
        }
        return wire.build();
    }

    static Cri.Capability toWire(LinuxContainerSecurityContext.Capability capability) {
        return Cri.Capability.newBuilder()
                .addAllAddCapabilities(capability.addCapabilities())
                .addAllDropCapabilities(capability.dropCapabilities())
                .addAllAddAmbientCapabilities(capability.addAmbientCapabilities())
                .build();
    }
}
