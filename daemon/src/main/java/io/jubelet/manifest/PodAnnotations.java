/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerSecurity;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodContainers;
import io.jubelet.pod.PodSecurity;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Profile;
import io.jubelet.pod.SecurityProfiles;
import io.jubelet.schema.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the annotations that say something about the containers of a pod: seccomp and AppArmor
 * profiles, which predate the fields for them, and the default container. Not thread-safe.
 *
 * <p>A profile in an annotation applies with a warning because a pod must not become less confined
 * silently. The order is that of the last kubelets that read them (1.26 for seccomp, and for
 * AppArmor all that know the field): the field of a container, the annotation for it, the field of
 * the pod, the annotation of the pod.
 */
final class PodAnnotations {

    private static final String SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod";
    private static final String SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/";
    private static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
    private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
    private static final String LOCALHOST = "localhost/";

    private final FieldReader metadata;
    private final PodSpec spec;
    private final Map<String, Profile> seccomp = new HashMap<>();
    private final Map<String, Profile> appArmor = new HashMap<>();
    private Optional<Profile> seccompOfPod = Optional.empty();

    private PodAnnotations(FieldReader metadata, PodSpec spec) {
        this.metadata = metadata;
        this.spec = spec;
    }

    /** The spec with the profiles that annotations name. Errors become findings. */
    static PodSpec apply(FieldReader metadata, PodSpec spec) {
        PodAnnotations annotations = new PodAnnotations(metadata, spec);
        for (Node.Entry entry : metadata.entries("annotations")) {
            if (entry.key().contains("kubernetes.io/") && entry.value() instanceof Node.Scalar scalar) {
                annotations.read(entry, scalar.value());
            }
        }
        return annotations.applied();
    }

    private void read(Node.Entry entry, String value) {
        String key = entry.key();
        if (key.equals(SECCOMP_POD)) {
            seccompOfPod(entry, value);
        } else if (key.startsWith(SECCOMP_CONTAINER)) {
            seccomp(entry, key.substring(SECCOMP_CONTAINER.length()), value);
        } else if (key.startsWith(APP_ARMOR)) {
            appArmor(entry, key.substring(APP_ARMOR.length()), value);
        } else if (key.equals(DEFAULT_CONTAINER) && spec.container(value).isEmpty()) {
            warn(entry, "this pod has no container \"" + value + "\", so the annotation has no effect");
        }
    }

    private void seccompOfPod(Node.Entry entry, String value) {
        Profile profile = seccompProfile(entry, value);
        if (profile == null) {
            return;
        }
        if (spec.security().profiles().seccomp().isPresent()) {
            warn(entry, "is ignored because spec.securityContext.seccompProfile is set; leave it out");
            return;
        }
        seccompOfPod = Optional.of(profile);
        warn(entry, deprecated("seccompProfile", profile, "spec"));
    }

    private void seccomp(Node.Entry entry, String name, String value) {
        Profile profile = seccompProfile(entry, value);
        if (profile == null) {
            return;
        }
        Optional<ContainerSpec> container = spec.container(name);
        if (container.isEmpty()) {
            warn(entry, "is ignored because this pod has no container \"" + name + "\"");
        } else if (container.get().security().profiles().seccomp().isPresent()) {
            warn(entry, "is ignored because the container sets securityContext.seccompProfile; leave it out");
        } else {
            seccomp.put(name, profile);
            warn(entry, deprecated("seccompProfile", profile, path(name)));
        }
    }

    /** Null, with a finding, for a value that is not a profile. */
    private @Nullable Profile seccompProfile(Node.Entry entry, String value) {
        if (value.equals("docker/default")) {
            return new Profile.RuntimeDefault();
        }
        Profile profile = profile(value);
        String name = profile instanceof Profile.Localhost localhost ? localhost.name() : "";
        if (profile == null) {
            error(
                    entry,
                    "must be runtime/default, unconfined, or localhost/ followed by the path of a profile, but is \""
                            + value + "\"");
        } else if (name.startsWith("/") || Names.goesUp(name)) {
            error(entry, "must name a profile below the directory of seccomp profiles, but is \"" + value + "\"");
            return null;
        }
        return profile;
    }

    private void appArmor(Node.Entry entry, String name, String value) {
        Optional<ContainerSpec> container = spec.container(name);
        if (container.isEmpty()) {
            error(entry, "this pod has no container \"" + name + "\"");
            return;
        }
        if (value.isEmpty()) {
            return;
        }
        if (value.startsWith(LOCALHOST) && value.substring(LOCALHOST.length()).isBlank()) {
            error(entry, "must name a profile after localhost/");
            return;
        }
        Profile profile = profile(value);
        if (profile == null) {
            error(
                    entry,
                    "must be runtime/default, unconfined, or localhost/ followed by the name of a profile, but is \""
                            + value + "\"");
            return;
        }
        Optional<Profile> field = container.get().security().profiles().appArmor();
        if (field.isEmpty()) {
            appArmor.put(name, profile);
            warn(entry, deprecated("appArmorProfile", profile, path(name)));
        } else if (!field.get().equals(profile)) {
            error(entry, "must name the same profile as appArmorProfile; leave out one of them");
        }
    }

    /** Null for a value that names no profile. */
    private static @Nullable Profile profile(String value) {
        if (value.startsWith(LOCALHOST)) {
            String name = value.substring(LOCALHOST.length());
            return name.isBlank() ? null : new Profile.Localhost(name);
        }
        return switch (value) {
            case "runtime/default" -> new Profile.RuntimeDefault();
            case "unconfined" -> new Profile.Unconfined();
            default -> null;
        };
    }

    private static String deprecated(String field, Profile profile, String place) {
        String value = switch (profile) {
            case Profile.RuntimeDefault _ -> "type: RuntimeDefault";
            case Profile.Unconfined _ -> "type: Unconfined";
            case Profile.Localhost localhost -> "type: Localhost, localhostProfile: \"" + localhost.name() + "\"";
        };
        return "applies, but the kubelet does not read it any more; write in " + place + ": securityContext: {" + field
                + ": {" + value + "}}";
    }

    private String path(String name) {
        for (int i = 0; i < spec.initContainers().size(); i++) {
            if (spec.initContainers().get(i).name().equals(name)) {
                return "spec.initContainers[" + i + "]";
            }
        }
        int index = 0;
        while (!spec.containers().get(index).name().equals(name)) {
            index++;
        }
        return "spec.containers[" + index + "]";
    }

    private void warn(Node.Entry entry, String message) {
        metadata.findings().warn(entry.line(), entry.column(), place(entry), message);
    }

    private void error(Node.Entry entry, String message) {
        metadata.findings().error(entry.line(), entry.column(), place(entry), message);
    }

    private String place(Node.Entry entry) {
        return metadata.path("annotations") + "." + entry.key();
    }

    // --- the spec with the profiles

    private PodSpec applied() {
        if (seccomp.isEmpty() && appArmor.isEmpty() && seccompOfPod.isEmpty()) {
            return spec;
        }
        PodContainers all = spec.podContainers();
        PodSecurity security = spec.security();
        return new PodSpec(
                new PodContainers(
                        applied(all.init()),
                        applied(all.main()),
                        all.restartPolicy(),
                        all.shareProcessNamespace(),
                        all.imagePullSecrets()),
                spec.termination(),
                spec.volumes(),
                spec.scheduling(),
                spec.hostNetwork(),
                spec.network(),
                spec.isolation(),
                new PodSecurity(
                        security.runAs(),
                        security.groups(),
                        merged(security.profiles(), seccompOfPod, Optional.empty()),
                        security.sysctls()));
    }

    private List<ContainerSpec> applied(List<ContainerSpec> containers) {
        List<ContainerSpec> applied = new ArrayList<>(containers.size());
        for (ContainerSpec container : containers) {
            ContainerSecurity security = container.security();
            SecurityProfiles profiles = merged(
                    security.profiles(),
                    Optional.ofNullable(seccomp.get(container.name())),
                    Optional.ofNullable(appArmor.get(container.name())));
            applied.add(new ContainerSpec(
                    container.name(),
                    container.containerImage(),
                    container.process(),
                    container.ports(),
                    container.resources(),
                    container.volumeMounts(),
                    container.lifecycle(),
                    new ContainerSecurity(
                            security.runAs(),
                            security.addedCapabilities(),
                            security.droppedCapabilities(),
                            security.privilege(),
                            profiles)));
        }
        return applied;
    }

    private static SecurityProfiles merged(
            SecurityProfiles fields, Optional<Profile> seccomp, Optional<Profile> appArmor) {
        return new SecurityProfiles(
                fields.seccomp().or(() -> seccomp), fields.appArmor().or(() -> appArmor), fields.selinux());
    }
}
