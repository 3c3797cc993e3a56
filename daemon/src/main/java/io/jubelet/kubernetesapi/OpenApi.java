/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiRequest;
import io.jubelet.api.ApiResponse;
import java.io.IOException;
import java.util.Objects;

/** Serves small OpenAPI documents. Stateless. */
final class OpenApi {

    private final ObjectWriter writer;
    private final String version;

    /** @param version of Jubelet */
    OpenApi(ObjectWriter writer, String version) {
        this.writer = Objects.requireNonNull(writer, "writer");
        this.version = Objects.requireNonNull(version, "version");
    }

    /** Serves {@code /openapi/v2}. */
    void v2(ApiRequest request, ApiResponse response) throws IOException {
        Representation _ = Representation.of(request);
        writer.value(response, out -> {
            out.writeStartObject();
            out.writeStringField("swagger", "2.0");
            out.writeObjectFieldStart("info");
            out.writeStringField("title", "Jubelet");
            out.writeStringField("version", version);
            out.writeEndObject();
            out.writeObjectFieldStart("paths");
            out.writeEndObject();
            out.writeEndObject();
        });
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
            out.writeObjectFieldStart("info");
            out.writeStringField("title", "Jubelet");
            out.writeStringField("version", version);
            out.writeEndObject();
            out.writeObjectFieldStart("paths");
            out.writeEndObject();
            out.writeEndObject();
        });
    }
}
