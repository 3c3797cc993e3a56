/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides about requests from other machines before they are served: authentication and
 * authorization.
 */
@FunctionalInterface
public interface RequestAuthorizer {

    /**
     * The facts about a request that the decision depends on.
     *
     * @param certificates the certificate chain of the client, its own first, whose private key it
     *     has; empty if it sent none
     * @param token the bearer token of the client
     * @param method the HTTP method
     * @param path the decoded segments of the path, without empty ones
     */
    record Call(List<X509Certificate> certificates, Optional<String> token, String method, List<String> path) {
        public Call {
            certificates = List.copyOf(certificates);
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(method, "method");
            path = List.copyOf(path);
        }
    }

    /** The decision about a request. */
    sealed interface Decision {

        /**
         * The request is allowed.
         *
         * @param user the name of the user who sent it
         */
        record Allowed(String user) implements Decision {}

        /** The client could not be authenticated. */
        record Unauthenticated(String message) implements Decision {}

        /** The client is known and has no permission. */
        record Forbidden(String message) implements Decision {}

        /** The API server could not be queried, so the request is denied for now. */
        record Unavailable(String message) implements Decision {}
    }

    /** Decides about a request. May block for some seconds. */
    Decision authorize(Call call) throws InterruptedException;
}
