package io.jubelet.kubeapi;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * A blocking client of one API server.
 *
 * <p>Every request has a deadline. While the API server does not answer, requests fail at once; when an outage begins, so do
 * those that are under way. A request whose connection broke is sent once more, so creating an object may find it made already.
 * One that the API server wants to have later is not sent again here: the refusal tells the time, and who asked waits as
 * {@link io.jubelet.concurrent.Loop} does. Safe for use by many threads; an interrupt ends a request.
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

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    /** After a request without an answer it is asked for so long whether the API server answers at all. */
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(5);

    /** Clocks that differ less than that make no difference to a certificate. */
    private static final Duration TOLERATED_CLOCK_SKEW = Duration.ofMinutes(1);

    private final Duration timeout;
    private final Reachability reachability;
    private final Transport transport;

    /**
     * Makes a client; it asks nothing before it is {@linkplain #start started}.
     *
     * @param userAgent how we call ourselves
     */
    public KubeApi(ClientConfigProvider configProvider, String userAgent, InstantSource clock) {
        this(configProvider, userAgent, clock, REQUEST_TIMEOUT, Reachability.CHECK_INTERVAL);
    }

    /** As the other, with another deadline for requests, and another pace in an outage. */
    KubeApi(
            ClientConfigProvider configProvider,
            String userAgent,
            InstantSource clock,
            Duration timeout,
            Duration checkInterval) {
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.reachability = new Reachability(() -> checkReady(timeout), checkInterval, clock);
        this.transport = new Transport(configProvider, userAgent, reachability::reachable, clock);
    }

    /** Begins to ask whether the API server answers. */
    public void start() {
        reachability.start();
    }

    /** Has somebody told of each end and each beginning of an outage, on any thread; must not block. */
    public void onReachabilityChange(Runnable listener) {
        reachability.addListener(listener);
    }

    /** Says that there may be other credentials: if the API server does not answer, it is asked at once. */
    public void checkNow() {
        reachability.checkNow();
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
        return transport.clockAhead();
    }

    /** Reads an object or a list. */
    public ApiObject get(String path) throws InterruptedException {
        return object(request(ApiRequest.get(path)));
    }

    /** Creates an object in a collection. */
    public ApiObject create(String path, String object) throws InterruptedException {
        return object(request(ApiRequest.of("POST", path, object)));
    }

    /** Replaces an object. */
    public ApiObject update(String path, String object) throws InterruptedException {
        return object(request(ApiRequest.of("PUT", path, object)));
    }

    /** Changes fields of an object. */
    public ApiObject patch(String path, Patch patch, String fields) throws InterruptedException {
        return object(request(new ApiRequest("PATCH", path, Optional.of(fields), patch.type)));
    }

    /**
     * Deletes an object.
     *
     * @param options v1 DeleteOptions
     */
    public void delete(String path, String options) throws InterruptedException {
        request(ApiRequest.of("DELETE", path, options));
    }

    /**
     * Opens a stream of JSON objects, one to a line, which the caller closes. Reading from it blocks without a deadline; an
     * interrupt ends that.
     */
    InputStream stream(String path) throws InterruptedException {
        // The deadline is for the beginning of the answer only.
        HttpResponse<InputStream> response = send(ApiRequest.get(path), BodyHandlers.ofInputStream());
        if (response.statusCode() < 300) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            throw errorStatus(response, new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            KubeApiException problem = Transport.unreachable(e);
            connectionLost(problem);
            throw problem;
        }
    }

    /** Says that what came is no answer of an API server, or that a stream broke off. */
    void connectionLost(KubeApiException problem) {
        if (reachability.markUnreachable(problem)) {
            transport.closeConnections(); // first, lest it end the very question that follows
            reachability.checkNow();
        }
    }

    private String request(ApiRequest request) throws InterruptedException {
        HttpResponse<String> response = send(request, BodyHandlers.ofString());
        if (response.statusCode() < 300) {
            return response.body();
        }
        throw errorStatus(response, response.body());
    }

    /**
     * Why a request was refused.
     *
     * @throws KubeApiException when it is because the API server does not know us any more: that concerns everything
     */
    private KubeApiException.ErrorStatus errorStatus(HttpResponse<?> response, String body)
            throws InterruptedException {
        if (response.statusCode() == 401) {
            try {
                checkReady(READY_TIMEOUT);
            } catch (KubeApiException e) {
                connectionLost(e);
                throw e;
            }
        }
        return ErrorResponses.errorStatus(response, body);
    }

    private <T> HttpResponse<T> send(ApiRequest request, BodyHandler<T> handler) throws InterruptedException {
        if (!reachability.reachable()) {
            throw new KubeApiException.Unreachable(reachability.problem(), null);
        }
        try {
            return transport.send(timeout, request, handler);
        } catch (KubeApiException.Unreachable e) {
            // Something behind it hangs, such as an admission webhook: that is no outage. After the time that a request
            // gives
            // it, an API server answers so or breaks off, whichever it comes to first.
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
                                : "the API server broke off the request twice",
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
        HttpResponse<String> response = transport.send(deadline, ApiRequest.get("/readyz"), BodyHandlers.ofString());
        ErrorResponses.requireReady(response, response.statusCode() == 401 ? authenticationProblem() : "");
    }

    /** Why we may not be known, for people. */
    private String authenticationProblem() {
        String ours = transport.authenticationProblem();
        Duration ahead = clockAhead();
        if (!ours.isEmpty() || ahead.abs().compareTo(TOLERATED_CLOCK_SKEW) < 0) {
            return ours;
        }
        return "its clock is " + ahead.abs().toSeconds() + " s " + (ahead.isNegative() ? "behind" : "ahead of")
                + " ours, so that our certificate may be one of another time to it";
    }

    private ApiObject object(String body) {
        try {
            return ApiObject.parse(body);
        } catch (KubeApiException.Unreachable e) {
            connectionLost(e);
            throw e;
        }
    }

    @Override
    public void close() {
        reachability.close();
        transport.close();
    }
}
