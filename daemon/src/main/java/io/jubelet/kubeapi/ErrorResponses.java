/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** Interprets error responses of the API server. Stateless. */
final class ErrorResponses {

    /** The client retries after this time even if the API server asks for more. */
    private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

    private ErrorResponses() {}

    /** Reads the v1 Status of an error response. */
    static KubeApiException.ErrorStatus errorStatus(HttpResponse<?> response, String body) {
        String reason = "";
        String message = "";
        if (body.startsWith("{")) {
            try {
                ApiObject status = ApiObject.parse(body);
                reason = status.text("reason");
                message = status.text("message");
            } catch (KubeApiException.Unreachable _) {
                message = ""; // sent by a proxy or load balancer; the code says enough
            }
        }
        if (message.isEmpty()) {
            message = "the API server answered " + response.statusCode();
        }
        return new KubeApiException.ErrorStatus(response.statusCode(), reason, message, retryAfter(response));
    }

    /** Source: client-go, which honours the header only with these codes. */
    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        boolean later = response.statusCode() == 429 || response.statusCode() >= 500;
        return later ? response.headers().firstValue("Retry-After").flatMap(ErrorResponses::seconds) : Optional.empty();
    }

    private static Optional<Duration> seconds(String text) {
        try {
            long seconds = Math.max(0, Long.parseLong(text.strip()));
            return Optional.of(Duration.ofSeconds(Math.min(seconds, MAX_RETRY_AFTER.toSeconds())));
        } catch (NumberFormatException _) {
            return Optional.empty(); // an HTTP date, which API servers do not send
        }
    }

    /**
     * Checks that a response to {@code /readyz} comes from an API server that is ready. One that is
     * starting responds before it can authenticate and authorize.
     *
     * @param authenticationProblem why the API server might reject the credentials; may be empty
     * @throws KubeApiException when it is not ready
     */
    static void requireReady(HttpResponse<String> response, String authenticationProblem) {
        int code = response.statusCode();
        if (code == 401) {
            throw new KubeApiException.NoCredentials(
                    "the API server rejected our credentials: /readyz answered 401"
                            + (authenticationProblem.isEmpty() ? "" : "; " + authenticationProblem),
                    null);
        }
        if (code >= 500 || code == 429) {
            throw new KubeApiException.Unreachable("the API server is not ready: /readyz answered " + code, null);
        }
        if (code / 100 == 3 || response.body().stripLeading().startsWith("<")) {
            throw new KubeApiException.Unreachable(response.uri() + " is not an API server: it answered " + code, null);
        }
    }
}
