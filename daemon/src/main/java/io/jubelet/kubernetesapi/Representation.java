/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The form of a response that a client accepts. */
sealed interface Representation {

    String JSON = "application/json";

    /** The objects as they are. */
    record Objects() implements Representation {}

    /**
     * A table, as {@code kubectl get} prints it.
     *
     * @param version such as {@code v1}
     * @param object how much of its object each row contains
     */
    record Table(String version, Included object) implements Representation {}

    /** How much of its object a row of a table contains. */
    enum Included {
        NONE,
        METADATA,
        OBJECT
    }

    /** The value of the header Content-Type. */
    default String contentType() {
        return switch (this) {
            case Objects() -> JSON;
            case Table(String version, Included _) -> JSON + ";as=Table;v=" + version + ";g=meta.k8s.io";
        };
    }

    /**
     * Returns the first form that a client accepts.
     *
     * @throws ApiError not acceptable, if it accepts no form that is served
     */
    static Representation of(ApiRequest request) {
        String accept = request.header("Accept").orElse("");
        for (Media media : Media.all(accept)) {
            if (!media.isJson()) {
                continue;
            }
            String as = media.parameters().getOrDefault("as", "");
            String version = media.parameters().getOrDefault("v", "");
            if (as.isEmpty()) {
                return new Objects();
            }
            boolean known = version.equals("v1") || version.equals("v1beta1");
            if (as.equals("Table")
                    && known
                    && media.parameters().getOrDefault("g", "").equals("meta.k8s.io")) {
                return new Table(version, included(request));
            }
        }
        throw ApiError.notAcceptable(
                "only application/json is served, and tables of meta.k8s.io/v1, but the client" + " accepts " + accept);
    }

    private static Included included(ApiRequest request) {
        return switch (request.text("includeObject", "Metadata")) {
            case "None" -> Included.NONE;
            case "Metadata", "" -> Included.METADATA;
            case "Object" -> Included.OBJECT;
            case String other ->
                throw ApiError.badRequest(
                        "parameter includeObject must be None, Metadata or Object, not \"" + other + "\"");
        };
    }

    /**
     * One item of the header Accept.
     *
     * @param type in lower case, without parameters
     */
    record Media(String type, Map<String, String> parameters) {

        boolean isJson() {
            return type.equals(JSON) || type.equals("*/*") || type.equals("application/*");
        }

        /** The items of a header; of an absent one, that anything is accepted. */
        static List<Media> all(String accept) {
            if (accept.isBlank()) {
                return List.of(new Media("*/*", Map.of()));
            }
            return Arrays.stream(accept.split(",")).map(Media::parse).toList();
        }

        private static Media parse(String text) {
            String[] parts = text.split(";");
            Map<String, String> parameters = new HashMap<>();
            for (int i = 1; i < parts.length; i++) {
                int equals = parts[i].indexOf('=');
                if (equals > 0) {
                    parameters.put(
                            parts[i].substring(0, equals).strip(),
                            parts[i].substring(equals + 1).strip());
                }
            }
            return new Media(parts.length == 0 ? "" : parts[0].strip().toLowerCase(Locale.ROOT), parameters);
        }
    }
}
