/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.jubelet.api.ApiError;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a review asks for. It comes as JSON, or as the protocol buffer that clients written in Go prefer. An empty field means
 * what it means in the API: any version, all objects, all namespaces.
 */
sealed interface AccessAttributes {

    /** How many bytes of a review are read. One of kubectl has about 200. */
    int MAX_BYTES = 8 * 1024;

    /** How many values of a review in JSON are read. It has about ten. */
    int MAX_VALUES = 500;

    /** The use of a resource, with the fields of ResourceAttributes. */
    record OfResource(
            String namespace,
            String verb,
            String group,
            String version,
            String resource,
            String subresource,
            String name)
            implements AccessAttributes {

        public OfResource {
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(verb, "verb");
            Objects.requireNonNull(group, "group");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(resource, "resource");
            Objects.requireNonNull(subresource, "subresource");
            Objects.requireNonNull(name, "name");
        }

        private static OfResource of(Map<String, String> fields) {
            return new OfResource(
                    fields.getOrDefault("namespace", ""),
                    fields.getOrDefault("verb", ""),
                    fields.getOrDefault("group", ""),
                    fields.getOrDefault("version", ""),
                    fields.getOrDefault("resource", ""),
                    fields.getOrDefault("subresource", ""),
                    fields.getOrDefault("name", ""));
        }

        /** The resource as messages name it, such as {@code pods/exec} or {@code deployments.apps}. */
        String title() {
            return resource + (group.isEmpty() ? "" : "." + group) + (subresource.isEmpty() ? "" : "/" + subresource);
        }
    }

    /** The use of a path that belongs to no resource, with the fields of NonResourceAttributes. */
    record OfPath(String verb, String path) implements AccessAttributes {

        public OfPath {
            Objects.requireNonNull(verb, "verb");
            Objects.requireNonNull(path, "path");
        }

        private static OfPath of(Map<String, String> fields) {
            return new OfPath(fields.getOrDefault("verb", ""), fields.getOrDefault("path", ""));
        }
    }

    /**
     * Parses a SelfSubjectAccessReview.
     *
     * @throws ApiError a bad request, if it is malformed or asks for nothing
     */
    static AccessAttributes parse(byte[] review) {
        if (Encoded.isProtobuf(review)) {
            ByteString spec = Encoded.spec(review);
            ByteString resource = Encoded.messages(spec).getOrDefault(1, ByteString.EMPTY);
            ByteString path = Encoded.messages(spec).getOrDefault(2, ByteString.EMPTY);
            return chosen(Encoded.texts(resource, Encoded.RESOURCE), Encoded.texts(path, Encoded.PATH));
        }
        Node.Mapping spec = Encoded.jsonSpec(review);
        return chosen(Encoded.texts(spec.get("resourceAttributes")), Encoded.texts(spec.get("nonResourceAttributes")));
    }

    /**
     * Parses a SelfSubjectRulesReview.
     *
     * @return its namespace, which may be empty
     * @throws ApiError a bad request, if it is malformed
     */
    static String namespace(byte[] review) {
        Map<String, String> fields = Encoded.isProtobuf(review)
                ? Encoded.texts(Encoded.spec(review), Map.of(1, "namespace"))
                : Encoded.texts(Encoded.jsonSpec(review));
        return fields.getOrDefault("namespace", "");
    }

    private static AccessAttributes chosen(Map<String, String> resource, Map<String, String> path) {
        if (resource.isEmpty() == path.isEmpty()) {
            throw ApiError.badRequest(
                    "a review must have exactly one of spec.resourceAttributes and spec.nonResourceAttributes");
        }
        return path.isEmpty() ? OfResource.of(resource) : OfPath.of(path);
    }

    /** The two encodings of an object. */
    final class Encoded {

        /** What the protocol buffer of an object begins with. */
        private static final byte[] MAGIC = {'k', '8', 's', 0};

        /** The field of the object in the message around it, {@code runtime.Unknown}. */
        private static final int RAW = 2;
        /** The field of the specification in each review. */
        private static final int SPEC = 2;

        private static final Map<Integer, String> RESOURCE =
                Map.of(1, "namespace", 2, "verb", 3, "group", 4, "version", 5, "resource", 6, "subresource", 7, "name");

        private static final Map<Integer, String> PATH = Map.of(1, "path", 2, "verb");

        private Encoded() {}

        private static boolean isProtobuf(byte[] object) {
            return object.length >= MAGIC.length && Arrays.equals(object, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
        }

        private static ByteString spec(byte[] object) {
            ByteString unknown = ByteString.copyFrom(object, MAGIC.length, object.length - MAGIC.length);
            ByteString raw = messages(unknown).getOrDefault(RAW, ByteString.EMPTY);
            return messages(raw).getOrDefault(SPEC, ByteString.EMPTY);
        }

        /** The fields of a message that are strings or messages, by number. */
        private static Map<Integer, ByteString> messages(ByteString message) {
            Map<Integer, ByteString> fields = new HashMap<>();
            CodedInputStream in = message.newCodedInput();
            try {
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                        fields.put(WireFormat.getTagFieldNumber(tag), in.readBytes());
                    } else if (!in.skipField(tag)) {
                        throw ApiError.badRequest("the body is no protocol buffer of a review");
                    }
                }
            } catch (IOException e) {
                throw ApiError.badRequest("the body is no protocol buffer of a review: " + e.getMessage());
            }
            return fields;
        }

        private static Map<String, String> texts(ByteString message, Map<Integer, String> names) {
            Map<String, String> texts = new HashMap<>();
            messages(message).forEach((number, value) -> {
                String name = names.get(number);
                if (name != null && !value.isEmpty()) {
                    texts.put(name, value.toStringUtf8());
                }
            });
            return texts;
        }

        private static Node.Mapping jsonSpec(byte[] object) {
            Findings findings = new Findings();
            Node document = Documents.readJson(new String(object, StandardCharsets.UTF_8), MAX_VALUES, findings);
            if (!(document instanceof Node.Mapping review)) {
                throw ApiError.badRequest("the body is no review in JSON");
            }
            return review.get("spec") instanceof Node.Mapping spec ? spec : new Node.Mapping(0, 0, List.of());
        }

        private static Map<String, String> texts(@Nullable Node mapping) {
            Map<String, String> texts = new HashMap<>();
            if (mapping instanceof Node.Mapping object) {
                for (Node.Entry entry : object.entries()) {
                    if (entry.value() instanceof Node.Scalar scalar
                            && scalar.type() == Node.Type.STRING
                            && !scalar.value().isEmpty()) {
                        texts.put(entry.key(), scalar.value());
                    }
                }
            }
            return texts;
        }
    }
}
