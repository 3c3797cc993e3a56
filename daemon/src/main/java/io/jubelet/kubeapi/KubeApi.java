package io.jubelet.kubeapi;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;

/**
 * A blocking client of one API server.
 *
 * <p>Every request has a deadline. While the API server does not answer, requests fail at once. HTTP/1.1 on purpose: a
 * connection that hangs then holds up one request and is closed with it, where all share one of HTTP/2. Safe for use by many
 * threads; an interrupt ends a request.
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

    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int HTTP_PORT = 80;
    private static final String JSON = "application/json";

    private final Identity identity;
    private final String userAgent;
    private final Reachability reachability;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as is the other. */
    private HttpClient client;

    private Access clientOf;

    /**
     * Makes a client; it asks nothing before it is {@linkplain #start started}.
     *
     * @param userAgent how we call ourselves
     */
    public KubeApi(Identity identity, String userAgent) {
        this.identity = Objects.requireNonNull(identity, "identity");
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
        this.reachability = new Reachability(this::ready);
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
            throw lost(e);
        }
    }

    /** Says that a stream broke off. */
    KubeApiException lost(IOException e) {
        KubeApiException problem = unreachable(e);
        reachability.lost(problem);
        return problem;
    }

    private String request(String method, String path, Optional<String> body, String type) throws InterruptedException {
        HttpResponse<String> response = checked(method, path, body, type, BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw refusal(response, response.body());
        }
        return response.body();
    }

    private <T> HttpResponse<T> checked(
            String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        if (!reachability.reachable()) {
            throw new KubeApiException.Unreachable(reachability.problem(), null);
        }
        try {
            return send(method, path, body, type, handler);
        } catch (KubeApiException.Unreachable | KubeApiException.NoCredentials e) {
            reachability.lost(e);
            throw e;
        }
    }

    private <T> HttpResponse<T> send(
            String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        Access access = identity.access();
        HttpResponse<T> response = send(access, method, path, body, type, handler);
        if (response.statusCode() != 401) {
            return response;
        }
        identity.refused(access);
        Access renewed = identity.access();
        return renewed.equals(access) ? response : send(renewed, method, path, body, type, handler);
    }

    private <T> HttpResponse<T> send(
            Access access, String method, String path, Optional<String> body, String type, BodyHandler<T> handler)
            throws InterruptedException {
        String base = access.server().toString();
        URI uri = URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("Accept", JSON)
                .header("User-Agent", userAgent)
                .method(method, body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
        if (body.isPresent()) {
            request.header("Content-Type", type);
        }
        access.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        try {
            return client(access).send(request.build(), handler);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private KubeApiException unreachable(IOException e) {
        String problem = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new KubeApiException.Unreachable("the API server does not answer: " + problem, e);
    }

    private HttpClient client(Access access) {
        lock.lock();
        try {
            boolean same = clientOf != null
                    && clientOf.tls() == access.tls()
                    && clientOf.proxy().equals(access.proxy());
            if (!same) {
                if (client != null) {
                    client.shutdown();
                }
                client = newClient(access);
                clientOf = access;
            }
            return client;
        } finally {
            lock.unlock();
        }
    }

    private static HttpClient newClient(Access access) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .sslContext(access.tls());
        access.proxy()
                .map(proxy -> ProxySelector.of(
                        new InetSocketAddress(proxy.getHost(), proxy.getPort() < 0 ? HTTP_PORT : proxy.getPort())))
                .ifPresent(builder::proxy);
        if (access.serverName().isPresent() && isName(access.serverName().get())) {
            // Heeded where the host is an address; a host with a name is asked for by that name.
            SSLParameters parameters = access.tls().getDefaultSSLParameters();
            parameters.setServerNames(
                    List.of(new SNIHostName(access.serverName().get())));
            builder.sslParameters(parameters);
        }
        return builder.build();
    }

    private static boolean isName(String host) {
        return host.indexOf(':') < 0 && !host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    /** An API server that is starting answers, and knows neither us nor our rights yet. */
    private void ready() throws InterruptedException {
        HttpResponse<String> response = send("GET", "/readyz", Optional.empty(), JSON, BodyHandlers.ofString());
        if (response.statusCode() >= 500) {
            throw new KubeApiException.Unreachable(
                    "the API server is not ready: /readyz answers " + response.statusCode(), null);
        }
        if (response.statusCode() == 401) {
            String doubt = identity.doubt();
            throw new KubeApiException.NoCredentials(
                    "the API server does not know us: it answers 401" + (doubt.isEmpty() ? "" : ", and " + doubt),
                    null);
        }
    }

    private static ApiObject object(String body) {
        return ApiObject.parse(body);
    }

    private static KubeApiException refusal(HttpResponse<?> response, String body) {
        Optional<Duration> retryAfter =
                response.headers().firstValue("Retry-After").flatMap(KubeApi::seconds);
        String reason = "";
        String message = "";
        if (body.startsWith("{")) {
            ApiObject status = ApiObject.parse(body);
            reason = status.text("reason");
            message = status.text("message");
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
        lock.lock();
        try {
            if (client != null) {
                client.shutdownNow();
            }
        } finally {
            lock.unlock();
        }
    }
}
