/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The local API: what it answers, to whom, and its socket. */
class ApiServerTest extends TestApiServer {

    @Test
    void podListIsAsCheckedIn() throws Exception {
        try (InputStream expected = getClass().getResourceAsStream("podlist.json")) {
            assertEquals(
                    new String(expected.readAllBytes(), StandardCharsets.UTF_8)
                            .strip()
                            .replaceAll("\\n *", ""),
                    get("/api/v1/pods").strip());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/namespaces/default/pods/web, \"name\":\"web-node1\"",
        "/api/v1/namespaces/default/pods/web-node1, \"name\":\"web-node1\"",
        "/api/v1/namespaces/default/pods, \"kind\":\"PodList\"",
        "/jubelet/v1/manifests, \"state\":\"Refused\"",
        "/jubelet/v1/pods/default/web/describe, \"stage\":\"admission\"",
        "/jubelet/v1/pods, \"retryAt\":\"2026-01-01T10:01:20Z\"",
        "/version, \"version\":\"0.1.0\"",
        "/healthz, ok"
    })
    void servesEachPath(String path, String part) throws Exception {
        String response = get(path);
        assertTrue(response.contains(part), response);
    }

    @Test
    void listsOnlyPodsOfNamespace() throws Exception {
        assertTrue(get("/api/v1/namespaces/other/pods").contains("\"items\":[]"));
    }

    @Test
    void healthReportsProblem() throws Exception {
        health.set(Optional.of("no relist for 3 minutes"));
        String response = raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(response.startsWith("HTTP/1.1 500 "), response);
        assertTrue(response.endsWith("no relist for 3 minutes"), response);
    }

    @ParameterizedTest
    @CsvSource({
        "404, GET /api/v1/namespaces/default/pods/nope HTTP/1.1",
        "404, GET / HTTP/1.1",
        "404, GET /api HTTP/1.1",
        "404, GET /api/v1/nodes HTTP/1.1",
        "404, GET /jubelet/v1/pods/default/nope/describe HTTP/1.1",
        "404, GET /containerLogs/default/web HTTP/1.1",
        "404, GET /containerLogs/default/nope/app HTTP/1.1",
        "400, GET /containerLogs/default/web/nope HTTP/1.1",
        "400, GET /containerLogs/default/web/app?tailLines=-4 HTTP/1.1",
        "400, GET /containerLogs/default/pulling/app HTTP/1.1",
        "400, GET /api/v1/pods?watch=maybe HTTP/1.1",
        "400, GET /%zz HTTP/1.1",
        "405, POST /api/v1/pods HTTP/1.1",
        "405, DELETE /api/v1/namespaces/default/pods/web HTTP/1.1",
        "400, GET /healthz HTTP/9.9",
        "400, nonsense"
    })
    void rejectsWithStatus(int code, String line) throws Exception {
        String response = raw(line + "\r\nConnection: close\r\n\r\n");
        assertTrue(response.startsWith("HTTP/1.1 " + code + " "), response);
        assertTrue(response.contains("\"kind\":\"Status\"") && response.contains("\"code\":" + code), response);
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void rejectsOversizedRequests() throws Exception {
        assertTrue(raw("GET /" + "x".repeat(LongLines.MAX_LINE) + " HTTP/1.1\r\n\r\n")
                .startsWith("HTTP/1.1 413 "));
        assertTrue(raw("GET / HTTP/1.1\r\nX: " + "x".repeat(9000) + "\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(raw("GET / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(70000))
                .startsWith("HTTP/1.1 413 "));
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void keepsAConnectionForTheNextRequest() throws Exception {
        try (SocketChannel channel = connect()) {
            InputStream in = Channels.newInputStream(channel);
            for (int i = 0; i < 3; i++) {
                send(channel, "GET /healthz HTTP/1.1\r\n\r\n");
                HttpBody body = HttpBody.read(in);
                assertEquals("ok", new String(body.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void closesIdleConnections() throws Exception {
        server.close();
        // Long enough for who asks, and has to wait for a processor first.
        server = server(Duration.ofSeconds(1));
        server.bind();
        server.start();
        assertEquals("", raw(""));
        assertEquals("", raw("GET /hea"));
    }

    @Test
    void bugInSourceFailsOnlyThatRequest() throws Exception {
        logs.set((_, _, _) -> {
            throw new IllegalStateException("bug");
        });
        assertThrows(ClientException.class, () -> client().get("/containerLogs/default/web/app"));
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void socketWithoutAGroupIsForItsOwnerAloneAndLeavesNothingBeside() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        try (var files = Files.list(socket.getParent())) {
            assertEquals(List.of(socket), files.toList());
        }
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void secondDaemonIsRejectedWithoutEffect() throws Exception {
        try (ApiServer second = server(Duration.ofSeconds(1))) {
            IOException refused = assertThrows(IOException.class, second::bind);
            assertTrue(
                    refused.getMessage().startsWith("another jubelet already listens on " + socket),
                    refused.getMessage());
        }
        assertEquals("ok", get("/healthz"));
    }

    @ParameterizedTest
    @CsvSource({
        "200, /healthz",
        "200, /version",
        "200, /api/v1/pods",
        "200, /api/v1/pods?watch=1",
        "404, /nothing",
        "404, /api/v1/namespaces/default/pods/nope"
    })
    void answersHeadAsGetWithoutTheBody(int code, String path) throws Exception {
        String response = raw("HEAD " + path + " HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(response.startsWith("HTTP/1.1 " + code + " ") && response.endsWith("\r\n\r\n"), response);
        assertEquals(response.indexOf("\r\n\r\n"), response.length() - 4, response);
        assertTrue(
                response.toLowerCase(Locale.ROOT).contains("content-length: ")
                        || response.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked"),
                response);
    }

    @Test
    void servesRequestsAfterHead() throws Exception {
        String requests = "HEAD /healthz HTTP/1.1\r\n\r\nGET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n";
        String responses = raw(requests);
        assertTrue(responses.endsWith("\r\n\r\nok"), responses);
        assertEquals(2, responses.split("HTTP/1.1 200 OK", -1).length - 1, responses);
        String afterWatch = raw(requests.replaceFirst("/healthz", "/api/v1/pods?watch=1"));
        assertTrue(afterWatch.endsWith("\r\n\r\nok"), afterWatch);
        assertEquals(2, afterWatch.split("HTTP/1.1 200 OK", -1).length - 1, afterWatch);
    }

    @Test
    void servesPipelinedRequestAfterTheFirst() throws Exception {
        try (SocketChannel channel = connect()) {
            InputStream in = Channels.newInputStream(channel);
            send(channel, "GET /healthz HTTP/1.1\r\n\r\nGET /version HTTP/1.1\r\nConnection: close\r\n\r\n");
            String answers = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(answers.contains("\r\n\r\nokHTTP/1.1 200 OK") && answers.contains("0.1.0"), answers);
        }
    }

    @Test
    void servesClientThatConnectedBeforeStart() throws Exception {
        server.close();
        server = server(Duration.ofSeconds(20));
        server.bind();
        try (SocketChannel channel = connect()) {
            send(channel, "GET /healthz HTTP/1.1\r\n\r\n");
            server.start();
            HttpBody body = HttpBody.read(Channels.newInputStream(channel));
            assertEquals("ok", new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void removesSocketThatWasNeverServed() throws Exception {
        server.close();
        server = server(Duration.ofSeconds(20));
        server.bind();
        try (ApiServer second = server(Duration.ofSeconds(1))) {
            assertThrows(IOException.class, second::bind);
        }
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void staleSocketIsReplaced() throws Exception {
        server.close();
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        server = server(Duration.ofSeconds(20));
        server.bind();
        server.start();
        assertEquals("ok", get("/healthz"));
    }

    @Test
    void keepsFileThatIsNotASocket() throws Exception {
        server.close();
        Files.writeString(socket, "precious");
        server = server(Duration.ofSeconds(20));
        IOException refused = assertThrows(IOException.class, server::bind);
        assertTrue(refused.getMessage().contains("is not a socket"), refused.getMessage());
        assertEquals("precious", Files.readString(socket));
    }

    @Test
    void clientSaysWhatToDoWithoutADaemon() throws Exception {
        server.close();
        ClientException none = assertThrows(ClientException.class, () -> client().get("/healthz"));
        assertTrue(
                none.getMessage().contains(socket.toString())
                        && none.getMessage().contains("systemctl status jubelet"),
                none.getMessage());
    }

    @Test
    void podsTellProblemOfNode() throws Exception {
        assertFalse(get("/jubelet/v1/pods").contains("nodeProblem"));
        nodeProblem.set(Optional.of("a kubelet runs here"));
        assertTrue(get("/jubelet/v1/pods").contains("\"nodeProblem\":\"a kubelet runs here\""));
    }
}
