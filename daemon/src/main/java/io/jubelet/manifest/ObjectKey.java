/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.pod.ConfigObject;
import io.jubelet.pod.Pod;

/**
 * The identity of an object of a manifest. Two documents with the same key conflict.
 *
 * @param kind {@code Pod}, {@code ConfigMap} or {@code Secret}
 * @param namespace never empty
 * @param name never empty
 */
public record ObjectKey(String kind, String namespace, String name) {

    private static final String POD = "Pod";

    static ObjectKey of(Pod pod) {
        return new ObjectKey(POD, pod.name().namespace(), pod.name().name());
    }

    static ObjectKey of(ConfigObject object) {
        return new ObjectKey(object.kind(), object.namespace(), object.name());
    }

    public boolean isPod() {
        return kind.equals(POD);
    }

    /** For sentences: {@code the pod default/web} or {@code the ConfigMap default/web}. */
    public String inWords() {
        return "the " + (isPod() ? "pod" : kind) + " " + namespace + "/" + name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ObjectKey that
                && name.equals(that.name)
                && namespace.equals(that.namespace)
                && kind.equals(that.kind);
    }

    @Override
    public int hashCode() {
        return (kind.hashCode() * 31 + namespace.hashCode()) * 31 + name.hashCode();
    }

    /**
     * {@code default/web} for a pod, {@code ConfigMap default/web} for others. The form is also
     * stored on disk.
     */
    @Override
    public String toString() {
        return (isPod() ? "" : kind + " ") + namespace + "/" + name;
    }
}
