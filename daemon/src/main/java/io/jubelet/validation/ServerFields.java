/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds in a pod what an API server or a kubelet has added, so that it can go from a manifest. */
final class ServerFields {

    private static final Set<String> METADATA = Set.of(
            "creationTimestamp",
            "deletionGracePeriodSeconds",
            "deletionTimestamp",
            "generation",
            "managedFields",
            "ownerReferences",
            "resourceVersion",
            "selfLink",
            "uid");
    private static final Set<String> ANNOTATIONS = Set.of(
            "kubernetes.io/config.hash",
            "kubernetes.io/config.mirror",
            "kubernetes.io/config.seen",
            "kubernetes.io/config.source");
    private static final Set<String> SERVICE_ACCOUNT = Set.of("serviceAccount", "serviceAccountName");
    private static final String TOKEN_VOLUME = "kube-api-access-";
    private static final String TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount";

    private ServerFields() {}

    /** One thing that can go: an entry of a mapping, or an item of a list. */
    sealed interface Added {}

    /** An entry of a mapping. */
    record OfMapping(Node.Entry entry) implements Added {}

    /** An item of a list. */
    record OfList(Node item) implements Added {}

    /** All that can go. */
    static List<Added> of(Node document) {
        if (!(document instanceof Node.Mapping pod) || !text(pod, "kind").equals("Pod")) {
            return List.of();
        }
        List<Added> found = new ArrayList<>();
        for (Node.Entry entry : pod.entries()) {
            if (entry.key().equals("status")) {
                found.add(new OfMapping(entry));
            }
        }
        if (pod.get("metadata") instanceof Node.Mapping metadata) {
            ofMetadata(metadata, found);
        }
        if (pod.get("spec") instanceof Node.Mapping spec) {
            ofSpec(spec, found);
        }
        return found;
    }

    private static void ofMetadata(Node.Mapping metadata, List<Added> found) {
        for (Node.Entry entry : metadata.entries()) {
            if (METADATA.contains(entry.key())) {
                found.add(new OfMapping(entry));
            } else if (entry.key().equals("annotations") && entry.value() instanceof Node.Mapping annotations) {
                List<Added> added = new ArrayList<>();
                for (Node.Entry annotation : annotations.entries()) {
                    if (ANNOTATIONS.contains(annotation.key())) {
                        added.add(new OfMapping(annotation));
                    }
                }
                addAll(found, added, entry, annotations.entries().size());
            }
        }
    }

    /** Adds parts, or the whole if they are all of it. */
    private static void addAll(List<Added> found, List<Added> parts, Node.Entry whole, int size) {
        if (!parts.isEmpty() && parts.size() == size) {
            found.add(new OfMapping(whole));
        } else {
            found.addAll(parts);
        }
    }

    private static void ofSpec(Node.Mapping spec, List<Added> found) {
        for (Node.Entry entry : spec.entries()) {
            boolean account = SERVICE_ACCOUNT.contains(entry.key())
                    && entry.value() instanceof Node.Scalar name
                    && name.value().equals("default");
            if (account || entry.key().equals("nodeName")) {
                found.add(new OfMapping(entry));
            } else if (entry.key().equals("initContainers") || entry.key().equals("containers")) {
                items(entry.value()).forEach(container -> ofContainer(container, found));
            }
        }
        for (Node.Entry entry : spec.entries()) {
            if (entry.key().equals("volumes") && !mountsTokensElsewhere(spec)) {
                List<Node> volumes = items(entry.value());
                List<Added> added = new ArrayList<>();
                for (Node volume : volumes) {
                    if (text(volume, "name").startsWith(TOKEN_VOLUME)
                            && field(volume, "projected").isPresent()) {
                        added.add(new OfList(volume));
                    }
                }
                addAll(found, added, entry, volumes.size());
            }
        }
    }

    private static void ofContainer(Node container, List<Added> found) {
        if (container instanceof Node.Mapping mapping) {
            for (Node.Entry entry : mapping.entries()) {
                if (entry.key().equals("volumeMounts")) {
                    List<Node> mounts = items(entry.value());
                    List<Added> added = new ArrayList<>();
                    for (Node mount : mounts) {
                        if (isToken(mount) && text(mount, "mountPath").equals(TOKEN_DIRECTORY)) {
                            added.add(new OfList(mount));
                        }
                    }
                    addAll(found, added, entry, mounts.size());
                }
            }
        }
    }

    private static boolean isToken(Node mount) {
        return text(mount, "name").startsWith(TOKEN_VOLUME);
    }

    /** Whether a token is mounted where no API server mounts it, so that a user wants it. */
    private static boolean mountsTokensElsewhere(Node.Mapping spec) {
        for (String list : List.of("initContainers", "containers")) {
            for (Node container : items(field(spec, list).orElse(spec))) {
                for (Node mount : items(field(container, "volumeMounts").orElse(container))) {
                    if (isToken(mount)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static List<Node> items(Node node) {
        return node instanceof Node.Sequence list ? list.items() : List.of();
    }

    private static Optional<Node> field(Node node, String name) {
        return node instanceof Node.Mapping mapping ? Optional.ofNullable(mapping.get(name)) : Optional.empty();
    }

    private static String text(Node node, String name) {
        return field(node, name).orElse(node) instanceof Node.Scalar scalar ? scalar.value() : "";
    }
}
