/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.document.FieldSelection;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A blocking client of one API server. Safe for use by many threads.
 *
 * <p>Every request has a timeout. While the API server is unreachable, requests fail at once;
 * when an outage begins, pending requests fail. A request whose connection broke is sent once more,
 * so a create can find the object it has made. A request that the API server defers (Retry-After)
 * is not repeated here: the exception carries the delay, and callers back off as {@link
 * io.jubelet.concurrent.Loop} does. An interrupt cancels a request.
 *
 * <p>Of a response only the wanted fields are stored, so that its size costs time but no memory.
 */
public final class KubeApi implements AutoCloseable {

    /** The type of a patch. */
    public enum Patch {
        /** A strategic merge patch: lists are merged by the merge keys of the API's types. */
        STRATEGIC("application/strategic-merge-patch+json"),
        /** A JSON merge patch (RFC 7386). */
        MERGE("application/merge-patch+json");

        private final String type;

        Patch(String type) {
            this.type = type;
        }
    }

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    /** The timeout of the readiness check that follows a request without a response. */
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(5);

    /** A smaller clock skew does not affect the validity of certificates. */
    private static final Duration TOLERATED_CLOCK_SKEW = Duration.ofMinutes(1);

    private final Duration timeout;
    private final Reachability reachability;
    private final Transport transport;

    /**
     * Creates a client, which sends nothing until it is {@linkplain #start started}.
     *
     * @param userAgent the User-Agent header
     */
    public KubeApi(ClientConfigProvider configProvider, String userAgent, InstantSource clock) {
        this(configProvider, userAgent, clock, REQUEST_TIMEOUT, Reachability.CHECK_INTERVAL);
    }

    /** Creates a client with another request timeout and another interval of readiness checks. */
    KubeApi(
            ClientConfigProvider configProvider,
            String userAgent,
            InstantSource clock,
            Duration timeout,
            Duration checkInterval) {
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.reachability = new Reachability(() -> checkReady(timeout), checkInterval, NodeClock.system()::steady);
        this.transport = new Transport(configProvider, userAgent, reachability::reachable, clock);
    }

    /** Starts to check whether the API server is reachable. */
    public void start() {
        reachability.start();
    }

    /**
     * Adds a listener that is called at the beginning and the end of each outage, on any thread; it
     * must not block.
     */
    public void onReachabilityChange(Runnable listener) {
        reachability.addListener(listener);
    }

    /** Checks the API server now if it is unreachable, because the credentials may have changed. */
    public void checkNow() {
        reachability.checkNow();
    }

    /** Returns whether the API server is reachable. */
    public boolean reachable() {
        return reachability.reachable();
    }

    /** Returns why the API server is unreachable, as a sentence; empty when it is reachable. */
    public String problem() {
        return reachability.problem();
    }

    /**
     * Returns how far the clock of the API server is ahead, with a precision of a second plus the
     * duration of a request.
     */
    public Duration clockAhead() {
        return transport.clockAhead();
    }

    /**
     * Reads an object.
     *
     * @throws KubeApiException when the request fails
     */
    public ApiObject get(String path, FieldSelection wanted) throws InterruptedException {
        return request(ApiRequest.get(path), wanted);
    }

    /**
     * Creates an object in a collection.
     *
     * @param wanted what is returned of the new object
     * @throws KubeApiException when the request fails
     */
    public ApiObject create(String path, String object, FieldSelection wanted) throws InterruptedException {
        return request(ApiRequest.of("POST", path, object), wanted);
    }

    /**
     * Replaces an object.
     *
     * @param wanted what is returned of the new object
     * @throws KubeApiException when the request fails
     */
    public ApiObject update(String path, String object, FieldSelection wanted) throws InterruptedException {
        return request(ApiRequest.of("PUT", path, object), wanted);
    }

    /**
     * Patches an object.
     *
     * @param wanted what is returned of the patched object
     * @throws KubeApiException when the request fails
     */
    public ApiObject patch(String path, Patch patch, String fields, FieldSelection wanted) throws InterruptedException {
        return request(new ApiRequest("PATCH", path, Optional.of(fields), patch.type), wanted);
    }

    /**
     * Deletes an object.
     *
     * @param options v1 DeleteOptions in JSON
     * @throws KubeApiException when the request fails
     */
    public void delete(String path, String options) throws InterruptedException {
        request(ApiRequest.of("DELETE", path, options), FieldSelection.NOTHING);
    }

    /**
     * Reads a page of a list.
     *
     * @param wanted the wanted fields of the list and of its {@code items}
     * @param maxBytes the largest size of the page
     * @param items called with each element; empty for one whose wanted fields exceed the limits
     */
    ResponseBodies.Page page(String path, FieldSelection wanted, long maxBytes, Consumer<Optional<ApiObject>> items)
            throws InterruptedException {
        Transport.Answer<ResponseBodies.Page> answer =
                send(ApiRequest.get(path), response -> ResponseBodies.page(response, wanted, maxBytes, items));
        if (answer.head().statusCode() < 300) {
            return answer.content();
        }
        throw errorStatus(answer.head(), answer.content().list());
    }

    /**
     * Opens a stream of JSON objects, which the caller closes. Reading from it blocks without a
     * timeout until the thread is interrupted or the stream is closed.
     */
    InputStream stream(String path) throws InterruptedException {
        Transport.Answer<Opened> answer = send(
                ApiRequest.get(path),
                response -> response.statusCode() < 300
                        ? new Opened(response.body(), ApiObject.EMPTY)
                        : new Opened(InputStream.nullInputStream(), ResponseBodies.error(response)));
        if (answer.head().statusCode() < 300) {
            return answer.content().stream();
        }
        throw errorStatus(answer.head(), answer.content().status());
    }

    private record Opened(InputStream stream, ApiObject status) {}

    /** Reports that a response did not come from an API server, or that a stream broke. */
    void connectionLost(KubeApiException problem) {
        if (reachability.markUnreachable(problem)) {
            transport.closeConnections(); // before the check, so that it does not cancel it
            reachability.check();
        }
    }

    private ApiObject request(ApiRequest request, FieldSelection wanted) throws InterruptedException {
        Transport.Answer<ApiObject> answer = send(request, response -> ResponseBodies.object(response, wanted));
        if (answer.head().statusCode() < 300) {
            return answer.content();
        }
        throw errorStatus(answer.head(), answer.content());
    }

    /**
     * Returns the error of a response.
     *
     * @throws KubeApiException when the API server no longer accepts the credentials, which affects
     *     all requests
     */
    private KubeApiException.ErrorStatus errorStatus(HttpResponse<?> response, ApiObject status)
            throws InterruptedException {
        if (response.statusCode() == 401) {
            try {
                checkReady(READY_TIMEOUT);
            } catch (KubeApiException e) {
                connectionLost(e);
                throw e;
            }
        }
        return ErrorResponses.errorStatus(response, status);
    }

    private <T> Transport.Answer<T> send(ApiRequest request, Transport.ResponseReader<T> reader)
            throws InterruptedException {
        if (!reachability.reachable()) {
            throw new KubeApiException.Unreachable(reachability.problem(), null);
        }
        try {
            return transport.send(timeout, request, reader);
        } catch (KubeApiException.Unreachable e) {
            // The API server may wait for something else, such as an admission webhook, which is
            // not an outage. After the timeout of the request it answers 504 or closes the
            // connection.
            boolean silent = e.getCause() instanceof HttpTimeoutException;
            boolean connected = e.getCause() instanceof IOException
                    && !(e.getCause() instanceof HttpConnectTimeoutException)
                    && !(e.getCause() instanceof ConnectException);
            if (connected && reachability.reachable() && isReady()) {
                throw new KubeApiException.ErrorStatus(
                        504,
                        "Timeout",
                        silent
                                ? "the API server did not answer within " + timeout.toMillis() + " ms"
                                : "the API server closed the connection twice",
                        Optional.empty());
            }
            connectionLost(e);
            throw e;
        } catch (KubeApiException.NoCredentials e) {
            connectionLost(e);
            throw e;
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            checkReady(READY_TIMEOUT);
            return true;
        } catch (KubeApiException _) {
            return false;
        }
    }

    private void checkReady(Duration deadline) throws InterruptedException {
        Transport.Answer<String> answer =
                transport.send(deadline, ApiRequest.get("/readyz"), ResponseBodies::beginning);
        ErrorResponses.requireReady(
                answer.head(), answer.content(), answer.head().statusCode() == 401 ? authenticationProblem() : "");
    }

    /** Returns why the API server might reject the credentials. */
    private String authenticationProblem() {
        String ours = transport.authenticationProblem();
        Duration ahead = clockAhead();
        if (!ours.isEmpty() || ahead.abs().compareTo(TOLERATED_CLOCK_SKEW) < 0) {
            return ours;
        }
        return "its clock is " + ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "behind" : "ahead of")
                + " ours, so our certificate might not be valid there";
    }

    @Override
    public void close() {
        reachability.close();
        transport.close();
    }
}
