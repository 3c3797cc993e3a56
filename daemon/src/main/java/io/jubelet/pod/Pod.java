/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Objects;

/**
 * One accepted version of a static pod.
 *
 * <p>Two versions of a pod are the same exactly when their {@link #hash} is equal. Comments, the
 * order of keys and the path of the file do not change the hash.
 *
 * @param name namespace and name as written
 * @param node the name of this node, the suffix of the pod's name on the runtime
 * @param uid 32 lower-case hexadecimal digits, a function of node, name and hash
 * @param hash versioned hash of the canonical content that the user wrote, such as {@code v1:9f86d081...}
 * @param labels as written, in no particular order
 * @param annotations as written, in no particular order
 * @param spec with the v1 defaults applied
 * @param manifest what the pod was read from
 * @param originalNode the name that the node had when this version was made; usually {@code node}
 */
public record Pod(
        PodName name,
        String node,
        String uid,
        String hash,
        Map<String, String> labels,
        Map<String, String> annotations,
        PodSpec spec,
        Manifest manifest,
        String originalNode) {

    /** The annotation by which a manifest says how its pod is replaced by another version. */
    public static final String UPDATE = "jubelet.io/update";

    /** The value of {@link #UPDATE} for a pod whose sandbox cannot exist beside that of the version before. */
    public static final String STOP_FIRST = "stop-first";

    /**
     * What a pod was read from.
     *
     * @param document the user's Pod as compact JSON, without defaults
     * @param source absolute path of the file
     */
    public record Manifest(String document, String source) {
        public Manifest {
            Objects.requireNonNull(document, "document");
            Objects.requireNonNull(source, "source");
        }
    }

    public Pod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(hash, "hash");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(manifest, "manifest");
        Objects.requireNonNull(originalNode, "originalNode");
    }

    /** A pod of a node that has the name under which this version was made. */
    public Pod(
            PodName name,
            String node,
            String uid,
            String hash,
            Map<String, String> labels,
            Map<String, String> annotations,
            PodSpec spec,
            Manifest manifest) {
        this(name, node, uid, hash, labels, annotations, spec, manifest, node);
    }

    /** The pod's name in the API, {@code <name>-<node>}. */
    public String fullName() {
        return name.onNode(node);
    }

    /** The pod's name on the runtime: that in the API, unless the node had another name when this version was made. */
    public String runtimeName() {
        return name.onNode(originalNode);
    }

    /** The user's Pod as compact JSON, without defaults. */
    public String document() {
        return manifest.document();
    }

    /** Absolute path of the manifest that the pod was read from. */
    public String source() {
        return manifest.source();
    }
}
