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

    /** The longest message that is kept, in characters. Messages end up in the log and in events. */
    static final int MAX_MESSAGE_CHARS = 1000;

    /** The longest reason that is kept, in characters; those of the API are single words. */
    private static final int MAX_REASON_CHARS = 64;

    /**
     * Returns the error of a response.
     *
     * @param status its v1 Status; without fields when the response has none
     */
    static KubeApiException.ErrorStatus errorStatus(HttpResponse<?> response, ApiObject status) {
        String message = cut(status.text("message"), MAX_MESSAGE_CHARS);
        return new KubeApiException.ErrorStatus(
                response.statusCode(),
                cut(status.text("reason"), MAX_REASON_CHARS),
                message.isEmpty() ? "the API server answered " + response.statusCode() : message,
                retryAfter(response));
    }

    /**
     * Returns the error of an event {@code ERROR} of a watch.
     *
     * @param status its v1 Status
     */
    static KubeApiException.ErrorStatus errorEvent(ApiObject status) {
        String code = status.text("code");
        return new KubeApiException.ErrorStatus(
                code.matches("[1-5][0-9][0-9]") ? Integer.parseInt(code) : 500,
                cut(status.text("reason"), MAX_REASON_CHARS),
                cut(status.text("message"), MAX_MESSAGE_CHARS),
                Optional.empty());
    }

    private static String cut(String text, int atMost) {
        return text.length() <= atMost ? text : text.substring(0, atMost) + "...";
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
     * @param beginning the beginning of the body
     * @param authenticationProblem why the API server might reject the credentials; may be empty
     * @throws KubeApiException when it is not ready
     */
    static void requireReady(HttpResponse<?> response, String beginning, String authenticationProblem) {
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
        if (code / 100 == 3 || beginning.stripLeading().startsWith("<")) {
            throw new KubeApiException.Unreachable(response.uri() + " is not an API server: it answered " + code, null);
        }
    }
}
