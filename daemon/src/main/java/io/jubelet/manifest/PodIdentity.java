/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.pod.PodName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Calculates the hash and uid of a pod from the content that the user wrote, without defaults.
 *
 * <p>The result of version 1 must never change because every running pod would restart. A new
 * algorithm needs a new prefix.
 */
public final class PodIdentity {

    private static final Set<String> NOT_CONTENT =
            Set.of("creationTimestamp", "resourceVersion", "uid", "generation", "managedFields", "selfLink");

    private PodIdentity() {}

    /** The versioned hash of the canonical content. */
    static String hash(Node.Mapping pod) {
        return "v1:" + sha256(JsonText.canonical(content(pod)));
    }

    /**
     * The canonical content of a pod, from which its hash is made: documents with the same hash have the same text.
     *
     * @param document a Pod as JSON
     */
    public static String canonical(String document) {
        return Documents.readJson(document, new Findings()) instanceof Node.Mapping pod
                ? JsonText.canonical(content(pod))
                : document;
    }

    /** The uid, a function of the node, the name of the pod and its hash. */
    static String uid(String node, PodName name, String hash) {
        return sha256(node + "\n" + name + "\n" + hash).substring(0, 32);
    }

    private static Node.Mapping content(Node.Mapping pod) {
        List<Node.Entry> entries = new ArrayList<>(pod.entries().size());
        for (Node.Entry entry : pod.entries()) {
            if (entry.key().equals("metadata") && entry.value() instanceof Node.Mapping metadata) {
                entries.add(new Node.Entry(entry.line(), entry.column(), entry.key(), metadata(metadata)));
            } else if (!entry.key().equals("status")) {
                entries.add(entry);
            }
        }
        return new Node.Mapping(pod.line(), pod.column(), entries);
    }

    private static Node.Mapping metadata(Node.Mapping metadata) {
        List<Node.Entry> entries = new ArrayList<>(metadata.entries().size());
        for (Node.Entry entry : metadata.entries()) {
            boolean implied = entry.key().equals("namespace")
                    && entry.value() instanceof Node.Scalar scalar
                    && (scalar.value().equals("default") || scalar.value().isEmpty());
            if (!implied && !NOT_CONTENT.contains(entry.key())) {
                entries.add(entry);
            }
        }
        return new Node.Mapping(metadata.line(), metadata.column(), entries);
    }

    public static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
