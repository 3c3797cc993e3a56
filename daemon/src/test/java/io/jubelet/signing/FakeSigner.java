/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.kubeapi.ClientConfig;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** An API server that knows only CertificateSigningRequests, and signs or denies them when the test says so. */
final class FakeSigner implements AutoCloseable {

    private static final String PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    private static final String KIND =
            "\"apiVersion\":\"certificates.k8s.io/v1\",\"kind\":\"CertificateSigningRequest\"";
    private static final Pattern NAME = Pattern.compile("\"name\":\"([^\"]+)\"");
    private static final Pattern REQUEST = Pattern.compile("\"request\":\"([^\"]+)\"");

    /** An error that is answered to every request for a CSR. */
    record Failure(int code, String retryAfter, String message) {}

    private final TestAuthority authority = new TestAuthority("CN=cluster");
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, String> bodies = new ConcurrentHashMap<>();
    private final Map<String, String> statuses = new ConcurrentHashMap<>();
    private volatile Optional<Failure> failure = Optional.empty();
    private volatile boolean hidesRequests;

    FakeSigner() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** A started client for which this server is reachable. */
    KubeApi client(InstantSource clock) {
        return reachable(new KubeApi(new Anonymous(uri()), "test", clock));
    }

    /** Starts a client and waits until the server is reachable for it. */
    static KubeApi reachable(KubeApi api) {
        api.start();
        Eventually.await("the API server to be reachable", api::reachable);
        return api;
    }

    /** The names of all requests. */
    List<String> names() {
        return bodies.keySet().stream().sorted().toList();
    }

    /** The contents of the only request. */
    String onlyBody() {
        return bodies.values().iterator().next();
    }

    /** Signs a request. */
    void approve(String name, String subject, Instant from, Instant to, String... dnsNames) {
        approve(
                name,
                Certificates.pem(List.of(authority.sign(subject, key(name), from, to, false, List.of(dnsNames)))));
    }

    /** Puts a certificate into the status of a request, whatever it is. */
    void approve(String name, String certificate) {
        String encoded = Base64.getEncoder().encodeToString(certificate.getBytes(StandardCharsets.US_ASCII));
        statuses.put(name, "{\"conditions\":[{\"type\":\"Approved\"}],\"certificate\":\"" + encoded + "\"}");
    }

    /** Adds a condition to a request: {@code Denied} or {@code Failed}. */
    void condition(String name, String type, String message) {
        statuses.put(name, "{\"conditions\":[{\"type\":\"" + type + "\",\"message\":\"" + message + "\"}]}");
    }

    /** Removes all requests, as the cluster does with old ones. */
    void removeAll() {
        bodies.clear();
        statuses.clear();
    }

    void fail(int code, String retryAfter, String message) {
        failure = Optional.of(new Failure(code, retryAfter, message));
    }

    void recover() {
        failure = Optional.empty();
    }

    /** Answers 404 to reads, so that a create finds the object it has made before. */
    void hideRequests(boolean hide) {
        hidesRequests = hide;
    }

    TestAuthority authority() {
        return authority;
    }

    private PublicKey key(String name) {
        Matcher request = REQUEST.matcher(bodies.get(name));
        if (!request.find()) {
            throw new IllegalStateException(bodies.get(name));
        }
        String pem = new String(Base64.getDecoder().decode(request.group(1)), StandardCharsets.US_ASCII);
        String der = pem.replaceAll("-----[^-]+-----|\\s", "");
        try {
            return new JcaPKCS10CertificationRequest(Base64.getDecoder().decode(der)).getPublicKey();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/readyz")) {
                answer(exchange, 200, "ok");
            } else if (failure.isPresent()) {
                if (!failure.get().retryAfter().isEmpty()) {
                    exchange.getResponseHeaders()
                            .add("Retry-After", failure.get().retryAfter());
                }
                answer(exchange, failure.get().code(), status(failure.get().message()));
            } else if (exchange.getRequestMethod().equals("POST") && path.equals(PATH)) {
                Matcher name = NAME.matcher(body);
                boolean named = name.find();
                boolean created = named && bodies.putIfAbsent(name.group(1), body) == null;
                answer(exchange, created ? 201 : 409, created ? object(name.group(1)) : status("it exists"));
            } else {
                String name = path.substring(path.lastIndexOf('/') + 1);
                boolean found = bodies.containsKey(name) && !hidesRequests;
                answer(exchange, found ? 200 : 404, found ? object(name) : status("not found"));
            }
        }
    }

    private String object(String name) {
        return "{" + KIND + ",\"metadata\":{\"name\":\"" + name + "\"},\"status\":" + statuses.getOrDefault(name, "{}")
                + "}";
    }

    private static String status(String message) {
        return "{\"kind\":\"Status\",\"message\":\"" + message + "\"}";
    }

    private static void answer(HttpExchange exchange, int code, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(code, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** A client without credentials. */
    private record Anonymous(URI server) implements ClientConfigProvider {

        @Override
        public ClientConfig current() {
            try {
                return new ClientConfig(
                        server, SSLContext.getDefault(), Optional.empty(), Optional.empty(), Optional.empty());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void unauthorized(ClientConfig config) {
            throw new IllegalStateException("the server answers no 401");
        }

        @Override
        public String authenticationProblem() {
            return "";
        }
    }
}
