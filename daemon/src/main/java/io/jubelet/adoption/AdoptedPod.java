/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.document.Node;
import io.jubelet.pod.PodName;
import java.io.IOException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A sandbox of a kubelet that belongs to Jubelet from now on. Immutable.
 *
 * @param sandbox its id
 * @param kubeletUid the UID that the kubelet gave to the pod
 * @param pod the pod's name in its manifest
 * @param node the name of the node in the pod's full name
 * @param uid the UID of the version that it counts as: that of the manifest if it runs what the manifest says
 * @param hash the content hash of that version; empty if it runs something else
 * @param manifest the path of the manifest
 * @param graceSeconds the termination grace period
 * @param restarts whether a container that ends is started again, whatever its exit code
 * @param initContainers the names of the containers that end before the others start
 */
record AdoptedPod(
        PodSandboxId sandbox,
        String kubeletUid,
        PodName pod,
        String node,
        String uid,
        Optional<String> hash,
        String manifest,
        long graceSeconds,
        boolean restarts,
        Set<String> initContainers) {

    AdoptedPod {
        Objects.requireNonNull(sandbox, "sandbox");
        Objects.requireNonNull(kubeletUid, "kubeletUid");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(hash, "hash");
        Objects.requireNonNull(manifest, "manifest");
        initContainers = Set.copyOf(initContainers);
    }

    /** Whether it runs what its manifest says. */
    boolean current() {
        return hash.isPresent();
    }

    /** This pod as one that runs something else than its manifest says, so that it is replaced. */
    AdoptedPod outdated() {
        return new AdoptedPod(
                sandbox,
                kubeletUid,
                pod,
                node,
                kubeletUid,
                Optional.empty(),
                manifest,
                graceSeconds,
                restarts,
                initContainers);
    }

    void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("sandbox", sandbox.value());
        out.writeStringField("kubeletUid", kubeletUid);
        out.writeStringField("namespace", pod.namespace());
        out.writeStringField("name", pod.name());
        out.writeStringField("node", node);
        out.writeStringField("uid", uid);
        out.writeStringField("hash", hash.orElse(""));
        out.writeStringField("manifest", manifest);
        out.writeStringField("graceSeconds", Long.toString(graceSeconds));
        out.writeStringField("restarts", Boolean.toString(restarts));
        out.writeArrayFieldStart("initContainers");
        for (String container : initContainers) {
            out.writeString(container);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** @throws IOException if a field is missing */
    static AdoptedPod read(Node node) throws IOException {
        if (!(node instanceof Node.Mapping pod)) {
            throw new IOException("an entry is not an object");
        }
        try {
            String hash = text(pod, "hash");
            return new AdoptedPod(
                    new PodSandboxId(text(pod, "sandbox")),
                    text(pod, "kubeletUid"),
                    new PodName(text(pod, "namespace"), text(pod, "name")),
                    text(pod, "node"),
                    text(pod, "uid"),
                    hash.isEmpty() ? Optional.empty() : Optional.of(hash),
                    text(pod, "manifest"),
                    Long.parseLong(text(pod, "graceSeconds")),
                    Boolean.parseBoolean(text(pod, "restarts")),
                    texts(pod, "initContainers"));
        } catch (NumberFormatException e) {
            throw new IOException("graceSeconds is not a number", e);
        }
    }

    private static String text(Node.Mapping pod, String field) throws IOException {
        if (pod.get(field) instanceof Node.Scalar scalar) {
            return scalar.value();
        }
        throw new IOException("an entry has no " + field);
    }

    private static Set<String> texts(Node.Mapping pod, String field) throws IOException {
        if (!(pod.get(field) instanceof Node.Sequence sequence)) {
            throw new IOException("an entry has no " + field);
        }
        Set<String> texts = new HashSet<>();
        for (Node item : sequence.items()) {
            if (item instanceof Node.Scalar scalar) {
                texts.add(scalar.value());
            }
        }
        return texts;
    }
}
