/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.config.ConfinementSettings;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.IDMapping;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.document.FileProblem;
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
 * Confines pods and their containers as their manifests and the settings of the node require:
 * decides whether the node can run them so, and completes their configurations. The configuration
 * of a pod that requires nothing is returned unchanged.
 *
 * <p>Safe for use by many threads. Blocks for a call to the runtime if a pod needs one.
 */
public final class Confinement {
    private final ConfinementSettings settings;
    private final ImageUserCache images;
    private final SupportedFeatures features;
    private final UserNamespaceAllocator users;
    private final KernelSecurity kernel;

    /** @param incarnation a value that differs after each restart of the runtime */
    public Confinement(
            ConfinementSettings settings,
            RuntimeService runtime,
            ImageUserCache images,
            Supplier<Object> incarnation,
            KernelSecurity kernel) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.images = Objects.requireNonNull(images, "images");
        this.features = new SupportedFeatures(runtime, incarnation);
        this.users = new UserNamespaceAllocator(
                settings.rootDir().resolve("pods"), settings.idsPerPod(), settings.maxPods(), SubordinateIds.ofNode());
        this.kernel = Objects.requireNonNull(kernel, "kernel");
    }

    // --- admission

    /**
     * Why this node cannot run a pod as its manifest requires, in the kubelet's words; empty if it
     * can.
     */
    public Optional<AdmissionRejection> rejection(Pod pod) {
        PodSecurity security = pod.spec().security();
        if (!security.sysctls().isEmpty()) {
            Optional<String> forbidden = settings.sysctls().rejection(pod.spec());
            if (forbidden.isPresent()) {
                return reject(SysctlAllowlist.REASON, forbidden.get());
            }
        }
        if (security.groups().policy() == PodGroups.SupplementalGroupsPolicy.Strict && !features.strictGroups()) {
            return reject(
                    "SupplementalGroupsPolicyNotSupported",
                    "SupplementalGroupsPolicy=Strict is not supported in this node: its runtime does not support it;"
                            + " containerd does since version 2");
        }
        if (needsAppArmor(pod) && !appArmor()) {
            return reject("AppArmor", "Cannot enforce AppArmor: AppArmor is not enabled on the host");
        }
        return isolationRejection(pod).or(() -> imageVolumeProblem(pod));
    }

    private Optional<AdmissionRejection> isolationRejection(Pod pod) {
        Isolation isolation = pod.spec().isolation();
        if (!isolation.runtimeHandler().isEmpty() && features.lacks(isolation.runtimeHandler())) {
            return reject(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "the runtime has no handler \"" + isolation.runtimeHandler()
                            + "\", which runtimeClassName requires; see the handlers in the runtime's configuration");
        }
        if (!isolation.hostUsers() && !features.userNamespaces(isolation.runtimeHandler())) {
            return reject(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    isolation.runtimeHandler().isEmpty()
                            ? "can't set `spec.hostUsers: false`, runtime does not support user namespaces"
                            : "can't set `spec.hostUsers: false`, RuntimeClass handler \"" + isolation.runtimeHandler()
                                    + "\" does not support user namespaces");
        }
        return Optional.empty();
    }

    /**
     * The kubelet creates the sandbox of such a pod, and then each container fails with an error of
     * the runtime.
     */
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
        return features.imageVolumeProblem(parts)
                .flatMap(why -> reject(AdmissionRejection.IMAGE_VOLUMES_NOT_SUPPORTED, why));
    }

    /**
     * Checks again, before a sandbox is created, what {@link #rejection} checked, because the node
     * may have changed.
     *
     * @throws ActionFailedException if this node cannot run the pod as its manifest requires
     */
    public void check(Pod pod) {
        rejection(pod).ifPresent(why -> {
            throw new ActionFailedException(why.reason(), why.message(), null);
        });
    }

    private static Optional<AdmissionRejection> reject(String reason, String message) {
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
            throw new ActionFailedException("AppArmor", "Cannot enforce AppArmor: " + FileProblem.of(e), e);
        }
    }

    /** Whether the runtime supports recursive read-only mounts for this pod. */
    public boolean recursiveReadOnly(Pod pod) {
        return features.recursiveReadOnly(pod.spec().isolation().runtimeHandler());
    }

    // --- sandboxes

    /**
     * Completes the configuration of a sandbox.
     *
     * @param plain the configuration of a pod that requires nothing
     * @throws ActionFailedException if the pod cannot get a user namespace
     */
    public PodSandboxConfig of(Pod pod, PodSandboxConfig plain) {
        boolean confined = pod.spec().security() != PodSecurity.NONE
                || pod.spec().isolation() != Isolation.DEFAULT
                || pod.spec().allContainers().anyMatch(c -> c.security().privileged());
        if (!confined) {
            return plain;
        }
        LinuxPodSandboxConfig linux = Objects.requireNonNull(plain.linux(), "linux");
        LinuxSandboxSecurityContext context = Objects.requireNonNull(linux.securityContext(), "securityContext");
        return plain.toBuilder()
                .linux(linux.toBuilder()
                        .securityContext(SecurityContexts.ofSandbox(
                                pod, context, users(pod, KubeletReasons.FAILED_CREATE_POD_SANDBOX)))
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
     * Completes the configuration of a container. Its user is determined each time.
     *
     * @param plain the configuration of a container that requires nothing
     * @throws ActionFailedException if it must not run as its user, or something that it requires
     *     is missing
     */
    public ContainerConfig of(Pod pod, ContainerSpec container, ContainerConfig plain) {
        ContainerUser user = user(pod, container, plain.image().image());
        boolean confined = user.isNamed()
                || container.security() != ContainerSecurity.NONE
                || pod.spec().security() != PodSecurity.NONE
                || pod.spec().isolation() != Isolation.DEFAULT
                || settings.seccompDefault()
                || SecurityContexts.appArmor(pod, container).isPresent();
        if (!confined) {
            return plain;
        }
        SecurityProfile seccomp = seccomp(SecurityContexts.seccomp(pod, container));
        Optional<IDMapping> ids = users(pod, KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR);
        LinuxContainerConfig linux = Objects.requireNonNull(plain.linux(), "linux");
        LinuxContainerSecurityContext context = Objects.requireNonNull(linux.securityContext(), "securityContext");
        ContainerConfig.Builder builder = plain.toBuilder()
                .linux(new LinuxContainerConfig(
                        linux.resources(), SecurityContexts.ofContainer(pod, container, context, user, seccomp, ids)));
        if (ids.isPresent()) {
            List<IDMapping> mapped = List.of(ids.get());
            builder.mounts(plain.mounts().stream()
                    .map(mount -> mount.toBuilder()
                            .uidMappings(mapped)
                            .gidMappings(mapped)
                            .build())
                    .toList());
        }
        return builder.build();
    }

    /**
     * Checks, before a container is configured, what its configuration requires of its image and of the node.
     *
     * @throws ActionFailedException if it must not run as its user, or something that it requires is missing
     */
    public void check(Pod pod, ContainerSpec container, String imageId) {
        user(pod, container, imageId);
        seccomp(SecurityContexts.seccomp(pod, container));
    }

    /**
     * The user that the manifest names, or else that of the image, without its group. Source: the
     * kubelet.
     */
    private ContainerUser user(Pod pod, ContainerSpec container, String imageId) {
        Optional<Long> requested = SecurityContexts.user(pod, container);
        boolean nonRoot = SecurityContexts.nonRoot(pod, container);
        if (requested.isPresent()) {
            ContainerUser user = new ContainerUser(requested.get(), Optional.empty());
            if (nonRoot) {
                user.requireNonRoot(pod, container, true);
            }
            return user;
        }
        ContainerUser user = images.of(imageId)
                .orElseThrow(() -> new ActionFailedException(
                        KubeletReasons.CREATE_CONTAINER_ERROR, "the image " + imageId + " no longer exists", null));
        if (nonRoot) {
            user.orRoot().requireNonRoot(pod, container, false);
        }
        // The CRI requires a user with a group.
        return SecurityContexts.group(pod, container).isPresent() ? user.orRoot() : user;
    }

    private SecurityProfile seccomp(Optional<Profile> profile) {
        if (profile.isEmpty()) {
            return settings.seccompDefault() ? SecurityProfile.runtimeDefault() : SecurityProfile.unconfined();
        }
        return switch (profile.get()) {
            case Profile.Unconfined _ -> SecurityProfile.unconfined();
            case Profile.RuntimeDefault _ -> {
                requireSeccomp();
                yield SecurityProfile.runtimeDefault();
            }
            case Profile.Localhost localhost -> {
                requireSeccomp();
                Path file = settings.rootDir().resolve("seccomp").resolve(localhost.name());
                if (!Files.isRegularFile(file)) {
                    throw new ActionFailedException(
                            KubeletReasons.CREATE_CONTAINER_ERROR,
                            "cannot load seccomp profile \"" + file + "\": the file does not exist",
                            null);
                }
                yield SecurityProfile.localhost(file.toString());
            }
        };
    }

    private void requireSeccomp() {
        try {
            if (!kernel.hasSeccomp()) {
                throw new ActionFailedException(
                        KubeletReasons.CREATE_CONTAINER_ERROR,
                        "cannot load seccomp profile: the kernel of this node has no seccomp",
                        null);
            }
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_ERROR,
                    "cannot determine whether the kernel has seccomp: " + FileProblem.of(e),
                    e);
        }
    }
}
