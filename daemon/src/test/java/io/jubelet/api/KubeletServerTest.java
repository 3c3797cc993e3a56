/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.RequestAuthorizer.Call;
import io.jubelet.api.RequestAuthorizer.Decision;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what other machines are served, and that nothing is served before a decision. */
class KubeletServerTest extends TestApiServer {

    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));
    private static final TestAuthority AUTHORITY = new TestAuthority("CN=authority");
    private static final KeyAndCertificates SERVER = AUTHORITY.issue("CN=node1", NOW, TOMORROW, "127.0.0.1");
    private static final KeyAndCertificates CALLER = AUTHORITY.issue("CN=caller", NOW, TOMORROW);

    private final List<Call> judged = Collections.synchronizedList(new ArrayList<>());
    private volatile Decision decision = new Decision.Allowed("caller");
    private KubeletServer remote;
    private int port;
    /** How many engines of TLS were made. */
    private final AtomicInteger engines = new AtomicInteger();

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        remote.close();
    }

    private void serve(boolean logsToo) throws Exception {
        make(logsToo);
        remote.start();
        awaitAnswer();
    }

    private void make(boolean logsToo) throws IOException {
        make(logsToo, Duration.ofSeconds(20));
    }

    private void make(boolean logsToo, Duration timeout) throws IOException {
        SSLContext context = TlsContexts.server(SERVER, Optional.of(List.of(AUTHORITY.certificate())));
        remote = new KubeletServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                () -> {
                    engines.incrementAndGet();
                    SSLEngine engine = context.createSSLEngine();
                    engine.setUseClientMode(false);
                    engine.setWantClientAuth(true);
                    return Optional.of(engine);
                },
                timeout,
                server,
                call -> {
                    judged.add(call);
                    return decision;
                },
                new KubeletServer.Handlers(logsToo, Map.of("metrics", echo(), "configz", echo(), "exec", echo())));
    }

    /** Answers with the path, and accepts POST. */
    private static RequestHandler echo() {
        return new RequestHandler() {
            @Override
            public boolean acceptsPost(ApiRequest request) {
                return true;
            }

            @Override
            public void serve(ApiRequest request, ApiResponse response) throws IOException {
                response.write(("served " + request.path() + " by "
                                + request.client().identity().get())
                        .getBytes(StandardCharsets.UTF_8));
            }
        };
    }

    /** It listens in a moment, or, when the port was taken, after some seconds. */
    private void awaitAnswer() throws Exception {
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("an answer of the server", () -> ask(Optional.empty(), "GET", "/healthz"), _ -> true);
        judged.clear();
    }

    private HttpResponse<String> ask(Optional<KeyAndCertificates> caller, String method, String path, String... headers)
            throws IOException, InterruptedException {
        SSLContext tls = TlsContexts.client(
                new TrustPolicy.Authorities(List.of(AUTHORITY.certificate())), Optional.empty(), caller);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                    .method(method, HttpRequest.BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void authorizerGetsClientAndRequest() throws Exception {
        serve(true);
        ask(Optional.of(CALLER), "GET", "//pods/?a=b", "Authorization", "bearer  abc ");
        assertEquals(
                new Call(List.of(CALLER.certificate()), Optional.of("abc"), "GET", List.of("pods")), judged.getFirst());
        ask(Optional.empty(), "DELETE", "/containerLogs/a%2Fb/c", "Authorization", "Basic abc");
        assertEquals(
                new Call(List.of(), Optional.empty(), "DELETE", List.of("containerLogs", "a/b", "c")), judged.get(1));
    }

    /** The name of a user is from a certificate or an API server, and can be of any length. */
    @ParameterizedTest
    @ValueSource(ints = {8, 251, 252})
    void handlerKnowsUserAndAddress(int length) throws Exception {
        serve(true);
        String user = "u".repeat(length);
        decision = new Decision.Allowed(user);
        assertEquals(
                "served [configz] by user " + (length > 251 ? "u".repeat(251) + "..." : user) + " at 127.0.0.1",
                ask(Optional.of(CALLER), "GET", "/configz", "Authorization", "Bearer abc")
                        .body());
    }

    @Test
    void servesNothingBeforeDecision() throws Exception {
        serve(true);
        decision = new Decision.Forbidden("not you");
        for (String path : List.of("/pods", "/healthz", "/containerLogs/default/web/app", "/", "/no/such/thing")) {
            HttpResponse<String> response = ask(Optional.of(CALLER), "GET", path);
            assertEquals(403, response.statusCode(), path);
            assertTrue(response.body().contains("\"message\":\"not you\",\"reason\":\"Forbidden\""), response::body);
            assertEquals(403, ask(Optional.of(CALLER), "POST", path).statusCode(), path);
        }
        decision = new Decision.Unauthenticated("who are you");
        assertEquals(401, ask(Optional.empty(), "GET", "/pods").statusCode());
        decision = new Decision.Unavailable("unavailable");
        assertEquals(500, ask(Optional.empty(), "GET", "/pods").statusCode());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        GET  | /pods                           | 200 | "kind":"PodList"
        HEAD | /pods                           | 200 |
        GET  | /healthz                        | 200 | ok
        HEAD | /healthz                        | 200 |
        GET  | /containerLogs/default/web/app  | 200 |
        GET  | /metrics/cadvisor               | 200 | served [metrics, cadvisor]
        POST | /exec/default/web/app           | 200 | served [exec, default, web, app]
        POST | /pods                           | 405 | read-only
        POST | /containerLogs/default/web/app  | 405 | read-only
        GET  | /pods/default                   | 404 | nothing at this path
        GET  | /api/v1/pods                    | 404 | nothing at this path
        GET  | /jubelet/v1/pods                | 404 | nothing at this path
        GET  | /version                        | 404 | nothing at this path
        GET  | /Pods                           | 404 | nothing at this path
        POST | /Exec/default/web/app           | 404 | nothing at this path
        GET  | /                               | 404 | nothing at this path
        """)
    void servesPathsOfKubelet(String method, String path, int code, String part) throws Exception {
        serve(true);
        HttpResponse<String> response = ask(Optional.of(CALLER), method, path);
        assertEquals(code, response.statusCode(), response::body);
        assertTrue(response.body().contains(part == null ? "" : part), response::body);
    }

    @Test
    void withoutDebuggingHandlersOnlyHealthPodsAndMeasurementsAreServed() throws Exception {
        serve(false);
        for (String path :
                List.of("/containerLogs/default/web/app", "/exec/a/b/c", "/run", "/runningpods", "/logs/x")) {
            for (String method : List.of("GET", "POST", "HEAD")) {
                HttpResponse<String> response = ask(Optional.of(CALLER), method, path);
                assertEquals(405, response.statusCode(), path);
                assertTrue(
                        method.equals("HEAD") || response.body().contains("Debug endpoints are disabled."),
                        response::body);
            }
        }
        assertEquals(404, ask(Optional.of(CALLER), "GET", "/configz").statusCode());
        for (String path : List.of("/pods", "/healthz/ping", "/metrics")) {
            assertEquals(200, ask(Optional.of(CALLER), "GET", path).statusCode(), path);
        }
    }

    @Test
    void checksOfHealthAreThoseOfTheKubelet() throws Exception {
        serve(true);
        assertEquals("[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n", health("?verbose", 200));
        assertEquals(
                "[+]ping ok\n[+]log ok\n[+]syncloop excluded: ok\nhealthz check passed\n",
                health("?verbose&exclude=syncloop", 200));
        for (String check : List.of("", "/ping", "/log", "/syncloop", "/")) {
            assertEquals("ok", health(check, 200), check);
        }
        health.set(Optional.of("the runtime is silent"));
        assertEquals(
                "[+]ping ok\n[+]log ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n", health("", 500));
        assertEquals("internal server error: the runtime is silent\n", health("/syncloop", 500));
        assertEquals("ok", health("/ping", 200));
        assertEquals("ok", health("?exclude=syncloop", 200));
        assertTrue(health("/other", 404).contains("NotFound"));
        assertTrue(health("/ping/x", 404).contains("NotFound"));
    }

    private String health(String more, int code) throws Exception {
        HttpResponse<String> response = ask(Optional.of(CALLER), "GET", "/healthz" + more);
        assertEquals(code, response.statusCode(), more);
        return response.body();
    }

    @Test
    void requestLinesOfAuthorizedCallersCanHoldACommand() throws Exception {
        serve(true);
        for (int length : new int[] {LongLines.MAX_LINE, LongLines.MAX_LINE + 1}) {
            String path = "/exec?" + "x".repeat(length - "GET /exec? HTTP/1.1".length());
            assertEquals(
                    length > LongLines.MAX_LINE ? 413 : 200,
                    ask(Optional.of(CALLER), "GET", path).statusCode());
        }
    }

    @Test
    void requestLinesOfOthersHaveASmallLimit() throws Exception {
        remote = KubeletServer.readOnly(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Duration.ofSeconds(20),
                server,
                Map.of());
        remote.start();
        for (int length : new int[] {Connection.MAX_LINE, Connection.MAX_LINE + 1}) {
            String path = "/healthz?" + "x".repeat(length - "GET /healthz? HTTP/1.1".length());
            try (HttpClient client = HttpClient.newHttpClient()) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .build();
                assertEquals(
                        length > Connection.MAX_LINE ? 413 : 200,
                        client.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode());
            }
        }
    }

    /** Everyone is served, without TLS; what is for authorized callers is not there. */
    @Test
    void readOnlyPortServesHealthPodsAndMeasurementsAlone() throws Exception {
        remote = KubeletServer.readOnly(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Duration.ofSeconds(20),
                server,
                Map.of("metrics", echo(), "exec", echo()));
        remote.start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            Map<String, Integer> codes = new TreeMap<>(Map.of(
                    "/healthz",
                    200,
                    "/healthz/syncloop",
                    200,
                    "/pods",
                    200,
                    "/metrics/resource",
                    200,
                    "/configz",
                    404));
            codes.putAll(Map.of(
                    "/runningpods",
                    405,
                    "/exec/default/web/app",
                    405,
                    "/containerLogs/default/web/app",
                    405,
                    "/logs/syslog",
                    405,
                    "/jubelet/v1/pods",
                    404));
            for (Map.Entry<String, Integer> expected : codes.entrySet()) {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + expected.getKey()))
                        .build();
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertEquals(expected.getValue(), response.statusCode(), expected::getKey);
            }
            HttpRequest post = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/pods"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            assertEquals(
                    405, client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
        assertEquals(List.of(), judged);
    }

    @Test
    void retriesUntilPortIsFree() throws Exception {
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            make(true);
            remote.start();
            assertEquals(port, taken.getLocalPort());
        }
        awaitAnswer();
        assertEquals(200, ask(Optional.of(CALLER), "GET", "/pods").statusCode());
    }

    @Test
    void unauthenticatedConnectionsKeepNobodyOut() throws Exception {
        serve(true);
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < 300; i++) {
                idle.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            int before = engines.get();
            assertEquals(200, ask(Optional.of(CALLER), "GET", "/pods").statusCode());
            assertEquals(before + 1, engines.get(), "only for the connection that sent something");
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void closesConnectionsWithoutHandshakeOrRequest() throws Exception {
        make(true, Duration.ofSeconds(1));
        remote.start();
        awaitAnswer();
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertEquals(-1, silent.getInputStream().read());
        }
        SSLContext tls = TlsContexts.client(
                new TrustPolicy.Authorities(List.of(AUTHORITY.certificate())), Optional.empty(), Optional.of(CALLER));
        try (Socket silent = tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            ((SSLSocket) silent).startHandshake();
            assertEquals(-1, silent.getInputStream().read());
        }
    }

    @Test
    void readsAsManyLogsForOneAddressAsItsShareAndSaysSoBeyond() throws Exception {
        serve(true);
        CountDownLatch end = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            out.write('x');
            out.flush();
            end.await();
        });
        SSLContext tls = TlsContexts.client(
                new TrustPolicy.Authorities(List.of(AUTHORITY.certificate())), Optional.empty(), Optional.of(CALLER));
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + port + "/containerLogs/default/web/app"))
                    .build();
            for (int i = 0; i < LogEndpoint.MAX_LOGS_OF_ONE_CLIENT; i++) {
                HttpResponse<InputStream> log = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
                assertEquals(200, log.statusCode());
                assertEquals('x', log.body().read());
            }
            HttpResponse<String> beyond = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(429, beyond.statusCode());
            assertTrue(
                    beyond.body().contains("too many logs: 64 of 127.0.0.1 are open, which is the limit"),
                    beyond::body);
            end.countDown();
            client.shutdownNow();
        }
    }
}
