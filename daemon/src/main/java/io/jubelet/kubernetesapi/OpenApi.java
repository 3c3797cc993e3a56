/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Serves OpenAPI documents: the fields of a Pod as Jubelet knows them, and the other kinds without their fields. They are made
 * for each request, because kubectl keeps them. Stateless.
 */
final class OpenApi {

    /** The form of version 2 that clients written in Go ask for: the messages of gnostic's OpenAPIv2.proto. */
    private static final String PROTOBUF = "application/com.github.proto-openapi.spec.v2";

    private static final String PREFIX = "io.k8s.api.core.v1.";
    private static final String GVK = "x-kubernetes-group-version-kind";

    private final ObjectWriter writer;
    private final String version;

    /** @param version of Jubelet */
    OpenApi(ObjectWriter writer, String version) {
        this.writer = Objects.requireNonNull(writer, "writer");
        this.version = Objects.requireNonNull(version, "version");
    }

    private static FieldSchema schema(ResourceKind kind) {
        return kind == ResourceKind.PODS ? FieldSchema.pod() : FieldSchema.object("");
    }

    /** Serves {@code /openapi/v2}. */
    void v2(ApiRequest request, ApiResponse response) throws IOException {
        String accept = request.header("Accept").orElse("");
        for (Representation.Media media : Representation.Media.all(accept)) {
            if (media.type().startsWith(PROTOBUF)) {
                response.head(200, PROTOBUF + ".v1.0+protobuf");
                response.write(protobuf());
                return;
            }
            if (media.isJson()) {
                writer.value(response, this::version2);
                return;
            }
        }
        throw ApiError.notAcceptable("only application/json and " + PROTOBUF + "@v1.0+protobuf are served");
    }

    private void version2(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("swagger", "2.0");
        info(out);
        out.writeObjectFieldStart("paths");
        out.writeEndObject();
        out.writeObjectFieldStart("definitions");
        definitions(out);
        out.writeEndObject();
        out.writeEndObject();
    }

    /** The numbers are those of the fields in OpenAPIv2.proto. */
    private byte[] protobuf() {
        return new ProtobufWriter()
                .text(1, "2.0")
                .message(2, info -> info.text(1, "Jubelet").text(2, version))
                .message(8, paths -> {
                    for (ResourceKind kind : ResourceKind.values()) {
                        paths.message(
                                2,
                                path -> path.text(1, objectPath(kind))
                                        .message(2, item -> item.message(8, patch -> protobuf(patch, kind))));
                    }
                })
                .message(9, definitions -> {
                    for (ResourceKind kind : ResourceKind.values()) {
                        definitions.message(
                                1,
                                named -> named.text(1, PREFIX + kind.kind()).message(2, schema -> {
                                    protobuf(schema, schema(kind));
                                    schema.message(
                                            31,
                                            extension -> extension
                                                    .text(1, GVK)
                                                    .message(
                                                            2,
                                                            any -> any.text(
                                                                    2,
                                                                    "- group: \"\"\n  kind: " + kind.kind()
                                                                            + "\n  version: v1\n")));
                                }));
                    }
                })
                .toByteArray();
    }

    /** Writes the operation that changes an object, with the parameter by which kubectl knows that it can be tried out. */
    private static void protobuf(ProtobufWriter operation, ResourceKind kind) {
        operation
                .message(
                        8,
                        item -> item.message(
                                1,
                                parameter -> parameter.message(
                                        2,
                                        other -> other.message(
                                                3,
                                                query -> query.text(2, "query").text(4, "dryRun")))))
                .message(
                        13,
                        extension -> extension
                                .text(1, GVK)
                                .message(
                                        2,
                                        any -> any.text(2, "group: \"\"\nkind: " + kind.kind() + "\nversion: v1\n")));
    }

    private static void protobuf(ProtobufWriter out, FieldSchema schema) {
        if (!schema.description().isEmpty()) {
            out.text(4, schema.description());
        }
        boolean array = schema.type().equals(Optional.of(FieldSchema.ARRAY));
        if (schema.items().isPresent() && !array) {
            out.message(
                    21,
                    values -> values.message(
                            1, value -> protobuf(value, schema.items().get())));
        }
        schema.type().ifPresent(type -> out.message(22, item -> item.text(1, type)));
        if (schema.items().isPresent() && array) {
            out.message(
                    23,
                    items -> items.message(
                            1, item -> protobuf(item, schema.items().get())));
        }
        if (!schema.properties().isEmpty()) {
            out.message(
                    25,
                    properties -> schema.properties()
                            .forEach((name, property) -> properties.message(
                                    1, named -> named.text(1, name).message(2, value -> protobuf(value, property)))));
        }
    }

    /** Serves {@code /openapi/v3}. */
    void index(ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeObjectFieldStart("paths");
            out.writeObjectFieldStart("api/v1");
            out.writeStringField("serverRelativeURL", "/openapi/v3/api/v1");
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    /** Serves {@code /openapi/v3/api/v1}. */
    void v3(ApiResponse response) throws IOException {
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("openapi", "3.0.0");
            info(out);
            out.writeObjectFieldStart("paths");
            for (ResourceKind kind : ResourceKind.values()) {
                path(out, kind);
            }
            out.writeEndObject();
            out.writeObjectFieldStart("components");
            out.writeObjectFieldStart("schemas");
            definitions(out);
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static String objectPath(ResourceKind kind) {
        return "/api/v1/" + (kind.namespaced() ? "namespaces/{namespace}/" : "") + kind.plural() + "/{name}";
    }

    /**
     * Writes would be validated by the server, so that kubectl sends them without asking whether they are valid, and gets the
     * refusal that names the manifest.
     */
    private static void path(JsonGenerator out, ResourceKind kind) throws IOException {
        out.writeObjectFieldStart(objectPath(kind));
        for (String method : List.of("get", "patch")) {
            out.writeObjectFieldStart(method);
            out.writeFieldName(GVK);
            groupVersionKind(out, kind);
            out.writeArrayFieldStart("parameters");
            for (String parameter : method.equals("patch") ? List.of("dryRun", "fieldValidation") : List.<String>of()) {
                out.writeStartObject();
                out.writeStringField("name", parameter);
                out.writeStringField("in", "query");
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private void info(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("info");
        out.writeStringField("title", "Jubelet");
        out.writeStringField("version", version);
        out.writeEndObject();
    }

    private static void definitions(JsonGenerator out) throws IOException {
        for (ResourceKind kind : ResourceKind.values()) {
            out.writeObjectFieldStart(PREFIX + kind.kind());
            fields(out, schema(kind));
            out.writeArrayFieldStart(GVK);
            groupVersionKind(out, kind);
            out.writeEndArray();
            out.writeEndObject();
        }
    }

    private static void groupVersionKind(JsonGenerator out, ResourceKind kind) throws IOException {
        out.writeStartObject();
        out.writeStringField("group", "");
        out.writeStringField("kind", kind.kind());
        out.writeStringField("version", "v1");
        out.writeEndObject();
    }

    private static void fields(JsonGenerator out, FieldSchema schema) throws IOException {
        if (!schema.description().isEmpty()) {
            out.writeStringField("description", schema.description());
        }
        if (schema.type().isPresent()) {
            out.writeStringField("type", schema.type().get());
        }
        if (schema.items().isPresent()) {
            boolean array = schema.type().equals(Optional.of(FieldSchema.ARRAY));
            out.writeObjectFieldStart(array ? "items" : "additionalProperties");
            fields(out, schema.items().get());
            out.writeEndObject();
        }
        if (!schema.properties().isEmpty()) {
            out.writeObjectFieldStart("properties");
            for (Map.Entry<String, FieldSchema> property : schema.properties().entrySet()) {
                out.writeObjectFieldStart(property.getKey());
                fields(out, property.getValue());
                out.writeEndObject();
            }
            out.writeEndObject();
        }
    }
}
