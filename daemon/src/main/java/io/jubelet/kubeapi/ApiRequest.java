/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.util.Objects;
import java.util.Optional;

/**
 * A request to an API server. Immutable.
 *
 * @param method the HTTP method
 * @param path the path with its query, encoded
 * @param body the body, if any
 * @param type the content type of the body
 */
record ApiRequest(String method, String path, Optional<String> body, String type) {

    static final String JSON = "application/json";

    ApiRequest {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(type, "type");
    }

    static ApiRequest get(String path) {
        return new ApiRequest("GET", path, Optional.empty(), JSON);
    }

    static ApiRequest of(String method, String path, String body) {
        return new ApiRequest(method, path, Optional.of(body), JSON);
    }

    /** Omits the body. */
    @Override
    public String toString() {
        return method + " " + path;
    }
}
