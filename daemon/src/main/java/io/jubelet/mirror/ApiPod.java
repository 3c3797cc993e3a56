/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.kubeapi.ApiObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;

/**
 * What is kept of a pod that the API server has for this node. Immutable.
 *
 * @param version its resourceVersion; a later one is greater, which Kubernetes guarantees since
 *     1.35
 * @param mirrorOf the hash of the static pod that it mirrors; empty when it is not a mirror pod
 * @param owner the UID of its first owner; empty when it has none
 * @param deleting whether its deletion was requested
 * @param started whether a kubelet has started it
 * @param status the digest of its status
 * @param edits what clients changed in it; none unless it is a mirror pod
 */
record ApiPod(
        NamespacedName name,
        String uid,
        long version,
        Optional<String> mirrorOf,
        Optional<String> owner,
        boolean deleting,
        boolean started,
        String status,
        MirrorEdits edits) {

    static final String MIRROR = "kubernetes.io/config.mirror";

    ApiPod {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(mirrorOf, "mirrorOf");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(edits, "edits");
    }

    static ApiPod of(ApiObject pod) {
        return new ApiPod(
                new NamespacedName(pod.text("metadata", "namespace"), pod.text("metadata", "name")),
                pod.text("metadata", "uid"),
                version(pod.text("metadata", "resourceVersion")),
                pod.has("metadata", "annotations", MIRROR)
                        ? Optional.of(pod.text("metadata", "annotations", MIRROR))
                        : Optional.empty(),
                pod.objects("metadata", "ownerReferences").stream()
                        .map(owner -> owner.text("uid"))
                        .findFirst()
                        .filter(uid -> !uid.isEmpty()),
                pod.has("metadata", "deletionTimestamp"),
                pod.has("status", "startTime"),
                digest(pod.json("status")),
                pod.has("metadata", "annotations", MIRROR) ? MirrorEdits.of(pod) : MirrorEdits.NONE);
    }

    /** Parses a resourceVersion; 0 when it is not a number. */
    static long version(String resourceVersion) {
        try {
            return Long.parseLong(resourceVersion);
        } catch (NumberFormatException _) {
            return 0;
        }
    }

    /** Returns a digest of a text. */
    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
