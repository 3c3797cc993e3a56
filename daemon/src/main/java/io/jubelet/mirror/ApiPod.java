/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.document.FieldSelection;
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

    /** The fields that {@link #of} reads. */
    static final FieldSelection WANTED = FieldSelection.NOTHING
            .with("metadata", "namespace")
            .with("metadata", "name")
            .with("metadata", "uid")
            .with("metadata", "resourceVersion")
            .with("metadata", "generation")
            .with("metadata", "deletionTimestamp")
            .with("metadata", "ownerReferences", "uid")
            .with(FieldSelection.NAMES.with(MIRROR), "metadata", "annotations")
            .with(FieldSelection.NAMES, "metadata", "labels")
            .with("metadata", "managedFields", "manager")
            .with("metadata", "managedFields", "subresource")
            .with(FieldSelection.NAMES, "metadata", "managedFields", "fieldsV1", "f:metadata", "f:annotations")
            .with(FieldSelection.NAMES, "metadata", "managedFields", "fieldsV1", "f:metadata", "f:labels")
            .with(FieldSelection.NOTHING, "metadata", "managedFields", "fieldsV1", "f:spec")
            .with(
                    FieldSelection.NOTHING
                            .with(FieldSelection.NOTHING, "startTime")
                            .withDigest(),
                    "status");

    /** A longer UID is not one of Kubernetes, which has 36 characters. */
    private static final int MAX_UID_CHARS = 128;

    /** Any text of the API server that must be equal to one of ours is kept up to this length. */
    private static final int MAX_COMPARED_CHARS = 256;

    /** About how many bytes a pod occupies without its texts. */
    private static final int BASE_WEIGHT = 600;

    /** About how many bytes a name of a label or an annotation occupies without its text. */
    private static final int NAME_WEIGHT = 100;

    /**
     * Returns what is kept of a pod; empty if its names or its UID are none of Kubernetes, because
     * they become parts of paths.
     */
    static Optional<ApiPod> of(ApiObject pod) {
        NamespacedName name = new NamespacedName(pod.text("metadata", "namespace"), pod.text("metadata", "name"));
        String uid = pod.text("metadata", "uid");
        if (!name.isValid() || uid.length() > MAX_UID_CHARS) {
            return Optional.empty();
        }
        boolean mirror = pod.has("metadata", "annotations", MIRROR);
        return Optional.of(new ApiPod(
                name,
                uid,
                version(pod.text("metadata", "resourceVersion")),
                mirror ? Optional.of(cut(pod.text("metadata", "annotations", MIRROR))) : Optional.empty(),
                pod.objects("metadata", "ownerReferences").stream()
                        .map(owner -> cut(owner.text("uid")))
                        .findFirst()
                        .filter(owner -> !owner.isEmpty()),
                pod.has("metadata", "deletionTimestamp"),
                pod.has("status", "startTime"),
                pod.digest("status"),
                mirror ? MirrorEdits.of(pod) : MirrorEdits.NONE));
    }

    private static String cut(String text) {
        return text.length() <= MAX_COMPARED_CHARS ? text : text.substring(0, MAX_COMPARED_CHARS);
    }

    /** Returns about how many bytes this occupies in memory. */
    int weight() {
        int weight = BASE_WEIGHT
                + name.namespace().length()
                + name.name().length()
                + uid.length()
                + mirrorOf.map(String::length).orElse(0)
                + owner.map(String::length).orElse(0);
        for (MirrorEdits.Key key : edits.written()) {
            weight += NAME_WEIGHT + key.name().length();
        }
        for (MirrorEdits.Key key : edits.present()) {
            weight += NAME_WEIGHT + key.name().length();
        }
        return weight;
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
