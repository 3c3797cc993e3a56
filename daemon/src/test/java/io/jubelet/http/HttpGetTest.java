/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.Handler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP client of probes and hooks against servers that say exactly what the test says. */
class HttpGetTest {

    @TempDir
    Path directory;

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static Handler.HttpGet handler(String path, Handler.Header... headers) {
        return new Handler.HttpGet("", new Handler.PortRef(1, ""), path, false, List.of(headers));
    }

    private static Handler.Header header(String name, String value) {
        return new Handler.Header(name, value);
    }

    private static HttpResult get(ScriptedServer server, Handler.HttpGet handler, Duration time) throws IOException {
        return HttpGet.follow(
                HttpRequest.of(handler, "127.0.0.1", server.port(), "kube-probe/1.36"), Deadline.after(time));
    }

    private static HttpResult answerTo(String text) throws IOException {
        try (ScriptedServer server = new ScriptedServer(text)) {
            return get(server, handler("/"), LONG);
        }
    }

    // --- what is asked

    @Test
    void sendsSameRequestAsKubelet() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            get(server, handler("/healthz?full=1"), LONG);
            assertEquals("""
                GET /healthz?full=1 HTTP/1.1\r
                Host: 127.0.0.1:PORT\r
                User-Agent: kube-probe/1.36\r
                Accept: */*\r
                Connection: close\r
                \r
                """.replace("PORT", Integer.toString(server.port())), server.asked.getFirst());
        }
    }

    @Test
    void userHeadersReplaceAndRemoveDefaults() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            get(
                    server,
                    handler(
                            "/",
                            header("host", "example.org"),
                            header("user-agent", "me"),
                            header("Accept", ""),
                            header("X-A", "1"),
                            header("X-A", "2"),
                            header("Content-Length", "7")),
                    LONG);
            assertEquals("""
                GET / HTTP/1.1\r
                Host: example.org\r
                user-agent: me\r
                X-A: 1\r
                X-A: 2\r
                Connection: close\r
                \r
                """, server.asked.getFirst());
        }
    }

    @Test
    void valueCannotInjectHeader() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            get(server, handler("/", header("X-A", "1\r\nX-B: 2")), LONG);
            assertTrue(server.asked.getFirst().contains("X-A: 1  X-B: 2\r\n"), server.asked::toString);
        }
    }

    @Test
    void encodesInvalidCharactersAndDropsFragment() throws IOException {
        try (ScriptedServer server = new ScriptedServer(OK)) {
            get(server, handler("/a b/ä?q=%20|#top"), LONG);
            assertTrue(
                    server.asked.getFirst().startsWith("GET /a%20b/%C3%A4?q=%20%7C HTTP/1.1\r\n"),
                    server.asked::toString);
        }
    }

    @Test
    void writesIpv6AddressInBrackets() {
        HttpRequest request = HttpRequest.of(handler("/"), "fd00::1", 80, "x");
        assertEquals("[fd00::1]:80", request.hostHeader());
        assertEquals("http://[fd00::1]:80/", request.url());
        assertEquals("fd00::1", request.redirected("/other").host());
    }

    // --- what is answered

    @Test
    void readsBodiesByLengthChunksAndEnd() throws IOException {
        assertEquals(new HttpResult(200, Optional.empty(), "ok"), answerTo(OK));
        assertEquals("Wiki pedia", answerTo("""
            HTTP/1.1 200 OK\r
            Transfer-Encoding: chunked\r
            \r
            5;ext=1\r
            Wiki \r
            5\r
            pedia\r
            0\r
            Trailer: x\r
            \r
            """).body());
        assertEquals("to the end", answerTo("HTTP/1.0 200\r\n\r\nto the end").body());
        assertEquals(204, answerTo("HTTP/1.1 204 No Content\r\n\r\n").status());
    }

    @Test
    void doesNotWaitForEndOfKeptConnection() throws IOException {
        assertEquals("ok", answerTo(OK + ScriptedServer.HANG).body());
        assertEquals(
                "ok",
                answerTo("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n" + ScriptedServer.HANG)
                        .body());
        assertEquals(
                304,
                answerTo("HTTP/1.1 304 Not Modified\r\n\r\n" + ScriptedServer.HANG)
                        .status());
    }

    @Test
    void skipsProvisionalResponses() throws IOException {
        assertEquals(
                503,
                answerTo("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                + "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
                        .status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 30000\r\n", "", "Transfer-Encoding: chunked\r\n"})
    void readsNoMoreThanTenKibibytes(String framing) throws IOException {
        String chunk = framing.startsWith("T") ? "7530\r\n" : "";
        HttpResult response =
                answerTo("HTTP/1.1 200 OK\r\n" + framing + "\r\n" + chunk + "x".repeat(20_000) + ScriptedServer.HANG);
        assertEquals(10 * 1024, response.body().length());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "HTTP/1.1 2OO OK\r\n\r\n",
                "HTTP/1.1 200",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void rejectsMalformedResponses(String text) {
        IOException e = assertThrows(IOException.class, () -> answerTo(text));
        assertTrue(e.getMessage().startsWith("Get \"http://127.0.0.1:"), e.getMessage());
    }

    // --- redirections

    @Test
    void followsOnTheSameHostWithTheSameHeaders() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer("HTTP/1.1 302 Found\r\nLocation: /next?a=b\r\nContent-Length: 0\r\n\r\n", OK)) {
            assertEquals(
                    200,
                    get(server, handler("/", header("X-A", "1"), header("Host", "example.org")), LONG)
                            .status());
            String second = server.asked.get(1);
            assertTrue(second.startsWith("GET /next?a=b HTTP/1.1\r\nHost: example.org\r\n"), second);
            assertTrue(second.contains("X-A: 1\r\n"), second);
        }
    }

    @Test
    void stopsAtAnotherHost() throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                "HTTP/1.1 301 Moved\r\nLocation: http://example.org/\r\nContent-Length: 4\r\n\r\nbody")) {
            assertEquals(
                    new HttpResult(301, Optional.of("http://example.org/"), "body"), get(server, handler("/"), LONG));
            assertEquals(1, server.asked.size());
        }
    }

    @Test
    void stopsAfterTen() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer("HTTP/1.1 307 Again\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")) {
            IOException e = assertThrows(IOException.class, () -> get(server, handler("/"), LONG));
            assertTrue(e.getMessage().endsWith("stopped after 10 redirects"), e.getMessage());
            assertEquals(10, server.asked.size());
        }
    }

    @Test
    void returnsRedirectWithoutLocation() throws IOException {
        assertEquals(
                302, answerTo("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n").status());
    }

    // --- trouble

    @Test
    void deadlineCoversWholeExchange() throws IOException {
        for (String text : List.of(
                "" + ScriptedServer.HANG,
                "HTTP/1.1 200 OK\r\nX: " + ScriptedServer.HANG,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab" + ScriptedServer.HANG)) {
            try (ScriptedServer server = new ScriptedServer(text)) {
                IOException e =
                        assertThrows(IOException.class, () -> get(server, handler("/"), Duration.ofMillis(200)));
                assertTrue(e.getMessage().contains("context deadline exceeded"), e.getMessage());
            }
        }
        Deadline over = new Deadline(System.nanoTime() - 1);
        assertThrows(java.net.SocketTimeoutException.class, over::millisLeft);
    }

    @Test
    void reportsRefusedConnection() throws IOException {
        // Bound, so that no other process can listen there.
        try (Socket silent = new Socket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = silent.getLocalPort();
            HttpRequest request = HttpRequest.of(handler("/x"), "127.0.0.1", port, "x");
            IOException e = assertThrows(IOException.class, () -> HttpGet.follow(request, Deadline.after(LONG)));
            assertEquals(
                    "Get \"http://127.0.0.1:" + port + "/x\": dial tcp 127.0.0.1:" + port
                            + ": connect: connection refused",
                    e.getMessage());
        }
    }

    @Test
    void failsForUnknownHostBeforeDeadline() {
        HttpRequest request = HttpRequest.of(handler("/"), "no-such-host.invalid", 80, "x");
        IOException e = assertThrows(IOException.class, () -> HttpGet.follow(request, Deadline.after(LONG)));
        assertFalse(e.getMessage().isEmpty());
    }

    // --- TLS

    @Test
    void acceptsSelfSignedCertificate() throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                tls().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()), OK)) {
            assertEquals("ok", get(server, https(), LONG).body());
            assertTrue(server.asked.getFirst().startsWith("GET / HTTP/1.1\r\n"), server.asked::toString);
        }
    }

    @Test
    void hangingHandshakeEndsAtDeadline() throws IOException {
        try (ScriptedServer server = new ScriptedServer("" + ScriptedServer.HANG)) {
            IOException e = assertThrows(IOException.class, () -> get(server, https(), Duration.ofMillis(300)));
            assertTrue(e.getMessage().contains("deadline exceeded"), e.getMessage());
        }
    }

    private static Handler.HttpGet https() {
        return new Handler.HttpGet("", new Handler.PortRef(1, ""), "/", true, List.of());
    }

    private SSLContext tls() throws Exception {
        Path store = directory.resolve("store.p12");
        String line = System.getProperty("java.home") + "/bin/keytool -genkeypair -alias a -keyalg EC -dname CN=nobody"
                + " -storetype PKCS12 -storepass secret -keystore " + store;
        assertEquals(0, new ProcessBuilder(line.split(" ")).inheritIO().start().waitFor());
        KeyStore keys = KeyStore.getInstance(store.toFile(), "secret".toCharArray());
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, "secret".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
