package io.jubelet.confinement;

import io.jubelet.config.ConfinementSettings;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.IDMapping;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.node.KernelSecurity;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.ContainerSecurity;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Isolation;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodGroups;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.Profile;
import io.jubelet.pod.SysctlAllowlist;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Confines pods and their containers as their manifests and the settings of the node say. A pod that asks for nothing
 * passes through as it is. Safe for use by many threads; blocks for a call to the runtime where a pod needs one.
 */
public final class Confinement {
    private final ConfinementSettings settings;
    private final ImageUserCache images;
    private final SupportedFeatures abilities;
    private final UserNamespaceAllocator users;
    private final KernelSecurity kernel;

    /** @param incarnation something that is no longer equal when the runtime was started anew */
    public Confinement(
            ConfinementSettings settings,
            RuntimeService runtime,
            ImageUserCache images,
            Supplier<Object> incarnation,
            KernelSecurity kernel) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.images = Objects.requireNonNull(images, "images");
        this.abilities = new SupportedFeatures(runtime, incarnation);
        this.users = new UserNamespaceAllocator(
                settings.rootDir().resolve("pods"), settings.idsPerPod(), settings.maxPods(), SubordinateIds.ofNode());
        this.kernel = Objects.requireNonNull(kernel, "kernel");
    }

    // --- before anything is made

    /** Why this node cannot run a pod as it wants to, in the words of the kubelet; empty when it can. */
    public Optional<AdmissionRejection> rejection(Pod pod) {
        PodSecurity security = pod.spec().security();
        if (!security.sysctls().isEmpty()) {
            Optional<String> forbidden = settings.sysctls().refusal(pod.spec());
            if (forbidden.isPresent()) {
                return refuse(SysctlAllowlist.REASON, forbidden.get());
            }
        }
        if (security.groups().policy() == PodGroups.SupplementalGroupsPolicy.Strict && !abilities.strictGroups()) {
            return refuse(
                    "SupplementalGroupsPolicyNotSupported",
                    "SupplementalGroupsPolicy=Strict is not supported in this node: its runtime cannot, containerd"
                            + " can from version 2 on");
        }
        if (needsAppArmor(pod) && !appArmor()) {
            return refuse("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host");
        }
        return isolationRejection(pod).or(() -> imageVolumeProblem(pod));
    }

    private Optional<AdmissionRejection> isolationRejection(Pod pod) {
        Isolation isolation = pod.spec().isolation();
        if (!isolation.runtimeHandler().isEmpty() && abilities.lacks(isolation.runtimeHandler())) {
            return refuse(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "the runtime has no handler \"" + isolation.runtimeHandler()
                            + "\", which runtimeClassName asks for; its configuration names those that it has");
        }
        if (!isolation.hostUsers() && !abilities.userNamespaces(isolation.runtimeHandler())) {
            return refuse(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    isolation.runtimeHandler().isEmpty()
                            ? "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
                            : "can't set `spec.hostUsers: false`, RuntimeClass handler \"" + isolation.runtimeHandler()
                                    + "\" does not support user namespaces");
        }
        return Optional.empty();
    }

    /** The kubelet makes the sandbox of such a pod, and then fails for each container with what the runtime says. */
    private Optional<AdmissionRejection> imageVolumeProblem(Pod pod) {
        Set<String> images = pod.spec().volumes().stream()
                .filter(Volume.Image.class::isInstance)
                .map(Volume::name)
                .collect(Collectors.toSet());
        if (images.isEmpty()) {
            return Optional.empty();
        }
        boolean parts = pod.spec()
                .allContainers()
                .flatMap(container -> container.volumeMounts().stream())
                .anyMatch(mount -> images.contains(mount.name()) && !(mount.subPath() + mount.subPathExpr()).isEmpty());
        return abilities.imageVolumeProblem(parts).flatMap(why -> refuse("ImageVolumesNotSupported", why));
    }

    /**
     * Refuses what this node does not do, when a sandbox is made that was not refused before: for the node may have changed.
     *
     * @throws ActionFailedException the pod cannot run here as it wants to
     */
    public void check(Pod pod) {
        rejection(pod).ifPresent(why -> {
            throw new ActionFailedException(why.reason(), why.message(), null);
        });
    }

    private static Optional<AdmissionRejection> refuse(String reason, String message) {
        return Optional.of(new AdmissionRejection(reason, message));
    }

    private static boolean needsAppArmor(Pod pod) {
        return pod.spec()
                .allContainers()
                .map(container -> SecurityContexts.appArmor(pod, container))
                .flatMap(Optional::stream)
                .anyMatch(profile -> !(profile instanceof Profile.Unconfined));
    }

    private boolean appArmor() {
        try {
            return kernel.hasAppArmor();
        } catch (IOException e) {
            throw new ActionFailedException("AppArmor", "Cannot enforce AppArmor: " + e, e);
        }
    }

    /** Whether the runtime can make mounts of this pod read-only with all that is mounted below them. */
    public boolean recursiveReadOnly(Pod pod) {
        return abilities.recursiveReadOnly(pod.spec().isolation().runtimeHandler());
    }

    // --- sandboxes

    /** The configuration of a sandbox, made of the one that a pod has which asks for nothing. */
    public PodSandboxConfig of(Pod pod, PodSandboxConfig plain) {
        boolean asks = pod.spec().security() != PodSecurity.NONE
                || pod.spec().isolation() != Isolation.DEFAULT
                || pod.spec().allContainers().anyMatch(c -> c.security().privileged());
        if (!asks) {
            return plain;
        }
        LinuxPodSandboxConfig linux = plain.linux();
        return plain.toBuilder()
                .linux(linux.toBuilder()
                        .securityContext(SecurityContexts.ofSandbox(
                                pod, linux.securityContext(), users(pod, KubeletReasons.FAILED_CREATE_POD_SANDBOX)))
                        .sysctls(pod.spec().security().sysctls())
                        .build())
                .build();
    }

    private Optional<IDMapping> users(Pod pod, String reason) {
        if (pod.spec().isolation().hostUsers()) {
            return Optional.empty();
        }
        try {
            return Optional.of(users.of(pod.uid()));
        } catch (IOException e) {
            throw new ActionFailedException(reason, "user namespace: " + e.getMessage(), e);
        }
    }

    // --- containers

    /**
     * The configuration of a container, made of the one that a container has which asks for nothing. Who it runs as is
     * looked at each time.
     *
     * @throws ActionFailedException it may not run as it would, or what it asks for is not there
     */
    public ContainerConfig of(Pod pod, ContainerSpec container, ContainerConfig plain) {
        ContainerUser user = user(pod, container, plain.image().image());
        boolean asks = user.isNamed()
                || container.security() != ContainerSecurity.NONE
                || pod.spec().security() != PodSecurity.NONE
                || pod.spec().isolation() != Isolation.DEFAULT
                || settings.seccompDefault()
                || SecurityContexts.appArmor(pod, container).isPresent();
        if (!asks) {
            return plain;
        }
        SecurityProfile seccomp = seccomp(SecurityContexts.seccomp(pod, container));
        Optional<IDMapping> ids = users(pod, KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR);
        LinuxContainerConfig linux = plain.linux();
        ContainerConfig.Builder confined = plain.toBuilder()
                .linux(new LinuxContainerConfig(
                        linux.resources(),
                        SecurityContexts.ofContainer(pod, container, linux.securityContext(), user, seccomp, ids)));
        if (ids.isPresent()) {
            List<IDMapping> mapped = List.of(ids.get());
            confined.mounts(plain.mounts().stream()
                    .map(mount -> mount.toBuilder()
                            .uidMappings(mapped)
                            .gidMappings(mapped)
                            .build())
                    .toList());
        }
        return confined.build();
    }

    /** Who is asked for, or else whom the image names, without its group: so does the kubelet. */
    private ContainerUser user(Pod pod, ContainerSpec container, String imageId) {
        Optional<Long> asked = SecurityContexts.user(pod, container);
        boolean nonRoot = SecurityContexts.nonRoot(pod, container);
        if (asked.isPresent()) {
            ContainerUser user = new ContainerUser(asked.get(), "");
            if (nonRoot) {
                user.requireNonRoot(pod, container, true);
            }
            return user;
        }
        ContainerUser user = images.of(imageId)
                .orElseThrow(() -> new ActionFailedException(
                        KubeletReasons.CREATE_CONTAINER_ERROR,
                        "the image " + imageId + " is not there any more",
                        null));
        if (nonRoot) {
            user.orRoot().requireNonRoot(pod, container, false);
        }
        // For the runtime a group needs a user.
        return SecurityContexts.group(pod, container).isPresent() ? user.orRoot() : user;
    }

    private SecurityProfile seccomp(Optional<Profile> asked) {
        if (asked.isEmpty()) {
            return settings.seccompDefault() ? SecurityProfile.runtimeDefault() : SecurityProfile.unconfined();
        }
        return switch (asked.get()) {
            case Profile.Unconfined _ -> SecurityProfile.unconfined();
            case Profile.RuntimeDefault _ -> {
                requireSeccomp();
                yield SecurityProfile.runtimeDefault();
            }
            case Profile.Localhost localhost -> {
                requireSeccomp();
                Path file = settings.rootDir().resolve("seccomp").resolve(localhost.name());
                if (!Files.isRegularFile(file)) {
                    refuse(
                            KubeletReasons.CREATE_CONTAINER_ERROR,
                            "cannot load seccomp profile \"" + file + "\": there is no such file");
                }
                yield SecurityProfile.localhost(file.toString());
            }
        };
    }

    private void requireSeccomp() {
        try {
            if (!kernel.hasSeccomp()) {
                refuse(
                        KubeletReasons.CREATE_CONTAINER_ERROR,
                        "cannot load seccomp profile: the kernel of this node has no seccomp");
            }
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_ERROR, "cannot tell whether the kernel has seccomp: " + e, e);
        }
    }
}
