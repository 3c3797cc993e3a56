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
    private static final Duration BODY = Duration.ofSeconds(5);

    private final ClientConfigProvider identity;
    private final String userAgent;
    private final BooleanSupplier reachable;
    private final InstantSource clock;
    private final HttpClientCache connections = new HttpClientCache();
    private volatile Duration clockAhead = Duration.ZERO;

    /**
     * @param userAgent how we call ourselves
     * @param reachable whether there is no outage; the beginning of one ends what is under way
     */
    Transport(ClientConfigProvider identity, String userAgent, BooleanSupplier reachable, InstantSource clock) {
        this.identity = Objects.requireNonNull(identity, "identity");
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
        this.reachable = Objects.requireNonNull(reachable, "reachable");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** How far the clock of whoever answered last is ahead of ours, to the second and the time of a request. */
    Duration clockAhead() {
        return clockAhead;
    }

    /** Ends what hangs, and forgets connections of which nobody knows whether they still lead anywhere. */
    void abandon() {
        connections.abandon();
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
        ClientConfig access = identity.access();
        HttpResponse<T> response = send(access, deadline, request, handler);
        if (response.statusCode() != 401) {
            return response;
        }
        identity.refused(access);
        ClientConfig renewed = identity.access();
        return renewed.equals(access) ? response : send(renewed, deadline, request, handler);
    }

    private <T> HttpResponse<T> send(ClientConfig access, Duration deadline, ApiRequest request, BodyHandler<T> handler)
            throws InterruptedException {
        try {
            HttpResponse<T> response = exchange(access, deadline, http(access, deadline, request), handler);
            response.headers().firstValue("Date").ifPresent(this::compareClocks);
            return response;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private HttpRequest http(ClientConfig access, Duration deadline, ApiRequest request) {
        String base = access.server().toString();
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
        access.token().ifPresent(token -> http.header("Authorization", "Bearer " + token));
        return http.build();
    }

    private <T> HttpResponse<T> exchange(
            ClientConfig access, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        try {
            return answer(access, deadline, request, handler);
        } catch (HttpTimeoutException | ConnectException e) {
            throw e;
        } catch (IOException e) {
            if (!reachable.getAsBoolean()) {
                throw e; // an outage ended what was under way
            }
            // An idle connection that somebody closed meanwhile looks so; a broken network does not mend at once.
            return answer(access, deadline, request, handler);
        }
    }

    /** The deadline of a request ends with the head of the answer; its body must not take for ever either. */
    private <T> HttpResponse<T> answer(
            ClientConfig access, Duration deadline, HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = begun(access, request, handler);
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

    private <T> CompletableFuture<HttpResponse<T>> begun(
            ClientConfig access, HttpRequest request, BodyHandler<T> handler) throws IOException {
        try {
            return connections.to(access).sendAsync(request, handler);
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
    String doubt() {
        return identity.doubt();
    }

    @Override
    public void close() {
        connections.close();
    }
}
