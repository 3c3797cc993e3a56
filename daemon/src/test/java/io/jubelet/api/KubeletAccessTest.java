/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who gets what on the kubelet's port, with the real TLS and authorizer in front of handlers that note what reached them. The
 * rights are those of an API server in this test.
 */
class KubeletAccessTest extends TestApiServer {

    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));
    private static final TestAuthority AUTHORITY = new TestAuthority("CN=authority");
    private static final KeyAndCertificates SERVER = AUTHORITY.issue("CN=node1", NOW, TOMORROW, "127.0.0.1");
    private static final KeyAndCertificates CALLER = AUTHORITY.issue("CN=caller", NOW, TOMORROW);

    /** What the API server says of any token. */
    private static final String TOKEN_OF_NOBODY = "{\"status\":{\"authenticated\":false}}";

    private static final String TOKEN_OF_SOMEONE =
            "{\"status\":{\"authenticated\":true,\"user\":{\"username\":\"someone\"}}}";

    /** Each path that acts in a pod. */
    private static final List<String> ACTIONS = List.of(
            "/exec/default/web/app?command=id",
            "/exec/default/web/0123/app?command=id",
            "/attach/default/web/app",
            "/run/default/web/app?cmd=id",
            "/portForward/default/web?port=80");

    /** The other paths, and the subresources of which one is needed. */
    private static final Map<String, Set<String>> READS = Map.ofEntries(
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

    private static final Set<String> ALL_SUBRESOURCES =
            Set.of("proxy", "pods", "healthz", "configz", "metrics", "stats", "log", "checkpoint");

    private static final List<String> UPGRADE = List.of(
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: v5.channel.k8s.io");

    private final List<String> reached = Collections.synchronizedList(new ArrayList<>());
    /** What the API server has allowed: texts such as {@code get proxy}. */
    private volatile Set<String> rights = Set.of();

    private volatile String tokenReview = TOKEN_OF_NOBODY;
    /** The path that was authorized last. */
    private volatile List<String> judged = List.of();

    /** An open connection of each caller. */
    private final Map<Optional<KeyAndCertificates>, SSLSocket> connections = new HashMap<>();

    private KubeletServer remote;
    private int port;

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

    private ApiObject review(String path, String object) {
        boolean allowed = rights.stream().anyMatch(right -> {
            String[] words = right.split(" ");
            return object.contains("\"verb\":\"" + words[0] + "\",\"subresource\":\"" + words[1] + "\"");
        });
        String answer =
                path.endsWith("tokenreviews") ? tokenReview : "{\"status\":{\"allowed\":%s}}".formatted(allowed);
        return new ApiObject((Node.Mapping) Documents.readJson(answer, new Findings()));
    }

    /** Sends a request on a connection of this caller, and returns the status of the response. */
    private int code(String method, String target, Optional<KeyAndCertificates> caller, String... headers)
            throws IOException {
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
        boolean last = false;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            assertFalse(lower.startsWith("transfer-encoding"), header);
            last |= lower.equals("connection: close");
            if (lower.startsWith("content-length: ")) {
                length = Integer.parseInt(lower.substring("content-length: ".length()));
            }
        }
        in.readNBytes(method.equals("HEAD") ? 0 : length);
        if (last) {
            connections.remove(caller);
            socket.close();
        }
        return Integer.parseInt(status.substring(9, 12));
    }

    private SSLSocket connection(Optional<KeyAndCertificates> caller) throws IOException {
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

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString().strip();
    }

    /** Sends each request in each way and demands the same answer. */
    private void assertRefused(int code, Optional<KeyAndCertificates> caller, List<String> targets, String... headers)
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

    private static List<String> everything() {
        List<String> all = new ArrayList<>(ACTIONS);
        all.addAll(READS.keySet());
        return all;
    }

    @Test
    void callersWithoutIdentityGetNothing() throws Exception {
        rights = Set.of("get proxy", "create proxy");
        assertRefused(401, Optional.empty(), everything());
        assertRefused(401, Optional.empty(), everything(), "Authorization: Bearer unknown");
        assertRefused(401, Optional.empty(), ACTIONS, "Authorization: Basic cm9vdDpyb290");
    }

    @Test
    void certificatesOfAnotherAuthorityDoNotGetThroughTheHandshake() {
        rights = Set.of("get proxy", "create proxy");
        KeyAndCertificates stranger =
                new TestAuthority("CN=authority").issue("O=system:masters, CN=caller", NOW, TOMORROW);
        for (String target : everything()) {
            assertThrows(IOException.class, () -> code("GET", target, Optional.of(stranger)), target);
        }
        KeyAndCertificates expired = AUTHORITY.issue("CN=caller", NOW.minus(Duration.ofDays(2)), NOW);
        assertThrows(IOException.class, () -> code("GET", "/pods", Optional.of(expired)));
        assertEquals(List.of(), reached);
    }

    @Test
    void identityWithoutRightsGetsNothing() throws Exception {
        assertRefused(403, Optional.of(CALLER), everything());
        tokenReview = TOKEN_OF_SOMEONE;
        assertRefused(403, Optional.empty(), everything(), "Authorization: Bearer known");
    }

    /** With the kubelet, this right is enough to run commands. */
    @Test
    void theRightToGetDoesNotAct() throws Exception {
        rights = Set.copyOf(ALL_SUBRESOURCES.stream().map("get "::concat).toList());
        assertRefused(403, Optional.of(CALLER), ACTIONS);
        for (String target : READS.keySet()) {
            assertEquals(403, code("POST", target, Optional.of(CALLER)), target);
        }
        assertEquals(List.of(), reached);
    }

    @ParameterizedTest
    @ValueSource(strings = {"proxy", "pods", "healthz", "configz", "metrics", "stats", "log", "checkpoint"})
    void eachRightToGetOpensItsPathsAlone(String subresource) throws Exception {
        rights = Set.of("get " + subresource);
        for (Map.Entry<String, Set<String>> read : READS.entrySet()) {
            for (String method : List.of("GET", "HEAD")) {
                int code = code(method, read.getKey(), Optional.of(CALLER));
                assertEquals(
                        read.getValue().contains(subresource), code == 200 || code == 404, () -> read + ": " + code);
                assertTrue(code == 200 || code == 404 || code == 403, () -> read + ": " + code);
            }
        }
        reached.clear();
        assertRefused(403, Optional.of(CALLER), ACTIONS);
    }

    @Test
    void theRightToCreateActsAndDoesNotRead() throws Exception {
        rights = Set.of("create proxy");
        for (String target : ACTIONS) {
            for (String method : List.of("GET", "POST", "HEAD")) {
                assertEquals(200, code(method, target, Optional.of(CALLER)), target);
            }
        }
        assertEquals(3 * ACTIONS.size(), reached.size());
        for (String target : READS.keySet()) {
            assertEquals(403, code("GET", target, Optional.of(CALLER)), target);
        }
    }

    /**
     * Each spelling with every right but that to act, and with the right to act alone. What a path is judged as is what is served
     * for it, so no spelling of a command passes for reading.
     *
     * @param target as it is sent
     * @param acts whether it is a command
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            /exec/default/web/app                     | true
            //exec/default/web/app                    | true
            ///exec///default//web/app/               | true
            /%65%78%65%63/default/web/app             | true
            /%65xec/default/web/app?x=/pods           | true
            https://n1/exec/default/web/app           | true
            HTTP://n1:10250/exec/default/web/app      | true
            http://n1//exec/default/web/app           | true
            http://pods/exec/default/web/app          | true
            /exec/../pods                             | true
            /exec/%2e%2e/pods                         | true
            /exec#/pods                               | true
            /exec?/../pods                            | true
            /pods/../exec/default/web/app             | false
            /pods/%2e%2e/exec/default/web/app         | false
            /pods/%2E%2E%2fexec/default/web/app       | false
            /pods/..%2fexec%2fdefault%2fweb%2fapp     | false
            /metrics/../exec/default/web/app          | false
            /metrics/%2e%2e/exec/default/web/app      | false
            /metrics%2f..%2fexec/default/web/app      | false
            /healthz/../../exec/default/web/app       | false
            /./exec/default/web/app                   | false
            /%2e/exec/default/web/app                 | false
            /../exec/default/web/app                  | false
            /%2fexec/default/web/app                  | false
            /exec%2fdefault%2fweb%2fapp               | false
            /exec%252fdefault/web/app                 | false
            /%2565xec/default/web/app                 | false
            /Exec/default/web/app                     | false
            /EXEC/default/web/app                     | false
            /portforward/default/web                  | false
            /exec%00/default/web/app                  | false
            /exec%20/default/web/app                  | false
            /exec+/default/web/app                    | false
            /exec;x/default/web/app                   | false
            /\\\\exec/default/web/app                 | false
            /pods?path=/exec/default/web/app          | false
            /pods#/exec/default/web/app               | false
            /pods;/exec/default/web/app               | false
            http://exec/pods                          | false
            http://n1                                 | false
            https://n1?/exec/default/web/app          | false
            """)
    void whatIsJudgedIsWhatIsServed(String target, boolean acts) throws Exception {
        rights = Set.copyOf(ALL_SUBRESOURCES.stream().map("get "::concat).toList());
        int reading = code("GET", target, Optional.of(CALLER));
        assertTrue(!acts || reading == 403, () -> target + ": " + reading);
        assertTrue(reached.stream().noneMatch(KubeletAccessTest::isAction), reached::toString);
        reached.clear();
        rights = Set.of("create proxy");
        assertEquals(acts ? 200 : 403, code("GET", target, Optional.of(CALLER)), target);
        assertEquals(acts ? 1 : 0, reached.size(), reached::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exec/default/web/app",
                "*",
                "n1:10250",
                "ftp://n1/exec/a/b/c",
                "http:/exec/a/b/c",
                "/exec%",
                "/%zz"
            })
    void malformedTargetsReachNoHandler(String target) throws Exception {
        rights = Set.of("get proxy", "create proxy");
        assertEquals(400, code("GET", target, Optional.of(CALLER)), target);
        assertEquals(List.of(), reached);
    }

    private static boolean isAction(String reached) {
        String path = reached.substring(reached.indexOf(' ') + 1);
        return Set.of("exec", "attach", "run", "portForward").contains(path.split("\\|")[0]);
    }
}
