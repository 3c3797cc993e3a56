/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.cri.IDMapping;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.LinuxContainerSecurityContext.Capability;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.NamespaceOption.UserNamespace;
import io.jubelet.cri.SELinuxOption;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.SupplementalGroupsPolicy;
import io.jubelet.pod.ContainerSecurity;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Isolation;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.Profile;
import io.jubelet.pod.SelinuxLabel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds the security contexts of the CRI as the kubelet does. Pure. */
final class SecurityContexts {

    /**
     * The prefix of the annotations that select AppArmor profiles without fields; the container's
     * name follows.
     */
    static final String APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

    private static final String ANNOTATED_LOCALHOST = "localhost/";

    private SecurityContexts() {}

    // --- settings of a container, or of its pod

    static Optional<Long> user(Pod pod, ContainerSpec container) {
        return container.security().runAs().user().or(pod.spec().security().runAs()::user);
    }

    static Optional<Long> group(Pod pod, ContainerSpec container) {
        return container.security().runAs().group().or(pod.spec().security().runAs()::group);
    }

    static boolean nonRoot(Pod pod, ContainerSpec container) {
        return container
                .security()
                .runAs()
                .nonRoot()
                .or(pod.spec().security().runAs()::nonRoot)
                .orElse(false);
    }

    static Optional<Profile> seccomp(Pod pod, ContainerSpec container) {
        return container
                .security()
                .profiles()
                .seccomp()
                .or(pod.spec().security().profiles()::seccomp);
    }

    static Optional<Profile> appArmor(Pod pod, ContainerSpec container) {
        return container
                .security()
                .profiles()
                .appArmor()
                .or(() -> annotated(pod.annotations().get(APP_ARMOR_ANNOTATION + container.name())))
                .or(pod.spec().security().profiles()::appArmor);
    }

    /** The profile that an annotation selects; the manifest parser has checked its form. */
    private static Optional<Profile> annotated(@Nullable String annotation) {
        if (annotation == null || annotation.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (annotation) {
                    case "runtime/default" -> new Profile.RuntimeDefault();
                    case "unconfined" -> new Profile.Unconfined();
                    default -> new Profile.Localhost(annotation.substring(ANNOTATED_LOCALHOST.length()));
                });
    }

    // --- CRI

    /**
     * The security context of a sandbox.
     *
     * @param plain that of a pod that requires nothing
     * @param users the ids of its user namespace; empty if it has none
     */
    static LinuxSandboxSecurityContext ofSandbox(
            Pod pod, LinuxSandboxSecurityContext plain, Optional<IDMapping> users) {
        PodSecurity security = pod.spec().security();
        return plain.toBuilder()
                .namespaceOptions(namespaces(
                        pod.spec().isolation(),
                        Objects.requireNonNull(plain.namespaceOptions(), "namespaceOptions"),
                        users))
                .runAsUser(security.runAs().user().orElse(null))
                // containerd rejects a group without a user, and the process of a sandbox does not
                // need the group.
                .runAsGroup(
                        security.runAs().user().isPresent()
                                ? security.runAs().group().orElse(null)
                                : null)
                .supplementalGroups(groups(security))
                .supplementalGroupsPolicy(policy(security))
                .selinuxOptions(security.profiles()
                        .selinux()
                        .map(SecurityContexts::label)
                        .orElse(null))
                .privileged(
                        pod.spec().allContainers().anyMatch(c -> c.security().privileged()))
                .build();
    }

    /**
     * The security context of a container.
     *
     * @param plain that of a container that requires nothing
     * @param user the user that it runs as
     * @param seccomp the resolved profile
     * @param users the ids of its user namespace; empty if it has none
     */
    static LinuxContainerSecurityContext ofContainer(
            Pod pod,
            ContainerSpec container,
            LinuxContainerSecurityContext plain,
            ContainerUser user,
            SecurityProfile seccomp,
            Optional<IDMapping> users) {
        ContainerSecurity security = container.security();
        boolean changed = !security.addedCapabilities().isEmpty()
                || !security.droppedCapabilities().isEmpty();
        return plain.toBuilder()
                .namespaceOptions(namespaces(
                        pod.spec().isolation(),
                        Objects.requireNonNull(plain.namespaceOptions(), "namespaceOptions"),
                        users))
                .runAsUser(user.id())
                .runAsUsername(user.name().orElse(""))
                .runAsGroup(group(pod, container).orElse(null))
                .supplementalGroups(groups(pod.spec().security()))
                .supplementalGroupsPolicy(policy(pod.spec().security()))
                .capabilities(
                        changed
                                ? new Capability(
                                        security.addedCapabilities(), security.droppedCapabilities(), List.of())
                                : null)
                .privileged(security.privileged())
                .noNewPrivs(security.privilege().noNewPrivileges())
                .readonlyRootfs(security.privilege().readOnlyRoot())
                .maskedPaths(security.privilege().unmaskedProc() ? List.of() : plain.maskedPaths())
                .readonlyPaths(security.privilege().unmaskedProc() ? List.of() : plain.readonlyPaths())
                .seccomp(seccomp)
                .apparmor(
                        appArmor(pod, container).map(SecurityContexts::appArmor).orElse(null))
                .selinuxOptions(security.profiles()
                        .selinux()
                        .or(pod.spec().security().profiles()::selinux)
                        .map(SecurityContexts::label)
                        .orElse(null))
                .build();
    }

    private static NamespaceOption namespaces(Isolation isolation, NamespaceOption plain, Optional<IDMapping> users) {
        return new NamespaceOption(
                plain.network(),
                isolation.hostPid() ? NamespaceMode.NODE : plain.pid(),
                isolation.hostIpc() ? NamespaceMode.NODE : plain.ipc(),
                plain.targetId(),
                users.map(ids -> new UserNamespace(NamespaceMode.POD, List.of(ids), List.of(ids)))
                        .orElse(plain.usernsOptions()));
    }

    private static List<Long> groups(PodSecurity security) {
        List<Long> groups = new ArrayList<>();
        security.groups().fsGroup().ifPresent(groups::add);
        groups.addAll(security.groups().supplemental());
        return groups;
    }

    private static SupplementalGroupsPolicy policy(PodSecurity security) {
        return switch (security.groups().policy()) {
            case Merge -> SupplementalGroupsPolicy.MERGE;
            case Strict -> SupplementalGroupsPolicy.STRICT;
        };
    }

    private static SELinuxOption label(SelinuxLabel label) {
        return new SELinuxOption(label.user(), label.role(), label.type(), label.level());
    }

    private static SecurityProfile appArmor(Profile profile) {
        return switch (profile) {
            case Profile.RuntimeDefault _ -> SecurityProfile.runtimeDefault();
            case Profile.Unconfined _ -> SecurityProfile.unconfined();
            case Profile.Localhost localhost -> SecurityProfile.localhost(localhost.name());
        };
    }
}
