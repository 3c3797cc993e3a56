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
import java.util.Optional;

/** The security contexts of CRI, as the kubelet would make them. Pure. */
final class SecurityContexts {

    /** How AppArmor was asked for before there were fields for it; the container's name is behind it. */
    static final String APP_ARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

    private static final String ANNOTATED_LOCALHOST = "localhost/";

    private SecurityContexts() {}

    // --- what holds for a container

    static Optional<Long> user(Pod pod, ContainerSpec container) {
        return container.security().runAsUser().or(pod.spec().security()::runAsUser);
    }

    static Optional<Long> group(Pod pod, ContainerSpec container) {
        return container.security().runAsGroup().or(pod.spec().security()::runAsGroup);
    }

    static boolean nonRoot(Pod pod, ContainerSpec container) {
        return container
                .security()
                .runAsNonRoot()
                .or(pod.spec().security()::runAsNonRoot)
                .orElse(false);
    }

    static Optional<Profile> seccomp(Pod pod, ContainerSpec container) {
        return container.security().seccomp().or(pod.spec().security()::seccomp);
    }

    static Optional<Profile> appArmor(Pod pod, ContainerSpec container) {
        return container
                .security()
                .appArmor()
                .or(() -> annotated(pod.annotations().get(APP_ARMOR_ANNOTATION + container.name())))
                .or(pod.spec().security()::appArmor);
    }

    /** The profile that an annotation names; its form was checked when the manifest was read. */
    private static Optional<Profile> annotated(String annotation) {
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

    /** That of a sandbox, made of the one of a pod that asks for nothing. */
    static LinuxSandboxSecurityContext ofSandbox(
            Pod pod, LinuxSandboxSecurityContext plain, Optional<IDMapping> users) {
        PodSecurity security = pod.spec().security();
        return plain.toBuilder()
                .namespaceOptions(namespaces(pod.spec().isolation(), plain.namespaceOptions(), users))
                .runAsUser(security.runAsUser().orElse(null))
                // A group without a user is an error for containerd, and the process of a sandbox can do without.
                .runAsGroup(
                        security.runAsUser().isPresent() ? security.runAsGroup().orElse(null) : null)
                .supplementalGroups(groups(security))
                .supplementalGroupsPolicy(policy(security))
                .selinuxOptions(security.selinux().map(SecurityContexts::label).orElse(null))
                .privileged(
                        pod.spec().allContainers().anyMatch(c -> c.security().privileged()))
                .build();
    }

    /**
     * That of a container, made of the one of a container that asks for nothing.
     *
     * @param user who it runs as, where that is not left to the image
     * @param seccomp the profile, resolved
     */
    static LinuxContainerSecurityContext ofContainer(
            Pod pod,
            ContainerSpec container,
            LinuxContainerSecurityContext plain,
            ImageUser user,
            SecurityProfile seccomp,
            Optional<IDMapping> users) {
        ContainerSecurity security = container.security();
        boolean changed = !security.addCapabilities().isEmpty()
                || !security.dropCapabilities().isEmpty();
        return plain.toBuilder()
                .namespaceOptions(namespaces(pod.spec().isolation(), plain.namespaceOptions(), users))
                .runAsUser(user.id())
                .runAsUsername(user.name())
                .runAsGroup(group(pod, container).orElse(null))
                .supplementalGroups(groups(pod.spec().security()))
                .supplementalGroupsPolicy(policy(pod.spec().security()))
                .capabilities(
                        changed
                                ? new Capability(security.addCapabilities(), security.dropCapabilities(), List.of())
                                : null)
                .privileged(security.privileged())
                .noNewPrivs(security.noNewPrivileges())
                .readonlyRootfs(security.readOnlyRoot())
                .maskedPaths(security.unmaskedProc() ? List.of() : plain.maskedPaths())
                .readonlyPaths(security.unmaskedProc() ? List.of() : plain.readonlyPaths())
                .seccomp(seccomp)
                .apparmor(
                        appArmor(pod, container).map(SecurityContexts::appArmor).orElse(null))
                .selinuxOptions(security.selinux()
                        .or(pod.spec().security()::selinux)
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
        security.fsGroup().ifPresent(groups::add);
        groups.addAll(security.supplementalGroups());
        return groups;
    }

    private static SupplementalGroupsPolicy policy(PodSecurity security) {
        return switch (security.groupsPolicy()) {
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
