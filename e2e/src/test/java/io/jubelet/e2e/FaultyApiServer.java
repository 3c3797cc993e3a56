/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * An API server that injects faults, request by request, and forwards all other requests to a real one. It terminates TLS
 * with a certificate of the cluster, and passes the user to the real one, as front proxies do. It records all requests.
 */
final class FaultyApiServer implements AutoCloseable {

    /**
     * A recorded request.
     *
     * @param user the name in the client's certificate; empty when it showed none
     * @param path with its query
     * @param body what came with it; empty for none
     */
    record Request(Instant time, String user, String method, String path, String body) {

        /** Whether it is of this method, and its path begins so. */
        boolean is(String wantedMethod, String beginning) {
            return method.equals(wantedMethod) && path.startsWith(beginning);
        }

        boolean isWatch() {
            return path.matches(".*[?&]watch=(1|true)(&.*)?");
        }
    }

    /** How many requests of a kind are still to be answered wrongly. */
    private static final class Rule {

        private final Predicate<Request> which;
        private final ApiFault fault;
        private int times;

        Rule(Predicate<Request> which, ApiFault fault, int times) {
            this.which = which;
            this.fault = fault;
            this.times = times;
        }

        synchronized boolean takes(Request request) {
            if (times == 0 || !which.test(request)) {
                return false;
            }
            times--;
            return true;
        }
    }

    /** Which belong to one connection, or are made anew. */
    private static final Set<String> NOT_PASSED_ON =
            Set.of("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "http2-settings");

    private final String target;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    /** A client with the certificate of a front proxy, which passes users as headers. */
    private final ApiClient asProxy;
    /** A client without credentials, for requests that carry the token of their user. */
    private final ApiClient anonymous;

    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final Queue<InputStream> answers = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    FaultyApiServer(ClusterUnderTest cluster) throws IOException {
        // Else each answer waits for what the client's kernel has to say.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        CertificateAuthority authority = cluster.authority();
        X509Certificate ca = authority.own().certificate();
        Instant now = Instant.now();
        this.target = cluster.apiServer().url();
        this.asProxy = new ApiClient(
                target,
                ca,
                null,
                authority.client("front-proxy", List.of(), now.minusSeconds(60), now.plusSeconds(86400)));
        this.anonymous = new ApiClient(target, ca, null, null);
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setHttpsConfigurator(new HttpsConfigurator(ApiClient.tls(ca, authority.server("faulty-apiserver"))) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = getSSLContext().getDefaultSSLParameters();
                tls.setWantClientAuth(true);
                parameters.setSSLParameters(tls);
            }
        });
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    /** The address for a kubeconfig. */
    String url() {
        return "https://127.0.0.1:" + port();
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Injects a fault into the next requests of a kind; of several rules the first applies. */
    void fail(int times, ApiFault fault, Predicate<Request> which) {
        rules.add(new Rule(which, fault, times));
    }

    /** As {@link #fail(int, ApiFault, Predicate)}, until {@link #heal}. */
    void fail(ApiFault fault, Predicate<Request> which) {
        fail(Integer.MAX_VALUE, fault, which);
    }

    /** From now on everything is answered rightly. */
    void heal() {
        rules.clear();
    }

    /** All recorded requests, in order. */
    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** The recorded requests of a kind. */
    List<Request> requests(Predicate<Request> which) {
        return requests.stream().filter(which).toList();
    }

    /** Breaks off all answers that have begun, which are those of watches. */
    void breakWatches() throws IOException {
        for (InputStream answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.close();
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try {
            byte[] body = exchange.getRequestBody().readAllBytes();
            X509Certificate client = client((HttpsExchange) exchange);
            Request request = new Request(
                    Instant.now(),
                    client == null
                            ? ""
                            : CertificateAuthority.ofSubject(client, BCStyle.CN).getFirst(),
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    new String(body, StandardCharsets.UTF_8));
            requests.add(request);
            ApiFault fault = rules.stream()
                    .filter(rule -> rule.takes(request))
                    .map(rule -> rule.fault)
                    .findFirst()
                    .orElse(null);
            switch (fault) {
                case null -> answer(exchange, ask(exchange, client, body));
                case ApiFault.Answer answer -> answer(exchange, answer);
                case ApiFault.Lost _ -> ask(exchange, client, body).body().readAllBytes();
                case ApiFault.Late(var time) -> {
                    if (!closed.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
                        answer(exchange, ask(exchange, client, body));
                    }
                }
            }
            // Where an answer was broken off this is not reached: it would look like an end, and not like a break.
            exchange.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The certificate that the client showed, or null. */
    private static X509Certificate client(HttpsExchange exchange) {
        try {
            return (X509Certificate) exchange.getSSLSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private HttpResponse<InputStream> ask(HttpExchange exchange, X509Certificate client, byte[] body)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(target + exchange.getRequestURI().toString()))
                .method(
                        exchange.getRequestMethod(),
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        exchange.getRequestHeaders().forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!NOT_PASSED_ON.contains(lower) && !lower.startsWith("x-remote-")) {
                values.forEach(value -> request.header(name, value));
            }
        });
        if (client == null) {
            return anonymous.stream(request.build());
        }
        CertificateAuthority.ofSubject(client, BCStyle.CN).forEach(user -> request.header("X-Remote-User", user));
        CertificateAuthority.ofSubject(client, BCStyle.O).forEach(group -> request.header("X-Remote-Group", group));
        return asProxy.stream(request.build());
    }

    private void answer(HttpExchange exchange, HttpResponse<InputStream> answer) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        answer.headers().map().forEach((name, values) -> {
            if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> headers.add(name, value));
            }
        });
        try (InputStream in = answer.body()) {
            answers.add(in);
            // Of unknown length: a watch ends when it likes.
            exchange.sendResponseHeaders(answer.statusCode(), 0);
            OutputStream out = exchange.getResponseBody();
            byte[] piece = new byte[16 * 1024];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                out.write(piece, 0, n);
                out.flush();
            }
        } finally {
            answers.remove(answer.body());
        }
    }

    private static void answer(HttpExchange exchange, ApiFault.Answer answer) throws IOException {
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        server.stop(0);
        breakWatches();
        asProxy.close();
        anonymous.close();
        threads.shutdownNow();
    }
}
