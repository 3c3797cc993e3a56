/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldSelection;
import io.jubelet.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An API server that lies cannot make the client store or read without end. */
class ResponseLimitsTest {

    private static final String OK = "HTTP/1.1 200 X\r\nContent-Type: application/json\r\n";
    private static final String WITHOUT_LENGTH = OK + "Connection: close\r\n\r\n";
    private static final FieldSelection KIND = FieldSelection.NOTHING.with("kind");

    private LyingApiServer server;
    private KubeApi api;

    @BeforeEach
    void start() throws Exception {
        server = new LyingApiServer();
        api = new KubeApi(
                server.client(), "test", InstantSource.system(), Duration.ofSeconds(3), Duration.ofSeconds(60));
        api.start();
        Eventually.await("the API server to be reachable", api::reachable);
    }

    @AfterEach
    void close() throws Exception {
        api.close();
        server.close();
    }

    private KubeApiException failure(LyingApiServer.Response response) {
        server.respond("/x", response);
        return assertThrows(KubeApiException.class, () -> api.get("/x", KIND));
    }

    private void assertBad(LyingApiServer.Response response) {
        KubeApiException.Unreachable failure = assertInstanceOf(KubeApiException.Unreachable.class, failure(response));
        assertTrue(failure.isBadResponse(), failure::getMessage);
        assertFalse(failure.getMessage().length() > 300, failure::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"kind\":\"|x", "{\"|x", "{\"kind\":\"Thing\",\"items\":[|{},", "| ", "{\"a\":|["})
    void anEndlessBodyIsNoResponseOfAnApiServer(String body) {
        String[] parts = body.split("\\|");
        assertBad(LyingApiServer.endless(WITHOUT_LENGTH + parts[0], parts[1]));
        // Twice, because what the client does not read stays in the kernel or is sent once more.
        assertTrue(
                server.sent() < 3 * ResponseBodies.MAX_OBJECT_BYTES,
                () -> "the client read on: " + server.sent() + " bytes");
    }

    @Test
    void anObjectMayHaveAsManyBytesAsTheLimitAndNoMore() throws Exception {
        String object = "{\"kind\":\"Thing\",\"x\":\"\"}";
        String fill = "y".repeat((int) ResponseBodies.MAX_OBJECT_BYTES - object.length());
        server.respond("/x", LyingApiServer.answer(200, "", object.replace("\"\"", "\"" + fill + "\"")));
        assertEquals("Thing", api.get("/x", KIND).text("kind"));
        assertBad(LyingApiServer.answer(200, "", object.replace("\"\"", "\"" + fill + "y\"")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 X\r\n|X: y\r\n", // headers
                "HTTP/1.1 200 X\r\nX: |y", // one header
                "HTTP/1.1 |2", // a status line
                "|HTTP/1.1 100 X\r\n\r\n", // interim responses
                "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5;|x" // an extension of a chunk
            })
    void aResponseWhoseHeadersDoNotEndFailsInTime(String response) {
        String[] parts = response.split("\\|", -1);
        long before = System.nanoTime();
        failure(LyingApiServer.endless(parts[0], parts[1]));
        Duration took = Duration.ofNanos(System.nanoTime() - before);
        assertTrue(took.toSeconds() < 30, () -> "it took " + took);
    }

    @Test
    void theDaemonRunsWithALowerLimitOfHeaders() throws Exception {
        String options = Files.readString(Path.of("src/main/dist/jvm-daemon.options"));
        assertTrue(options.contains("\n-Djdk.http.maxHeaderSize=65536\n"), options);
    }

    @Test
    void trailersAreNotRead() throws Exception {
        String chunks = "Transfer-Encoding: chunked\r\n\r\nf\r\n{\"kind\":\"Fine\"}\r\n0\r\n";
        server.respond("/x", LyingApiServer.endless(OK + chunks, "X: y\r\n"));
        assertEquals("Fine", api.get("/x", KIND).text("kind"));
    }

    @Test
    void aBodyThatComesTooSlowlyIsGivenUp() {
        server.respond("/x", server.stalled(OK + "Content-Length: 100\r\n\r\n{\"kind\":"));
        KubeApiException.ErrorStatus failure =
                assertThrows(KubeApiException.ErrorStatus.class, () -> api.get("/x", KIND));
        assertEquals(504, failure.code());
        assertTrue(api.reachable());
    }

    @Test
    void compressionIsNeitherAskedForNorUndone() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write("{}".getBytes(StandardCharsets.UTF_8));
        }
        assertBad(out -> {
            LyingApiServer.raw(OK + "Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
                    .write(out);
            out.write(packed.toByteArray());
        });
        String request = server.requests("GET /x").getFirst().toLowerCase(Locale.ROOT);
        assertFalse(request.contains("accept-encoding"), request);
    }

    @Test
    void redirectsAreNotFollowed() {
        assertBad(LyingApiServer.answer(302, "Location: /y\r\n", ""));
        assertEquals(0, server.requests("GET /y").size());
    }

    @Test
    void theMessageOfAnErrorIsCut() {
        KubeApiException.ErrorStatus failure = assertInstanceOf(
                KubeApiException.ErrorStatus.class,
                failure(LyingApiServer.answer(
                        403,
                        "",
                        "{\"message\":\"" + "m".repeat(100_000) + "\",\"reason\":\"" + "r".repeat(1000) + "\"}")));
        assertEquals(ErrorResponses.MAX_MESSAGE_CHARS + 3, failure.getMessage().length());
        assertEquals(67, failure.reason().length());
        KubeApiException endless =
                failure(LyingApiServer.endless("HTTP/1.1 403 X\r\nConnection: close\r\n\r\n{\"message\":\"", "m"));
        assertEquals("the API server answered 403", endless.getMessage());
        assertTrue(api.reachable());
    }

    @Test
    void wantedFieldsThatAreTooLargeAreNoResponseOfAnApiServer() throws Exception {
        String longest = "k".repeat(ResponseBodies.MAX_KEPT_CHARS - "kind".length());
        server.respond("/x", LyingApiServer.answer(200, "", "{\"kind\":\"" + longest + "\"}"));
        assertEquals(longest, api.get("/x", KIND).text("kind"));
        assertBad(LyingApiServer.answer(200, "", "{\"kind\":\"k" + longest + "\"}"));
    }

    @Test
    void aPageMayHaveAsManyBytesAsAreLeft() throws Exception {
        server.respond("/x", LyingApiServer.answer(200, "", "{\"items\":[1,{}]}"));
        FieldSelection items = FieldSelection.NOTHING.with("items");
        int[] seen = new int[2];
        ResponseBodies.Page page = api.page("/x", items, 16, item -> seen[item.isPresent() ? 1 : 0]++);
        assertEquals(16, page.bytes());
        assertEquals(1, seen[0]);
        assertEquals(1, seen[1]);
        KubeApiException.ErrorStatus tooLarge =
                assertThrows(KubeApiException.ErrorStatus.class, () -> api.page("/x", items, 15, _ -> {}));
        assertEquals(Optional.of(Duration.ofMinutes(10)), tooLarge.retryAfter());
        assertTrue(api.reachable());
    }
}
