/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.PodName;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The namespace and name of a pod in the API. The name of a mirror pod ends with the name of the
 * node.
 */
record NamespacedName(String namespace, String name) implements Comparable<NamespacedName> {

    NamespacedName {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
    }

    /**
     * A name of an object. Kubernetes calls it a DNS subdomain, but unlike RFC 1123 lets each part be
     * as long as the whole.
     */
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final int MAX_NAME_CHARS = 253;

    /** Returns whether both are names that Kubernetes allows, so that they can be parts of a path. */
    boolean isValid() {
        return LABEL.matcher(namespace).matches()
                && name.length() <= MAX_NAME_CHARS
                && SUBDOMAIN.matcher(name).matches();
    }

    /** Returns the name of the mirror pod of a static pod. */
    static NamespacedName ofMirror(PodName pod, String node) {
        return new NamespacedName(pod.namespace(), pod.onNode(node));
    }

    /** Returns the static pod whose mirror pod has this name; empty when there can be none. */
    Optional<PodName> staticPod(String node) {
        int end = name.length() - node.length() - 1;
        return end > 0 && name.endsWith("-" + node)
                ? Optional.of(new PodName(namespace, name.substring(0, end)))
                : Optional.empty();
    }

    /** Returns the API path of the pod. */
    String path() {
        return collection() + "/" + name;
    }

    /** Returns the API path of all pods of the namespace. */
    String collection() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    @Override
    public int compareTo(NamespacedName other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
