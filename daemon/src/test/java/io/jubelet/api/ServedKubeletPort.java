/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.authorization.AccessReviewer;
import io.jubelet.authorization.DelegatedAuthorizer;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.ServerTls;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.kubeapi.ApiObject;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The kubelet's port with an authorizer, whose API server the test plays. */
abstract class ServedKubeletPort extends TestApiServer {

    static final Instant NOW = Instant.now().minusSeconds(60);
    static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));
    static final TestAuthority AUTHORITY = new TestAuthority("CN=authority");
    static final KeyAndCertificates SERVER = AUTHORITY.issue("CN=node1", NOW, TOMORROW, "127.0.0.1");
    static final KeyAndCertificates CALLER = AUTHORITY.issue("CN=caller", NOW, TOMORROW);

    /** What the API server says of any token. */
    static final String TOKEN_OF_NOBODY = "{\"status\":{\"authenticated\":false}}";

    static final String TOKEN_OF_SOMEONE = "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"someone\"}}}";

    /** Each path that acts in a pod. */
    static final List<String> ACTIONS = List.of(
            "/exec/default/web/app?command=id",
            "/exec/default/web/0123/app?command=id",
            "/attach/default/web/app",
            "/run/default/web/app?cmd=id",
            "/portForward/default/web?port=80");

    /** The other paths, and the subresources of which one is needed. */
    static final Map<String, Set<String>> READS = Map.ofEntries(
            Map.entry("/pods", Set.of("pods", "proxy")),
            Map.entry("/pods/", Set.of("pods", "proxy")),
            Map.entry("/runningpods/", Set.of("pods", "proxy")),
            Map.entry("/healthz", Set.of("healthz", "proxy")),
            Map.entry("/healthz/syncloop", Set.of("healthz", "proxy")),
            Map.entry("/configz", Set.of("configz", "proxy")),
            Map.entry("/metrics", Set.of("metrics")),
            Map.entry("/metrics/cadvisor", Set.of("metrics")),
            Map.entry("/stats/summary", Set.of("stats")),
            Map.entry("/logs/syslog", Set.of("log")),
            Map.entry("/checkpoint/a/b/c", Set.of("checkpoint")),
            Map.entry("/containerLogs/default/web/app", Set.of("proxy")),
            Map.entry("/debug/pprof/heap", Set.of("proxy")),
            Map.entry("/", Set.of("proxy")),
            Map.entry("/unknown", Set.of("proxy")));

    static final Set<String> ALL_SUBRESOURCES =
            Set.of("proxy", "pods", "healthz", "configz", "metrics", "stats", "log", "checkpoint");

    static final List<String> UPGRADE = List.of(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: v5.channel.k8s.io");

    final List<String> reached = Collections.synchronizedList(new ArrayList<>());
    /** What the API server has allowed: texts such as {@code get proxy}. */
    volatile Set<String> rights = Set.of();

    volatile String tokenReview = TOKEN_OF_NOBODY;
    /** The path that was authorized last. */
    volatile List<String> judged = List.of();

    /** An open connection of each caller. */
    final Map<Optional<KeyAndCertificates>, SSLSocket> connections = new HashMap<>();

    KubeletServer remote;
    int port;

    @BeforeEach
    void serve() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path ca = directory.resolve("ca.crt");
        Files.writeString(ca, AUTHORITY.pem());
        ServerTls tls = new ServerTls(ca, () -> Optional.of(SERVER), "TLSv1.2", List.of(), List.of(), false);
        AccessReviewer reviewer = this::review;
        DelegatedAuthorizer authorizer = new DelegatedAuthorizer(
                tls::trusts,
                Optional.of(reviewer),
                Optional.of(reviewer),
                "n1",
                new DelegatedAuthorizer.Ttl(Duration.ZERO, Duration.ZERO, Duration.ZERO),
                () -> NOW);
        Map<String, RequestHandler> handlers = new HashMap<>();
        for (String first : List.of(
                "exec",
                "attach",
                "run",
                "portForward",
                "runningpods",
                "configz",
                "metrics",
                "stats",
                "logs",
                "checkpoint",
                "debug")) {
            handlers.put(first, new Noting());
        }
        remote = new KubeletServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                tls::engine,
                Duration.ofSeconds(20),
                server,
                call -> {
                    judged = call.path();
                    return authorizer.authorize(call);
                },
                new KubeletServer.Handlers(true, handlers));
        remote.start();
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("an answer of the server", () -> code("GET", "/healthz", Optional.of(CALLER)), _ -> true);
        reached.clear();
    }

    @AfterEach
    void close() throws IOException {
        for (SSLSocket socket : connections.values()) {
            socket.close();
        }
        remote.close();
    }

    /** Takes all methods and notes what it got. */
    private final class Noting implements RequestHandler {
        @Override
        public boolean acceptsPost(ApiRequest request) {
            return true;
        }

        @Override
        public void serve(ApiRequest request, ApiResponse response) throws IOException {
            reached.add(request.method() + " " + String.join("|", request.path()));
            assertEquals(judged, request.path(), "another path was judged");
            response.write("reached".getBytes(StandardCharsets.UTF_8));
        }
    }

    ApiObject review(String path, String object) {
        boolean allowed = rights.stream().anyMatch(right -> {
            String[] words = right.split(" ");
            return object.contains("\"verb\":\"" + words[0] + "\",\"subresource\":\"" + words[1] + "\"");
        });
        String answer =
                path.endsWith("tokenreviews") ? tokenReview : "{\"status\":{\"allowed\":%s}}".formatted(allowed);
        return new ApiObject((Node.Mapping) Documents.readJson(answer, new Findings()));
    }

    /** Sends a request on a connection of this caller, and returns the status of the response. */
    int code(String method, String target, Optional<KeyAndCertificates> caller, String... headers) throws IOException {
        StringBuilder request = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: n1\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        SSLSocket socket = connection(caller);
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
        InputStream in = socket.getInputStream();
        String status = line(in);
        assertTrue(status.startsWith("HTTP/1.1 "), () -> target + ": " + status);
        int length = 0;
        boolean chunked = false;
        boolean last = false;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            chunked |= lower.equals("transfer-encoding: chunked");
            last |= lower.equals("connection: close");
            if (lower.startsWith("content-length: ")) {
                length = Integer.parseInt(lower.substring("content-length: ".length()));
            }
        }
        in.readNBytes(method.equals("HEAD") ? 0 : length);
        while (chunked && !method.equals("HEAD")) {
            int size = Integer.parseInt(line(in), 16);
            in.readNBytes(size + 2);
            chunked = size > 0;
        }
        if (last) {
            connections.remove(caller);
            socket.close();
        }
        return Integer.parseInt(status.substring(9, 12));
    }

    SSLSocket connection(Optional<KeyAndCertificates> caller) throws IOException {
        SSLSocket known = connections.get(caller);
        if (known != null) {
            return known;
        }
        SSLContext tls = TlsContexts.client(
                new TrustPolicy.Authorities(List.of(AUTHORITY.certificate())), Optional.empty(), caller);
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        // With TLS 1.3 a client learns only when it reads that its certificate was refused.
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        socket.startHandshake();
        connections.put(caller, socket);
        return socket;
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Sends each request in each way and demands the same answer. */
    void assertRefused(int code, Optional<KeyAndCertificates> caller, List<String> targets, String... headers)
            throws IOException {
        for (String target : targets) {
            for (String method : List.of("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW")) {
                assertEquals(code, code(method, target, caller, headers), () -> method + " " + target);
            }
            List<String> upgrade = new ArrayList<>(UPGRADE);
            upgrade.addAll(List.of(headers));
            assertEquals(code, code("GET", target, caller, upgrade.toArray(String[]::new)), () -> "WS " + target);
            assertEquals(code, code("POST", target, caller, upgrade.toArray(String[]::new)), () -> "WS " + target);
        }
        assertEquals(List.of(), reached);
    }

    static List<String> everything() {
        List<String> all = new ArrayList<>(ACTIONS);
        all.addAll(READS.keySet());
        return all;
    }
}
