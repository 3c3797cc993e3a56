/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.Terminal;
import io.jubelet.pod.TerminationMessage;
import io.jubelet.pod.VolumeMount;
import io.jubelet.schema.Names;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses and validates the containers of one pod, or its init containers, and applies the v1
 * defaults. Not thread-safe.
 */
final class ContainerParser {

    private static final List<String> NOT_OF_INIT_CONTAINERS =
            List.of("lifecycle", "livenessProbe", "readinessProbe", "startupProbe");

    private final boolean init;
    private final boolean hostNetwork;
    private final boolean hostUsers;
    private final long grace;
    private final RestartPolicy podRestartPolicy;
    private final VolumeParser volumes;
    private final Set<String> names;
    private final Map<String, String> hostPorts = new HashMap<>();

    /**
     * A parser of the containers of one list.
     *
     * @param init whether these are init containers
     * @param hostUsers whether the pod uses the user namespace of the node
     * @param grace the grace period of the pod in seconds
     * @param podRestartPolicy the policy of the pod
     * @param volumes the parser, which has parsed the volumes of the pod
     * @param names of the containers parsed so far, to which this parser adds
     */
    ContainerParser(
            boolean init,
            boolean hostNetwork,
            boolean hostUsers,
            long grace,
            RestartPolicy podRestartPolicy,
            VolumeParser volumes,
            Set<String> names) {
        this.init = init;
        this.hostNetwork = hostNetwork;
        this.hostUsers = hostUsers;
        this.grace = grace;
        this.podRestartPolicy = podRestartPolicy;
        this.volumes = volumes;
        this.names = names;
    }

    /** Null when the container has no name or image. Errors become findings. */
    @Nullable
    ContainerSpec parse(FieldReader container) {
        String name = container.requiredText("name", "app");
        if (name != null) {
            container.note("name", Names.checkLabel(name));
            if (!names.add(name)) {
                container.error("name", "another container of this pod is already named \"" + name + "\"");
            }
        }
        String image = container.requiredText("image", "registry.example/app:1.0");
        if (image != null && (!image.strip().equals(image) || image.indexOf(' ') >= 0)) {
            container.error("image", "must not contain spaces");
        }
        ImagePullPolicy pullPolicy = container.choice(
                "imagePullPolicy",
                ImagePullPolicy.values(),
                image == null ? ImagePullPolicy.IfNotPresent : defaultPullPolicy(image));
        List<String> command = container.freeTexts("command");
        List<String> args = container.freeTexts("args");
        List<EnvVar> env = EnvParser.parse(container, volumes);
        String workingDir = container.text("workingDir", "");
        List<ContainerPort> ports = container.has("ports") ? ports(container, name) : List.of();
        List<VolumeMount> mounts =
                container.has("volumeMounts") ? MountParser.parse(container, volumes.names()) : List.of();
        ContainerRestart restart = RestartParser.parse(container);
        if (init && !restart.policy().equals(Optional.of(RestartPolicy.Always))) {
            refuseHealth(container);
        }
        ContainerSpec.Builder builder = ContainerSpec.builder(name == null ? "" : name, image == null ? "" : image)
                .command(command)
                .args(args)
                .env(env)
                .workingDir(workingDir)
                .ports(ports)
                .volumeMounts(mounts)
                .restart(restart)
                .probes(LifecycleParser.probes(container))
                .hooks(LifecycleParser.hooks(container, grace))
                .terminationMessage(terminationMessage(container))
                .terminal(new Terminal(
                        container.flag("stdin", false),
                        container.flag("stdinOnce", false),
                        container.flag("tty", false)));
        if (container.has("envFrom")) {
            builder.envFrom(EnvParser.parseFrom(container));
        }
        if (container.has("resources")) {
            builder.resources(ResourcesParser.parse(container));
        }
        if (container.has("securityContext")) {
            builder.security(SecurityParser.ofContainer(container, hostUsers));
        }
        if (container.has("resizePolicy")) {
            PodResourcesParser.checkResizePolicies(container, podRestartPolicy);
        }
        return name == null || image == null
                ? null
                : builder.imagePullPolicy(pullPolicy).build();
    }

    /**
     * Always for the tag latest, explicit or implied. A string that is not a valid reference
     * implies no tag.
     */
    static ImagePullPolicy defaultPullPolicy(String image) {
        int at = image.indexOf('@');
        String named = at < 0 ? image : image.substring(0, at);
        int slash = named.lastIndexOf('/');
        int colon = named.indexOf(':', slash + 1);
        boolean latest = colon < 0 ? at < 0 : named.substring(colon + 1).equals("latest");
        return latest && isName(named, slash + 1, colon) && (at < 0 || isDigest(image, at + 1))
                ? ImagePullPolicy.Always
                : ImagePullPolicy.IfNotPresent;
    }

    /**
     * Whether each path component starts with a letter or digit, and the last, without the tag, has
     * no upper-case letters.
     */
    private static boolean isName(String named, int last, int tag) {
        boolean begins = true;
        for (int i = 0; i < named.length(); i++) {
            char c = named.charAt(i);
            boolean capital = c >= 'A' && c <= 'Z';
            boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || capital;
            if ((begins && !plain) || (capital && i >= last && (tag < 0 || i < tag))) {
                return false;
            }
            begins = c == '/';
        }
        return !begins;
    }

    private static boolean isDigest(String image, int from) {
        int colon = image.indexOf(':', from);
        return colon > from && image.length() - colon > 32;
    }

    /**
     * Containers of one list share the ports of the node; init containers do not, because they run
     * one after another.
     */
    private List<ContainerPort> ports(FieldReader container, @Nullable String name) {
        if (init) {
            hostPorts.clear();
        }
        return new PortParser(init, hostNetwork, hostPorts).parse(container, name == null ? "" : name);
    }

    private static void refuseHealth(FieldReader container) {
        for (String field : NOT_OF_INIT_CONTAINERS) {
            if (container.has(field)) {
                container.error(
                        field,
                        "must not be set in an init container, which runs to its end; with \"restartPolicy: Always\""
                                + " the container is a sidecar and can have it");
            }
        }
    }

    private static TerminationMessage terminationMessage(FieldReader container) {
        if (!container.has("terminationMessagePath") && !container.has("terminationMessagePolicy")) {
            return TerminationMessage.DEFAULT;
        }
        String path = container.text("terminationMessagePath", "");
        return new TerminationMessage(
                path.isEmpty() ? TerminationMessage.DEFAULT.path() : path,
                container.choice(
                        "terminationMessagePolicy",
                        TerminationMessage.Policy.values(),
                        TerminationMessage.DEFAULT.policy()));
    }
}
