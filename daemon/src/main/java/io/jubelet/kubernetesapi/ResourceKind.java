/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kinds of objects that are served, in the order of discovery. All are of version v1 of the core group. */
enum ResourceKind {
    CONFIG_MAPS("ConfigMap", true, "cm"),
    EVENTS("Event", true, "ev"),
    NAMESPACES("Namespace", false, "ns"),
    NODES("Node", false, "no"),
    PODS("Pod", true, "po");

    private final String kind;
    private final boolean namespaced;
    private final String shortName;

    ResourceKind(String kind, boolean namespaced, String shortName) {
        this.kind = kind;
        this.namespaced = namespaced;
        this.shortName = shortName;
    }

    /** The kind of a resource, such as {@code pods}; empty if it is not served. */
    static Optional<ResourceKind> of(String plural) {
        for (ResourceKind each : values()) {
            if (each.plural().equals(plural)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The name in objects, such as {@code ConfigMap}. */
    String kind() {
        return kind;
    }

    /** The name in commands, such as {@code configmap}. */
    String singular() {
        return kind.toLowerCase(Locale.ROOT);
    }

    /** The name in paths, such as {@code configmaps}. */
    String plural() {
        return singular() + "s";
    }

    boolean namespaced() {
        return namespaced;
    }

    String shortName() {
        return shortName;
    }

    /** The groups of resources that commands name, such as {@code all}. */
    List<String> categories() {
        return this == PODS ? List.of("all") : List.of();
    }

    /**
     * A path below an object.
     *
     * @param name such as {@code log}
     * @param kind of what the path answers, or of its options
     */
    record Subresource(String name, String kind, List<String> verbs) {

        /** Whether the connection becomes a stream. */
        boolean streams() {
            return verbs.equals(STREAMED);
        }
    }

    /** A WebSocket begins with GET, and SPDY with POST. */
    private static final List<String> STREAMED = List.of("create", "get");

    private static final List<Subresource> OF_PODS = List.of(
            new Subresource("attach", "PodAttachOptions", STREAMED),
            new Subresource("exec", "PodExecOptions", STREAMED),
            new Subresource("log", "Pod", List.of("get")),
            new Subresource("portforward", "PodPortForwardOptions", STREAMED));

    /** The paths below an object that are served. */
    List<Subresource> subresources() {
        return this == PODS ? OF_PODS : List.of();
    }
}
