/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Completes the spec of a pod as an API server does: fields that were left out get their defaults, fields with the zero value
 * that mean nothing are left out, and quantities are in canonical form. The spec also has what the kubelet and admission add to
 * a static pod. Stateless.
 *
 * <p>Source: the defaults of the v1 API in Kubernetes 1.36. {@code ApiServerOracleTest} compares the result with a real API
 * server.
 */
public final class PodDefaults {

    /** Fields whose zero value means something else than their absence. */
    private static final Set<String> ZERO_COUNTS = Set.of(
            "activeDeadlineSeconds",
            "allowPrivilegeEscalation",
            "automountServiceAccountToken",
            "containerPort",
            "defaultMode",
            "divisor",
            "enableServiceLinks",
            "fsGroup",
            "fsGroupChangePolicy",
            "hostUsers",
            "hostnameOverride",
            "ip",
            "key",
            "minDomains",
            "mode",
            "mountPropagation",
            "optional",
            "path",
            "port",
            "priority",
            "privileged",
            "procMount",
            "readOnlyRootFilesystem",
            "recursiveReadOnly",
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "seconds",
            "service",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
            "sizeLimit",
            "terminationGracePeriodSeconds",
            "tolerationSeconds",
            "type");

    /** Lists whose items have a {@code value} that may be empty, unlike that of an environment variable. */
    private static final Set<String> VALUES_COUNT = Set.of("httpHeaders", "options", "sysctls");

    /** Mappings with free keys, whose values are all meant. */
    private static final Set<String> MAPS = Set.of("limits", "matchLabels", "nodeSelector", "overhead", "requests");

    /** The classes that every cluster has. */
    private static final Map<String, String> PRIORITIES =
            Map.of("system-node-critical", "2000001000", "system-cluster-critical", "2000000000");

    private static final int DEFAULT_MODE = 0644;

    private final Pod pod;

    private PodDefaults(Pod pod) {
        this.pod = Objects.requireNonNull(pod, "pod");
    }

    /** The fields of an object, in order. */
    private static final class Level {

        private final Map<String, Node> fields = new LinkedHashMap<>();

        Level(Node.Mapping mapping) {
            mapping.entries().forEach(entry -> fields.put(entry.key(), entry.value()));
        }

        boolean has(String field) {
            return fields.containsKey(field);
        }

        String text(String field) {
            return fields.get(field) instanceof Node.Scalar scalar ? scalar.value() : "";
        }

        /** Sets a field that is absent. */
        Level absent(String field, Node value) {
            fields.putIfAbsent(field, value);
            return this;
        }

        Level absent(String field, String text) {
            return absent(field, scalar(text));
        }

        Level absent(String field, long number) {
            return absent(field, PodDefaults.number(Long.toString(number)));
        }

        Level set(String field, Node value) {
            fields.put(field, value);
            return this;
        }

        /** Completes an object that is present. */
        Level object(String field, UnaryOperator<Level> change) {
            if (fields.get(field) instanceof Node.Mapping mapping) {
                fields.put(field, change.apply(new Level(mapping)).build());
            }
            return this;
        }

        /** Completes each object of a list. */
        Level each(String field, UnaryOperator<Level> change) {
            if (fields.get(field) instanceof Node.Sequence list) {
                List<Node> items = new ArrayList<>(list.items());
                items.replaceAll(item -> item instanceof Node.Mapping mapping
                        ? change.apply(new Level(mapping)).build()
                        : item);
                fields.put(field, new Node.Sequence(0, 0, items));
            }
            return this;
        }

        Node.Mapping build() {
            List<Node.Entry> entries = new ArrayList<>(fields.size());
            fields.forEach((key, value) -> entries.add(new Node.Entry(0, 0, key, value)));
            return new Node.Mapping(0, 0, entries);
        }
    }

    /**
     * Returns the spec of a pod.
     *
     * @param node the name of its node now
     */
    public static Node.Mapping spec(Pod pod, String node) {
        return new PodDefaults(pod).complete(node);
    }

    private Node.Mapping complete(String node) {
        Node document = Documents.readJson(pod.document(), new Findings());
        if (!(document instanceof Node.Mapping whole && whole.get("spec") instanceof Node.Mapping written)) {
            throw new IllegalArgumentException("the document of " + pod.name() + " has no spec");
        }
        PodSpec spec = pod.spec();
        Level level = new Level(pruned(written, ""));
        containers(level, "containers", spec.containers());
        containers(level, "initContainers", spec.initContainers());
        volumes(level, spec.volumes());
        spec.resources()
                .ifPresent(resources ->
                        level.object("resources", own -> resources(own, resources.requests(), resources.limits())));
        if (level.has("overhead")) {
            level.set("overhead", quantities(spec.overhead()));
        }
        level.absent("dnsPolicy", "ClusterFirst")
                .absent("enableServiceLinks", new Node.Scalar(0, 0, Node.Type.BOOLEAN, "true", "true"))
                .absent("preemptionPolicy", "PreemptLowerPriority")
                .absent("restartPolicy", "Always")
                .absent("schedulerName", "default-scheduler")
                .absent("securityContext", new Node.Mapping(0, 0, List.of()))
                .absent("terminationGracePeriodSeconds", 30)
                .object("securityContext", own -> own.each("sysctls", sysctl -> sysctl.absent("value", "")));
        String priorityClass = level.text("priorityClassName");
        if (priorityClass.isEmpty() || PRIORITIES.containsKey(priorityClass)) {
            level.set("priority", number(PRIORITIES.getOrDefault(priorityClass, "0")));
        }
        level.set("tolerations", tolerations(level.fields.get("tolerations")));
        level.set("nodeName", scalar(node));
        return level.build();
    }

    /** Static pods tolerate all NoExecute taints. Source: the kubelet. */
    private static Node tolerations(@Nullable Node written) {
        List<Node> all = new ArrayList<>(written instanceof Node.Sequence list ? list.items() : List.of());
        all.add(new Level(new Node.Mapping(0, 0, List.of()))
                .absent("operator", "Exists")
                .absent("effect", "NoExecute")
                .build());
        return new Node.Sequence(0, 0, all);
    }

    private void containers(Level spec, String field, List<ContainerSpec> parsed) {
        spec.each(field, container -> {
            for (ContainerSpec each : parsed) {
                if (each.name().equals(container.text("name"))) {
                    known(container, each);
                }
            }
            return container(container);
        });
    }

    /** Completes what depends on the image, and on limits. */
    private static void known(Level container, ContainerSpec parsed) {
        container
                .absent("imagePullPolicy", parsed.containerImage().pullPolicy().name())
                .object(
                        "resources",
                        own -> resources(
                                own,
                                parsed.resources().requests(),
                                parsed.resources().limits()));
    }

    private Level container(Level level) {
        level.absent("resources", new Node.Mapping(0, 0, List.of()))
                .absent("terminationMessagePath", "/dev/termination-log")
                .absent("terminationMessagePolicy", "File")
                .each("env", variable -> variable.object("valueFrom", PodDefaults::valueFrom))
                .each("ports", port -> {
                    port.absent("protocol", "TCP");
                    return pod.spec().hostNetwork()
                            ? port.absent("hostPort", port.fields.getOrDefault("containerPort", number("0")))
                            : port;
                })
                .object(
                        "lifecycle",
                        hooks -> hooks.object("postStart", PodDefaults::handler)
                                .object("preStop", PodDefaults::handler));
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            level.object(probe, PodDefaults::probe);
        }
        return level;
    }

    private static Level resources(Level level, Map<String, Quantity> requests, Map<String, Quantity> limits) {
        if (!requests.isEmpty()) {
            level.set("requests", quantities(requests));
        }
        if (!limits.isEmpty()) {
            level.set("limits", quantities(limits));
        }
        return level;
    }

    private static Level probe(Level probe) {
        return handler(probe)
                .object("grpc", grpc -> grpc.absent("service", ""))
                .absent("timeoutSeconds", 1)
                .absent("periodSeconds", 10)
                .absent("successThreshold", 1)
                .absent("failureThreshold", 3);
    }

    private static Level handler(Level handler) {
        return handler.object("sleep", sleep -> sleep.absent("seconds", 0))
                .object(
                        "httpGet",
                        get -> (get.text("path").isEmpty() ? get.set("path", scalar("/")) : get)
                                .absent("scheme", "HTTP")
                                .each("httpHeaders", header -> header.absent("value", "")));
    }

    private static Level valueFrom(Level source) {
        return source.object("fieldRef", ref -> ref.absent("apiVersion", "v1"))
                .object("resourceFieldRef", PodDefaults::resourceRef)
                .object(
                        "fileKeyRef",
                        ref -> ref.absent("optional", new Node.Scalar(0, 0, Node.Type.BOOLEAN, "false", "false")));
    }

    private static Level resourceRef(Level ref) {
        return quantity(ref.absent("divisor", "0"), "divisor");
    }

    private static Level items(Level source) {
        return source.each(
                "items",
                item -> item.object("fieldRef", ref -> ref.absent("apiVersion", "v1"))
                        .object("resourceFieldRef", PodDefaults::resourceRef));
    }

    private static void volumes(Level spec, List<Volume> parsed) {
        spec.each("volumes", volume -> {
            for (Volume each : parsed) {
                if (each instanceof Volume.Image known && known.name().equals(volume.text("name"))) {
                    volume.object(
                            "image",
                            image -> image.absent(
                                    "pullPolicy", known.pullPolicy().name()));
                }
            }
            return volume(volume);
        });
    }

    private static Level volume(Level volume) {
        if (volume.fields.size() == 1 && volume.has("name")) {
            volume.set("emptyDir", new Node.Mapping(0, 0, List.of()));
        }
        return volume.object("hostPath", path -> path.absent("type", ""))
                .object("emptyDir", dir -> dir.has("sizeLimit") ? quantity(dir, "sizeLimit") : dir)
                .object("configMap", PodDefaults::mode)
                .object("secret", PodDefaults::mode)
                .object("downwardAPI", files -> items(mode(files)))
                .object(
                        "projected",
                        files -> mode(files)
                                .each("sources", source -> source.object("downwardAPI", PodDefaults::items)));
    }

    private static Level mode(Level files) {
        return files.absent("defaultMode", DEFAULT_MODE);
    }

    private static Level quantity(Level level, String field) {
        return level.set(field, scalar(Quantity.parse(level.text(field)).canonical()));
    }

    private static Node quantities(Map<String, Quantity> quantities) {
        List<Node.Entry> entries = new ArrayList<>();
        new TreeMap<>(quantities)
                .forEach((name, value) -> entries.add(new Node.Entry(0, 0, name, scalar(value.canonical()))));
        return new Node.Mapping(0, 0, entries);
    }

    /** The fields that count. */
    private static Node.Mapping pruned(Node.Mapping mapping, String list) {
        List<Node.Entry> entries = new ArrayList<>();
        for (Node.Entry entry : mapping.entries()) {
            String key = entry.key();
            switch (entry.value()) {
                case Node.Scalar scalar -> {
                    boolean zeroCounts =
                            ZERO_COUNTS.contains(key) || (key.equals("value") && VALUES_COUNT.contains(list));
                    if (!scalar.isNull() && (zeroCounts || !scalar.isEmpty())) {
                        entries.add(entry);
                    }
                }
                case Node.Sequence sequence
                when !sequence.isEmpty() -> {
                    List<Node> items = new ArrayList<>(sequence.items());
                    items.replaceAll(item -> item instanceof Node.Mapping object ? pruned(object, key) : item);
                    entries.add(new Node.Entry(0, 0, key, new Node.Sequence(0, 0, items)));
                }
                case Node.Sequence _ -> {
                    // An empty list is none.
                }
                case Node.Mapping map
                when MAPS.contains(key) -> {
                    if (!map.isEmpty()) {
                        entries.add(entry);
                    }
                }
                case Node.Mapping object -> entries.add(new Node.Entry(0, 0, key, pruned(object, "")));
            }
        }
        return new Node.Mapping(0, 0, entries);
    }

    private static Node scalar(String text) {
        return new Node.Scalar(0, 0, Node.Type.STRING, text, text);
    }

    private static Node number(String text) {
        return new Node.Scalar(0, 0, Node.Type.INTEGER, text, text);
    }
}
