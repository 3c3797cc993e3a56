/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
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
 * Sends requests to the API server with the current client configuration and returns the responses,
 * whatever their status. Each request blocks, with a timeout for the headers.
 *
 * <p>It uses HTTP/1.1, because a connection that hangs then delays one request, whereas all
 * requests share one connection of HTTP/2. Safe for use by many threads; an interrupt cancels a
 * request.
 */
final class Transport implements AutoCloseable {

    /**
     * Reads a response, after its headers have arrived.
     *
     * @param <T> what is kept of it
     */
    @FunctionalInterface
    interface ResponseReader<T> {

        /**
         * Reads the body, and closes it unless that is the result. Called again if the connection
         * broke.
         *
         * @throws KubeApiException.Unreachable when the response does not come from an API server
         */
        T read(HttpResponse<InputStream> response) throws IOException;
    }

    /** What was read of a response. */
    record Answer<T>(HttpResponse<?> head, T content) {}

    /** A request times out by itself; this bounds the wait if it does not. */
    private static final Duration SPARE_TIME = Duration.ofSeconds(5);

    private final ClientConfigProvider configProvider;
    private final String userAgent;
    private final BooleanSupplier reachable;
    private final InstantSource clock;
    private final HttpClientCache clients = new HttpClientCache();
    private volatile Duration clockAhead = Duration.ZERO;

    /**
     * @param userAgent the User-Agent header
     * @param reachable whether the API server is reachable; when an outage begins, pending requests
     *     fail
     */
    Transport(ClientConfigProvider configProvider, String userAgent, BooleanSupplier reachable, InstantSource clock) {
        this.configProvider = Objects.requireNonNull(configProvider, "configProvider");
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
        this.reachable = Objects.requireNonNull(reachable, "reachable");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns how far the clock of the API server is ahead, with a precision of a second plus the
     * duration of a request.
     */
    Duration clockAhead() {
        return clockAhead;
    }

    /** Cancels pending requests and closes all connections, which may be dead. */
    void closeConnections() {
        clients.reset();
    }

    /**
     * Sends a request. Sends it again if the connection broke, and with renewed credentials if the
     * API server rejected the first ones and others exist.
     *
     * @param deadline the timeout of the headers; that of the body is up to the reader
     * @throws KubeApiException.Unreachable when there is no response; the cause distinguishes a
     *     timeout from a broken connection
     * @throws KubeApiException.NoCredentials when no credentials are available
     */
    <T> Answer<T> send(Duration deadline, ApiRequest request, ResponseReader<T> reader) throws InterruptedException {
        ClientConfig config = configProvider.current();
        Answer<T> answer = send(config, deadline, request, reader);
        if (answer.head().statusCode() != 401) {
            return answer;
        }
        configProvider.unauthorized(config);
        ClientConfig renewed = configProvider.current();
        return renewed.equals(config) ? answer : send(renewed, deadline, request, reader);
    }

    private <T> Answer<T> send(ClientConfig config, Duration deadline, ApiRequest request, ResponseReader<T> reader)
            throws InterruptedException {
        try {
            Answer<T> answer = exchange(config, deadline, http(config, deadline, request), reader);
            answer.head().headers().firstValue("Date").ifPresent(this::compareClocks);
            return answer;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(); // reading a body reports an interrupt as a failure
            }
            throw unreachable(config.server(), e);
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

    private <T> Answer<T> exchange(
            ClientConfig config, Duration deadline, HttpRequest request, ResponseReader<T> reader)
            throws IOException, InterruptedException {
        try {
            return attempt(config, deadline, request, reader);
        } catch (HttpTimeoutException | ConnectException e) {
            throw e;
        } catch (IOException e) {
            if (!reachable.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw e; // the beginning of an outage cancelled the request
            }
            // An idle connection that the server closed fails like this; a network failure would
            // persist.
            return attempt(config, deadline, request, reader);
        }
    }

    private <T> Answer<T> attempt(ClientConfig config, Duration deadline, HttpRequest request, ResponseReader<T> reader)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> response = awaitHeaders(config, deadline, request);
        return new Answer<>(response, reader.read(response));
    }

    private HttpResponse<InputStream> awaitHeaders(ClientConfig config, Duration deadline, HttpRequest request)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<InputStream>> headers = sendAsync(config, request);
        try {
            return headers.get(deadline.plus(SPARE_TIME).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            headers.cancel(true);
            throw new HttpTimeoutException("the response timed out");
        } catch (InterruptedException e) {
            headers.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException broken ? broken : new IOException(e.getCause());
        }
    }

    private CompletableFuture<HttpResponse<InputStream>> sendAsync(ClientConfig config, HttpRequest request)
            throws IOException {
        try {
            return clients.clientFor(config).sendAsync(request, BodyHandlers.ofInputStream());
        } catch (RejectedExecutionException e) {
            throw new IOException("the connections were closed at that moment", e);
        }
    }

    private void compareClocks(String date) {
        try {
            Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            clockAhead = Duration.between(clock.instant().truncatedTo(ChronoUnit.SECONDS), theirs);
        } catch (DateTimeParseException _) {
            // A proxy sends a date of its own; the skew is then unknown.
        }
    }

    static KubeApiException.Unreachable unreachable(URI server, IOException e) {
        return new KubeApiException.Unreachable(
                "the API server is unreachable: " + problem(e) + " (" + server + ")", e);
    }

    /** The client of the JDK often says by the type of an exception alone what happened. */
    private static String problem(IOException e) {
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        return switch (e) {
            case HttpConnectTimeoutException _ -> "it does not accept the connection";
            case HttpTimeoutException _ -> "it does not respond in time";
            case ConnectException _ when e.getCause() instanceof UnresolvedAddressException -> "its name is unknown";
            case ConnectException _ -> "the connection is refused";
            default -> e.getClass().getSimpleName();
        };
    }

    /** Returns why the API server might reject the credentials; empty when no reason is known. */
    String authenticationProblem() {
        return configProvider.authenticationProblem();
    }

    @Override
    public void close() {
        clients.close();
    }
}
