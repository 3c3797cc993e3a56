/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.schema.Names;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Parses and validates the name, labels and annotations of an object. */
final class MetadataParser {

    private static final int MAX_ANNOTATION_BYTES = 256 << 10;
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
    private static final List<String> OURS =
            List.of("kubernetes.io/config.source", "kubernetes.io/config.seen", "kubernetes.io/config.hash");

    /** Beginnings of the keys that podman writes; some of them are not keys of the API. */
    private static final List<String> OF_PODMAN = List.of("bind-mount-options", "io.podman.", "run.oci.", "run.oci/");

    private MetadataParser() {}

    /** The name; null when there is none. Errors become findings. */
    static @Nullable PodName name(FieldReader metadata, String node) {
        String namespace = namespace(metadata);
        String name = metadata.requiredText("name", "my-app");
        if (name == null) {
            return null;
        }
        PodName podName = new PodName(namespace, name);
        String wrong = Names.checkSubdomain(name);
        if (wrong == null && podName.onNode(node).length() > 253) {
            wrong = "together with the name of this node is "
                    + podName.onNode(node).length() + " characters long; at most 253 are allowed";
        }
        if (wrong == null && isMirror(metadata) && name.endsWith("-" + node)) {
            wrong = "ends with the name of this node, as the names of mirror pods do; write \"name: "
                    + name.substring(0, name.length() - node.length() - 1) + "\"";
        }
        metadata.note("name", wrong);
        return podName;
    }

    private static boolean isMirror(FieldReader metadata) {
        return metadata.get("annotations") instanceof Node.Mapping annotations && annotations.get(MIRROR) != null;
    }

    /** The namespace, with the v1 default. Errors become findings. */
    static String namespace(FieldReader metadata) {
        String namespace = metadata.text("namespace", "");
        if (namespace.isEmpty()) {
            return "default";
        }
        metadata.note("namespace", Names.checkLabel(namespace));
        return namespace;
    }

    static Map<String, String> labels(FieldReader metadata) {
        Map<String, String> labels = metadata.textMap("labels");
        LabelCheck.check(metadata, "labels", labels);
        return labels;
    }

    static Map<String, String> annotations(FieldReader metadata) {
        Map<String, String> annotations = new LinkedHashMap<>(metadata.freeTextMap("annotations"));
        int size = 0;
        for (Node.Entry entry : metadata.entries("annotations")) {
            String path = metadata.path("annotations") + "." + entry.key();
            String wrong = Names.checkKey(entry.key().toLowerCase(Locale.ROOT));
            if (wrong != null) {
                wrong += ofPodman(entry.key());
            } else {
                wrong = checkMeaning(entry.key(), annotations.get(entry.key()));
            }
            if (wrong != null) {
                metadata.findings().error(entry.line(), entry.column(), path, wrong);
            } else if (OURS.contains(entry.key())) {
                metadata.findings()
                        .warn(entry.line(), entry.column(), path, "is ignored because Jubelet sets its own value");
                annotations.remove(entry.key());
            }
            size += entry.key().length()
                    + (entry.value() instanceof Node.Scalar scalar
                            ? scalar.value().length()
                            : 0);
        }
        if (size > MAX_ANNOTATION_BYTES) {
            metadata.error("annotations", "has " + size + " bytes in all; at most 262144 are allowed");
        }
        return annotations;
    }

    private static String ofPodman(String key) {
        return OF_PODMAN.stream().anyMatch(key::startsWith)
                ? ". Podman wrote this annotation for itself; leave it out, it has no effect here"
                : "";
    }

    /** Validates annotations with a meaning of their own; null for no error. */
    private static @Nullable String checkMeaning(String key, @Nullable String value) {
        if (key.equals(Pod.UPDATE) && !Objects.equals(value, Pod.STOP_FIRST)) {
            return "must be " + Pod.STOP_FIRST
                    + ", or be left out for an update whose new version is prepared while the old one"
                    + " runs; it is \"" + value + "\"";
        }
        if (!key.contains("kubernetes.io/")) {
            return null;
        }
        if (key.equals(MIRROR)) {
            return "marks the mirror pod of a static pod; leave it out";
        }
        if (key.equals(DELETION_COST) && value != null && !isDecimal(value)) {
            return "must be a whole number of 32 bits in quotes, such as \"10\", but is \"" + value + "\"";
        }
        return null;
    }

    private static boolean isDecimal(String value) {
        try {
            return Integer.toString(Integer.parseInt(value)).equals(value);
        } catch (NumberFormatException _) {
            return false;
        }
    }
}
