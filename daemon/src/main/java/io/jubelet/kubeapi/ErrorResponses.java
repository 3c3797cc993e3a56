package io.jubelet.kubeapi;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** What answers mean that are no success. */
final class ErrorResponses {

    /** Who asks for more is come back to all the same. */
    private static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

    private ErrorResponses() {}

    /** Why a request was refused, as its answer says. */
    static KubeApiException.ErrorStatus errorStatus(HttpResponse<?> response, String body) {
        String reason = "";
        String message = "";
        if (body.startsWith("{")) {
            try {
                ApiObject status = ApiObject.parse(body);
                reason = status.text("reason");
                message = status.text("message");
            } catch (KubeApiException.Unreachable _) {
                message = ""; // something between us and the API server; the code says enough
            }
        }
        if (message.isEmpty()) {
            message = "the API server answers " + response.statusCode();
        }
        return new KubeApiException.ErrorStatus(response.statusCode(), reason, message, retryAfter(response));
    }

    /** Source: client-go, for which only these codes mean that the same request may succeed later. */
    private static Optional<Duration> retryAfter(HttpResponse<?> response) {
        boolean later = response.statusCode() == 429 || response.statusCode() >= 500;
        return later ? response.headers().firstValue("Retry-After").flatMap(ErrorResponses::seconds) : Optional.empty();
    }

    private static Optional<Duration> seconds(String text) {
        try {
            long seconds = Math.max(0, Long.parseLong(text.strip()));
            return Optional.of(Duration.ofSeconds(Math.min(seconds, MAX_RETRY_AFTER.toSeconds())));
        } catch (NumberFormatException _) {
            return Optional.empty(); // a date, which no API server sends
        }
    }

    /**
     * Looks whether an answer to a request for {@code /readyz} is that of an API server that is ready. One that is starting
     * answers, and knows neither us nor our rights yet.
     *
     * @param authenticationProblem why our credentials may not be accepted; may be empty
     * @throws KubeApiException when it is not
     */
    static void requireReady(HttpResponse<String> response, String authenticationProblem) {
        int code = response.statusCode();
        if (code == 401) {
            throw new KubeApiException.NoCredentials(
                    "the API server does not know us: it answers 401"
                            + (authenticationProblem.isEmpty() ? "" : ", and " + authenticationProblem),
                    null);
        }
        if (code >= 500 || code == 429) {
            throw new KubeApiException.Unreachable("the API server is not ready: /readyz answers " + code, null);
        }
        if (code / 100 == 3 || response.body().stripLeading().startsWith("<")) {
            throw new KubeApiException.Unreachable(
                    "what answers at " + response.uri() + " is no API server: it answers " + code, null);
        }
    }
}
