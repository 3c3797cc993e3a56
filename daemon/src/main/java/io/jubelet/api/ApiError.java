/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.util.Objects;

/** A request that fails; the response is a v1 Status. */
public final class ApiError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;

    private ApiError(int code, String reason, String message) {
        super(Objects.requireNonNull(message, "message"), null, false, false);
        this.code = code;
        this.reason = reason;
    }

    public static ApiError notFound(String message) {
        return new ApiError(404, "NotFound", message);
    }

    public static ApiError badRequest(String message) {
        return new ApiError(400, "BadRequest", message);
    }

    public static ApiError unauthorized(String message) {
        return new ApiError(401, "Unauthorized", message);
    }

    public static ApiError forbidden(String message) {
        return new ApiError(403, "Forbidden", message);
    }

    public static ApiError methodNotAllowed(String message) {
        return new ApiError(405, "MethodNotAllowed", message);
    }

    public static ApiError notAcceptable(String message) {
        return new ApiError(406, "NotAcceptable", message);
    }

    public static ApiError tooLarge(String message) {
        return new ApiError(413, "RequestEntityTooLarge", message);
    }

    public static ApiError tooManyRequests(String message) {
        return new ApiError(429, "TooManyRequests", message);
    }

    /** A watch that the client has to begin anew. */
    public static ApiError expired(String message) {
        return new ApiError(410, "Expired", message);
    }

    public static ApiError internal(String message) {
        return new ApiError(500, "InternalError", message);
    }

    /** Something that the request needs cannot be reached now. */
    public static ApiError unavailable(String message) {
        return new ApiError(503, "ServiceUnavailable", message);
    }

    public int code() {
        return code;
    }

    /** The reason that the Kubernetes API gives for this kind of failure. */
    public String reason() {
        return reason;
    }
}
