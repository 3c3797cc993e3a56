/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which pods may use a pulled image, in the format of the kubelet's ImagePulledRecord. Immutable.
 *
 * @param id the runtime's id of the image
 * @param updated the time of the last change, in whole seconds
 * @param access the access by repository, because one image can have several names
 */
record PullRecord(String id, Instant updated, Map<String, Access> access) {

    private static final String VERSION = "kubelet.config.k8s.io/v1beta1";

    /**
     * Which pods may use it under one name.
     *
     * @param allPods whether all pods of this node may use it
     * @param hashes the hashes of the credentials that it was pulled with
     */
    record Access(boolean allPods, Set<String> hashes) {

        Access {
            hashes = Set.copyOf(hashes);
        }

        private Access union(Access other) {
            if (allPods || other.allPods) {
                return new Access(true, Set.of());
            }
            Set<String> all = new TreeSet<>(hashes);
            all.addAll(other.hashes);
            return new Access(false, all);
        }
    }

    PullRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(updated, "updated");
        access = Map.copyOf(access);
    }

    /** Returns a record that permits no pod. */
    static PullRecord of(String id) {
        return new PullRecord(id, Instant.EPOCH, Map.of());
    }

    Optional<Access> access(String repository) {
        return Optional.ofNullable(access.get(repository));
    }

    /** Returns this with more access; this same object if nothing changes. */
    PullRecord with(String repository, Access more, Instant now) {
        Access before = access.get(repository);
        Access after = before == null ? more : before.union(more);
        if (after.equals(before)) {
            return this;
        }
        Map<String, Access> all = new HashMap<>(access);
        all.put(repository, after);
        return new PullRecord(id, now.truncatedTo(ChronoUnit.SECONDS), all);
    }

    // --- JSON

    String json() {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("kind", "ImagePulledRecord");
            out.writeStringField("apiVersion", VERSION);
            out.writeStringField("lastUpdatedTime", updated.toString());
            out.writeStringField("imageRef", id);
            out.writeObjectFieldStart("credentialMapping");
            for (Map.Entry<String, Access> entry : new TreeMap<>(access).entrySet()) {
                out.writeObjectFieldStart(entry.getKey());
                write(out, entry.getValue());
                out.writeEndObject();
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void write(JsonGenerator out, Access access) throws IOException {
        if (access.allPods()) {
            out.writeBooleanField("nodePodsAccessible", true);
            return;
        }
        out.writeArrayFieldStart("kubernetesSecrets");
        for (String hash : new TreeSet<>(access.hashes())) {
            out.writeStartObject();
            out.writeStringField("credentialHash", hash);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    static String intent(String reference) {
        return JsonText.write(out -> {
            out.writeStartObject();
            out.writeStringField("kind", "ImagePullIntent");
            out.writeStringField("apiVersion", VERSION);
            out.writeStringField("image", reference);
            out.writeEndObject();
        });
    }

    /** Returns the image of an intent; empty when the text is malformed. */
    static Optional<String> parseIntent(String text) {
        return mapping(text).map(intent -> text(intent, "image")).filter(image -> !image.isEmpty());
    }

    /** Parses a record; empty when the text is malformed. */
    static Optional<PullRecord> parse(String text) {
        return mapping(text)
                .filter(record -> !text(record, "imageRef").isEmpty())
                .map(PullRecord::parse);
    }

    private static PullRecord parse(Node.Mapping record) {
        Map<String, Access> access = new HashMap<>();
        if (record.get("credentialMapping") instanceof Node.Mapping repositories) {
            for (Node.Entry repository : repositories.entries()) {
                if (repository.value() instanceof Node.Mapping who) {
                    access.put(repository.key(), access(who));
                }
            }
        }
        Instant updated;
        try {
            updated = Instant.parse(text(record, "lastUpdatedTime"));
        } catch (DateTimeException _) {
            updated = Instant.EPOCH;
        }
        return new PullRecord(text(record, "imageRef"), updated, access);
    }

    private static Access access(Node.Mapping who) {
        Set<String> hashes = new TreeSet<>();
        if (who.get("kubernetesSecrets") instanceof Node.Sequence secrets) {
            for (Node secret : secrets.items()) {
                if (secret instanceof Node.Mapping mapping
                        && !text(mapping, "credentialHash").isEmpty()) {
                    hashes.add(text(mapping, "credentialHash"));
                }
            }
        }
        return new Access(text(who, "nodePodsAccessible").equals("true"), hashes);
    }

    private static Optional<Node.Mapping> mapping(String text) {
        return Documents.readJson(text, new Findings()) instanceof Node.Mapping mapping
                ? Optional.of(mapping)
                : Optional.empty();
    }

    private static String text(Node.Mapping mapping, String name) {
        return mapping.get(name) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }
}
