package io.jubelet.kubeapi;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Brings requests to an API server and answers back, whatever they say, as whoever we are at that moment; blocking, each with a
 * deadline.
 *
 * <p>HTTP/1.1 on purpose: a connection that hangs then holds up one request and is closed with it, where all share one of
 * HTTP/2. Safe for use by many threads; an interrupt ends a request.
 */
final class Transport implements AutoCloseable {

    /** So much longer the body of an answer may take. */
    private static final Duration BODY_TIMEOUT = Duration.ofSeconds(5);

    private final ClientConfigProvider configProvider;
    private final String userAgent;
    private final BooleanSupplier reachable;
    private final InstantSource clock;
    private final HttpClientCache clients = new HttpClientCache();
    private volatile Duration clockAhead = Duration.ZERO;

    /**
     * @param userAgent how we call ourselves
     * @param reachable whether there is no outage; the beginning of one ends what is under way
     */
    Transport(ClientConfigProvider configProvider, String userAgent, BooleanSupplier reachable, InstantSource clock) {
        this.configProvider = Objects.requireNonNull(configProvider, "configProvider");
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
        this.reachable = Objects.requireNonNull(reachable, "reachable");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** How far the clock of whoever answered last is ahead of ours, to the second and the time of a request. */
    Duration clockAhead() {
        return clockAhead;
    }

    /** Ends what hangs, and forgets connections of which nobody knows whether they still lead anywhere. */
    void closeConnections() {
        clients.reset();
    }

    /**
     * Sends a request: once more when its connection broke, and with other credentials when the first are not accepted and
     * there are others.
     *
     * @throws KubeApiException.Unreachable when there is no answer; its cause tells a silence from a break
     * @throws KubeApiException.NoCredentials when there is nothing to show
     */
    <T> HttpResponse<T> send(Duration deadline, ApiRequest request, BodyHandler<T> handler)
            throws InterruptedException {
        ClientConfig config = configProvider.current();
        HttpResponse<T> response = send(config, deadline, request, handler);
        if (response.statusCode() != 401) {
            return response;
        }
        configProvider.unauthorized(config);
        ClientConfig renewed = configProvider.current();
        return renewed.equals(config) ? response : send(renewed, deadline, request, handler);
    }

    private <T> HttpResponse<T> send(ClientConfig config, Duration deadline, ApiRequest request, BodyHandler<T> handler)
            throws InterruptedException {
        try {
            HttpResponse<T> response = exchange(config, deadline, http(config, deadline, request), handler);
            response.headers().firstValue("Date").ifPresent(this::compareClocks);
            return response;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpRequest http(ClientConfig config, Duration deadline, ApiRequest request) {
        String base = config.server().toString();
        URI uri = URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + request.path());
        HttpRequest.Builder http = HttpRequest.newBuilder(uri)
                .timeout(deadline)
                .header("Accept", ApiRequest.JSON)
                .header("User-Agent", userAgent)
                .method(
                        request.method(),
                        request.body().map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
        if (request.body().isPresent()) {
            http.header("Content-Type", request.type());
        }
        config.token().ifPresent(token -> http.header("Authorization", "Bearer " + token));
        return http.build();
    }

    private <T> HttpResponse<T> exchange(
            ClientConfig config, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        try {
            return awaitResponse(config, deadline, request, handler);
        } catch (HttpTimeoutException | ConnectException e) {
            throw e;
        } catch (IOException e) {
            if (!reachable.getAsBoolean()) {
                throw e; // an outage ended what was under way
            }
            // An idle connection that somebody closed meanwhile looks so; a broken network does not mend at once.
            return awaitResponse(config, deadline, request, handler);
        }
    }

    /** The deadline of a request ends with the head of the answer; its body must not take for ever either. */
    private <T> HttpResponse<T> awaitResponse(
            ClientConfig config, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> awaitResponse = sendAsync(config, request, handler);
        try {
            return awaitResponse.get(deadline.plus(BODY_TIMEOUT).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            awaitResponse.cancel(true);
            throw new HttpTimeoutException("the answer does not end");
        } catch (InterruptedException e) {
            awaitResponse.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
        }
    }

    private <T> CompletableFuture<HttpResponse<T>> sendAsync(
            ClientConfig config, HttpRequest request, BodyHandler<T> handler) throws IOException {
        try {
            return clients.clientFor(config).sendAsync(request, handler);
        } catch (RejectedExecutionException e) {
            throw new IOException("the connections were given up at that moment", e);
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

    static KubeApiException.Unreachable unreachable(IOException e) {
        String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new KubeApiException.Unreachable("the API server does not answer: " + problem, e);
    }

    /** Why the credentials of now may not be accepted, for people; empty when nothing is known of that. */
    String authenticationProblem() {
        return configProvider.authenticationProblem();
    }

    @Override
    public void close() {
        clients.close();
    }
}
