/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.time.Duration;
import java.util.Map;

/** What a {@link FaultyApiServer} does instead of what the API server would. */
sealed interface ApiFault {

    /** Answers so, without asking the API server. */
    record Answer(int code, Map<String, String> headers, String body) implements ApiFault {
        public Answer {
            headers = Map.copyOf(headers);
        }
    }

    /** Forwards the request, and drops the response with the connection. */
    record Lost() implements ApiFault {}

    /** Asks the API server so much later. */
    record Late(Duration time) implements ApiFault {}

    /** A refusal as the API server words it. */
    static ApiFault status(int code, String reason, String message) {
        return status(code, reason, message, Map.of());
    }

    private static ApiFault status(int code, String reason, String message, Map<String, String> headers) {
        return new Answer(code, headers, """
                {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "%s",\
                 "message": "%s", "code": %s}""".formatted(reason, message, code));
    }

    /** What its priority and fairness answers under load. */
    static ApiFault tooManyRequests(Duration retryAfter) {
        return status(
                429,
                "TooManyRequests",
                "too many requests, please try again later",
                Map.of("Retry-After", Long.toString(retryAfter.toSeconds())));
    }

    static ApiFault forbidden() {
        return status(403, "Forbidden", "forbidden by the test");
    }

    static ApiFault conflict() {
        return status(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
    }

    static ApiFault internalError() {
        return status(500, "InternalError", "an error on the server has prevented the request from succeeding");
    }

    /** To a list or watch that begins: the version it names is too old. */
    static ApiFault gone() {
        return status(410, "Expired", "too old resource version");
    }

    /** In a watch: it begins well, and its first event says that the version is too old. */
    static ApiFault watchGone() {
        return new Answer(200, Map.of(), """
                {"type": "ERROR", "object": {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",\
                 "reason": "Expired", "message": "too old resource version", "code": 410}}
                """);
    }

    /** A success with nothing in it. */
    static ApiFault empty() {
        return new Answer(200, Map.of(), "");
    }
}
