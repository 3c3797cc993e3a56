/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.pod.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Builds the mirror pod of a static pod: the user's document without references to other objects,
 * which the API server rejects in a mirror pod, and without values that it derives itself. An
 * annotation lists what is left out.
 *
 * <p>A volume that is left out becomes an {@code emptyDir}, because its mounts stay and need a
 * volume. Pure.
 */
final class MirrorPodJson {

    /** The annotation that lists what the mirror pod lacks. */
    static final String WITHOUT = "jubelet.io/mirror-without";

    private static final String CONFIG = "kubernetes.io/config.";

    /** The kinds of objects by the field that refers to them. */
    private static final Map<String, String> KINDS = Map.of(
            "configMap", "ConfigMap",
            "configMapRef", "ConfigMap",
            "configMapKeyRef", "ConfigMap",
            "secret", "Secret",
            "secretRef", "Secret",
            "secretKeyRef", "Secret");

    /** The priority and the preemptionPolicy of a pod without a class. */
    private static final Set<String> DEFAULTS = Set.of("", "0", "PreemptLowerPriority");

    private final List<String> without = new ArrayList<>();

    private MirrorPodJson() {}

    /**
     * Returns a v1 Pod in JSON.
     *
     * @param nodeUid the UID of the Node that owns it
     * @param seen when this version of the pod was first seen
     */
    static String of(Pod pod, String nodeUid, Instant seen) {
        MirrorPodJson body = new MirrorPodJson();
        Node.Mapping spec = body.spec(pod);
        return JsonText.of(mapping(
                "apiVersion", text("v1"),
                "kind", text("Pod"),
                "metadata", body.metadata(pod, nodeUid, seen),
                "spec", spec));
    }

    /** Returns those annotations of the static pod that its mirror pod has, too. */
    static Map<String, String> annotations(Pod pod) {
        Map<String, String> annotations = new HashMap<>(pod.annotations());
        annotations.keySet().removeIf(key -> key.startsWith(CONFIG) || key.equals(WITHOUT));
        return annotations;
    }

    private Node.Mapping metadata(Pod pod, String nodeUid, Instant seen) {
        Map<String, String> annotations = new TreeMap<>(annotations(pod));
        annotations.put(CONFIG + "hash", pod.uid());
        annotations.put(ApiPod.MIRROR, pod.uid());
        annotations.put(CONFIG + "seen", seen.toString());
        annotations.put(CONFIG + "source", "file");
        if (!without.isEmpty()) {
            annotations.put(WITHOUT, String.join(", ", without));
        }
        return mapping(
                "name", text(pod.fullName()),
                "namespace", text(pod.name().namespace()),
                "labels", texts(new TreeMap<>(pod.labels())),
                "annotations", texts(annotations),
                "ownerReferences",
                        list(List.of(mapping(
                                "apiVersion", text("v1"),
                                "kind", text("Node"),
                                "name", text(pod.node()),
                                "uid", text(nodeUid),
                                "controller", yes()))));
    }

    private Node.Mapping spec(Pod pod) {
        Node document = Documents.readJson(pod.document(), new Findings());
        if (!(document instanceof Node.Mapping whole && whole.get("spec") instanceof Node.Mapping spec)) {
            throw new IllegalArgumentException("the document of " + pod.name() + " is no pod");
        }
        List<Node.Entry> entries = new ArrayList<>();
        for (Node.Entry entry : spec.entries()) {
            switch (entry.key()) {
                case "nodeName", "tolerations" -> {}
                // The API server derives both from the class, and rejects any other value.
                case "priority", "preemptionPolicy" -> withoutClass(entry, spec);
                case "imagePullSecrets" -> pullSecrets(entry.value());
                case "containers" -> entries.add(changed(entry, c -> container(c, "container")));
                case "initContainers" -> entries.add(changed(entry, c -> container(c, "init container")));
                case "volumes" -> entries.add(changed(entry, this::volume));
                default -> entries.add(entry);
            }
        }
        entries.add(entry("nodeName", text(pod.node())));
        entries.add(entry("tolerations", tolerations(spec.get("tolerations"))));
        return new Node.Mapping(0, 0, entries);
    }

    /** Records a value that neither a priority class nor the default replaces. */
    private void withoutClass(Node.Entry entry, Node.Mapping spec) {
        String value = entry.value().isNull() ? "" : name(spec, entry.key());
        if (name(spec, "priorityClassName").isEmpty() && !DEFAULTS.contains(value)) {
            without.add(entry.key() + " " + value);
        }
    }

    /**
     * Static pods tolerate all NoExecute taints, so no taint may cause the deletion of a mirror
     * pod. Source: the kubelet, which adds the same toleration.
     */
    private static Node tolerations(@Nullable Node written) {
        List<Node> all = new ArrayList<>(items(written));
        all.add(mapping("operator", text("Exists"), "effect", text("NoExecute")));
        return list(all);
    }

    private void pullSecrets(Node secrets) {
        for (Node secret : items(secrets)) {
            without.add("image pull secret (Secret " + name(secret, "name") + ")");
        }
    }

    private Node container(Node node, String kind) {
        if (!(node instanceof Node.Mapping container)) {
            return node;
        }
        String where = " of " + kind + " " + name(container, "name");
        List<Node.Entry> entries = new ArrayList<>();
        for (Node.Entry entry : container.entries()) {
            switch (entry.key()) {
                case "env" -> entries.add(changed(entry, variable -> variable(variable, where)));
                case "envFrom" -> entries.add(changed(entry, from -> reference(from, "envFrom" + where)));
                default -> entries.add(entry);
            }
        }
        return new Node.Mapping(0, 0, entries);
    }

    private @Nullable Node variable(Node node, String where) {
        boolean refers = node instanceof Node.Mapping variable
                && variable.get("valueFrom") instanceof Node.Mapping from
                && reference(from, "env " + name(variable, "name") + where) == null;
        return refers ? null : node;
    }

    private Node volume(Node node) {
        if (!(node instanceof Node.Mapping volume)) {
            return node;
        }
        String what = "volume " + name(volume, "name");
        if (volume.get("projected") instanceof Node.Mapping projected) {
            return projected(volume, projected, what);
        }
        return reference(volume, what) == null ? empty(volume) : volume;
    }

    private Node projected(Node.Mapping volume, Node.Mapping projected, String what) {
        List<Node> sources = new ArrayList<>();
        for (Node source : items(projected.get("sources"))) {
            Node kept = reference(source, "a part of " + what);
            if (kept != null) {
                sources.add(kept);
            }
        }
        if (sources.isEmpty()) {
            return empty(volume);
        }
        List<Node.Entry> entries = new ArrayList<>(projected.entries());
        entries.replaceAll(entry -> entry.key().equals("sources") ? entry("sources", list(sources)) : entry);
        return mapping(
                "name",
                Objects.requireNonNull(volume.get("name"), "name"),
                "projected",
                new Node.Mapping(0, 0, entries));
    }

    private static Node empty(Node.Mapping volume) {
        return mapping(
                "name",
                Objects.requireNonNull(volume.get("name"), "name"),
                "emptyDir",
                new Node.Mapping(0, 0, List.of()));
    }

    /**
     * Returns the node, or null after recording that it refers to another object and is left out.
     */
    private @Nullable Node reference(Node node, String what) {
        if (node instanceof Node.Mapping mapping) {
            for (Node.Entry entry : mapping.entries()) {
                String kind = KINDS.get(entry.key());
                if (kind != null && entry.value() instanceof Node.Mapping source) {
                    String field =
                            entry.key().equals("secret") && source.get("secretName") != null ? "secretName" : "name";
                    without.add(what + " (" + kind + " " + name(source, field) + ")");
                    return null;
                }
            }
        }
        return node;
    }

    // --- trees

    /** Returns a list with changed items, without those whose change is null. */
    private static Node.Entry changed(Node.Entry entry, Function<Node, @Nullable Node> change) {
        if (!(entry.value() instanceof Node.Sequence)) {
            return entry;
        }
        List<Node> items = new ArrayList<>();
        for (Node item : items(entry.value())) {
            Node changed = change.apply(item);
            if (changed != null) {
                items.add(changed);
            }
        }
        return entry(entry.key(), list(items));
    }

    private static List<Node> items(@Nullable Node node) {
        return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
    }

    private static String name(Node node, String field) {
        return node instanceof Node.Mapping mapping && mapping.get(field) instanceof Node.Scalar scalar
                ? scalar.value()
                : "";
    }

    private static Node.Mapping mapping(Object... keysAndValues) {
        List<Node.Entry> entries = new ArrayList<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            entries.add(entry((String) keysAndValues[i], (Node) keysAndValues[i + 1]));
        }
        return new Node.Mapping(0, 0, entries);
    }

    private static Node.Mapping texts(Map<String, String> texts) {
        List<Node.Entry> entries = new ArrayList<>();
        texts.forEach((key, value) -> entries.add(entry(key, text(value))));
        return new Node.Mapping(0, 0, entries);
    }

    private static Node.Entry entry(String key, Node value) {
        return new Node.Entry(0, 0, key, value);
    }

    private static Node list(List<? extends Node> items) {
        return new Node.Sequence(0, 0, List.copyOf(items));
    }

    private static Node text(String value) {
        return new Node.Scalar(0, 0, Node.Type.STRING, value, value);
    }

    private static Node yes() {
        return new Node.Scalar(0, 0, Node.Type.BOOLEAN, "true", "true");
    }
}
