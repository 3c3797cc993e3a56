package io.jubelet.kubeapi;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A blocking client of one API server.
 *
 * <p>Every request has a deadline. While the API server does not answer, requests fail at once; when an outage begins, so do
 * those that are under way. HTTP/1.1 on purpose: a connection that hangs then holds up one request and is closed with it, where
 * all share one of HTTP/2. A request whose connection broke is sent once more, and one that the API server wants to have later
 * is sent again after the time it names, so creating an object may find it made already. Safe for use by many threads; an
 * interrupt ends a request.
 */
public final class KubeApi implements AutoCloseable {

    /** How a patch is meant. */
    public enum Patch {
        /** Lists are merged by their keys, as the API's types say. */
        STRATEGIC("application/strategic-merge-patch+json"),
        /** RFC 7386. */
        MERGE("application/merge-patch+json");

        private final String type;

        Patch(String type) {
            this.type = type;
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String JSON = "application/json";

    /** So much longer the body of an answer may take. */
    private static final Duration BODY = Duration.ofSeconds(5);
    /** After a request without an answer it is asked for so long whether the API server answers at all. */
    private static final Duration DOUBT = Duration.ofSeconds(5);
    /** How often a request is sent when the API server asks to come again later. */
    private static final int MOST_TRIES = 3;

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

    private final Identity identity;
    private final String userAgent;
    private final InstantSource clock;
    private final Duration patience;
    private final Reachability reachability;
    private final Connections connections = new Connections();
    private volatile Duration clockAhead = Duration.ZERO;

    /**
     * Makes a client; it asks nothing before it is {@linkplain #start started}.
     *
     * @param userAgent how we call ourselves
     */
    public KubeApi(Identity identity, String userAgent, InstantSource clock) {
        this(identity, userAgent, clock, PATIENCE);
    }

    /** As the other, with another deadline for requests. */
    KubeApi(Identity identity, String userAgent, InstantSource clock, Duration patience) {
        this.patience = Objects.requireNonNull(patience, "patience");
        this.identity = Objects.requireNonNull(identity, "identity");
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.reachability = new Reachability(() -> ready(patience), clock);
    }

    /** Begins to ask whether the API server answers. */
    public void start() {
        reachability.start();
    }

    /** Has somebody told of each end and each beginning of an outage, on any thread; must not block. */
    public void onReachability(Runnable listener) {
        reachability.tell(listener);
    }

    /** Says that there may be other credentials: if the API server does not answer, it is asked at once. */
    public void look() {
        reachability.look();
    }

    /** Whether the API server answered last. */
    public boolean reachable() {
        return reachability.reachable();
    }

    /** Why it does not, in a sentence for people; empty when it does. */
    public String problem() {
        return reachability.problem();
    }

    /** How far the clock of the API server is ahead of ours, to the second and the time of a request. */
    public Duration clockAhead() {
        return clockAhead;
    }

    /** Reads an object or a list. */
    public ApiObject get(String path) throws InterruptedException {
        return object(request("GET", path, Optional.empty(), JSON));
    }

    /** Creates an object in a collection. */
    public ApiObject create(String path, String object) throws InterruptedException {
        return object(request("POST", path, Optional.of(object), JSON));
    }

    /** Replaces an object. */
    public ApiObject update(String path, String object) throws InterruptedException {
        return object(request("PUT", path, Optional.of(object), JSON));
    }

    /** Changes fields of an object. */
    public ApiObject patch(String path, Patch patch, String fields) throws InterruptedException {
        return object(request("PATCH", path, Optional.of(fields), patch.type));
    }

    /**
     * Deletes an object.
     *
     * @param options v1 DeleteOptions
     */
    public void delete(String path, String options) throws InterruptedException {
        request("DELETE", path, Optional.of(options), JSON);
    }

    /**
     * Opens a stream of JSON objects, one to a line, which the caller closes. Reading from it blocks without a deadline; an
     * interrupt ends that.
     */
    InputStream stream(String path) throws InterruptedException {
        // The deadline is for the beginning of the answer only.
        HttpResponse<InputStream> response = checked("GET", path, Optional.empty(), JSON, BodyHandlers.ofInputStream());
        if (response.statusCode() < 300) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw refusal(response, new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            KubeApiException problem = unreachable(e);
            lost(problem);
            throw problem;
        }
    }

    /** Says that what came is no answer of an API server, or that a stream broke off. */
    void lost(KubeApiException problem) {
        if (reachability.lost(problem)) {
            connections.abandon();
        }
    }

    private String request(String method, String path, Optional<String> body, String type) throws InterruptedException {
        for (int tries = 1; ; tries++) {
            HttpResponse<String> response = checked(method, path, body, type, BodyHandlers.ofString());
            if (response.statusCode() < 300) {
                return response.body();
            }
            KubeApiException.Refused refusal = refusal(response, response.body());
            boolean later = response.statusCode() == 429 || response.statusCode() >= 500;
            if (tries == MOST_TRIES || !later || refusal.retryAfter().isEmpty()) {
                throw refusal;
            }
            Duration wait = refusal.retryAfter().get();
            Thread.sleep(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
        }
    }

    private <T> HttpResponse<T> checked(
            String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        if (!reachability.reachable()) {
            throw new KubeApiException.Unreachable(reachability.problem(), null);
        }
        try {
            return send(method, path, body, type, handler);
        } catch (KubeApiException.Unreachable e) {
            boolean silent = e.getCause() instanceof HttpTimeoutException
                    && !(e.getCause() instanceof HttpConnectTimeoutException);
            if (silent && answers()) {
                // Something behind it hangs, such as an admission webhook: that is no outage.
                throw new KubeApiException.Refused(
                        504,
                        "Timeout",
                        "the API server did not answer within " + patience.toMillis() + " ms",
                        Optional.empty());
            }
            lost(e);
            throw e;
        } catch (KubeApiException.NoCredentials e) {
            lost(e);
            throw e;
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            ready(DOUBT);
            return true;
        } catch (KubeApiException _) {
            return false;
        }
    }

    private <T> HttpResponse<T> send(
            String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        return send(patience, method, path, body, type, handler);
    }

    private <T> HttpResponse<T> send(
            Duration deadline, String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        Access access = identity.access();
        HttpResponse<T> response = send(access, deadline, method, path, body, type, handler);
        if (response.statusCode() != 401) {
            return response;
        }
        identity.refused(access);
        Access renewed = identity.access();
        return renewed.equals(access) ? response : send(renewed, deadline, method, path, body, type, handler);
    }

    private <T> HttpResponse<T> send(
            Access access,
            Duration deadline,
            String method,
            String path,
            Optional<String> body,
            String type,
            BodyHandler<T> handler)
            throws InterruptedException {
        String base = access.server().toString();
        URI uri = URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(deadline)
                .header("Accept", JSON)
                .header("User-Agent", userAgent)
                .method(method, body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
        if (body.isPresent()) {
            request.header("Content-Type", type);
        }
        access.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        try {
            return exchange(access, deadline, request.build(), handler);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private <T> HttpResponse<T> exchange(Access access, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        HttpResponse<T> response;
        try {
            response = answer(access, deadline, request, handler);
        } catch (HttpTimeoutException | ConnectException e) {
            throw e;
        } catch (IOException e) {
            if (!reachability.reachable()) {
                throw e; // an outage ended what was under way
            }
            // An idle connection that somebody closed meanwhile looks so; a broken network does not mend at once.
            response = answer(access, deadline, request, handler);
        }
        response.headers().firstValue("Date").ifPresent(this::compareClocks);
        return response;
    }

    /** The deadline of a request ends with the head of the answer; its body must not take for ever either. */
    private <T> HttpResponse<T> answer(Access access, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = connections.to(access).sendAsync(request, handler);
        try {
            return answer.get(deadline.plus(BODY).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            answer.cancel(true);
            throw new HttpTimeoutException("the answer does not end");
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
        }
    }

    private void compareClocks(String date) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            clockAhead = Duration.between(clock.instant().truncatedTo(ChronoUnit.SECONDS), theirs);
        } catch (DateTimeParseException _) {
            // Something between us and the API server writes its own; nothing is known then.
        }
    }

    private KubeApiException unreachable(IOException e) {
        String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new KubeApiException.Unreachable("the API server does not answer: " + problem, e);
    }

    /** An API server that is starting answers, and knows neither us nor our rights yet. */
    private void ready(Duration deadline) throws InterruptedException {
        HttpResponse<String> response =
                send(deadline, "GET", "/readyz", Optional.empty(), JSON, BodyHandlers.ofString());
        int code = response.statusCode();
        if (code == 401) {
            String doubt = identity.doubt();
            throw new KubeApiException.NoCredentials(
                    "the API server does not know us: it answers 401" + (doubt.isEmpty() ? "" : ", and " + doubt),
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

    private ApiObject object(String body) {
        try {
            return ApiObject.parse(body);
        } catch (KubeApiException.Unreachable e) {
            lost(e);
            throw e;
        }
    }

    private static KubeApiException.Refused refusal(HttpResponse<?> response, String body) {
        Optional<Duration> retryAfter =
                response.headers().firstValue("Retry-After").flatMap(KubeApi::seconds);
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
        return new KubeApiException.Refused(response.statusCode(), reason, message, retryAfter);
    }

    private static Optional<Duration> seconds(String text) {
        try {
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        } catch (NumberFormatException _) {
            return Optional.empty(); // a date, which no API server sends
        }
    }

    @Override
    public void close() {
        reachability.close();
        connections.close();
    }
}
