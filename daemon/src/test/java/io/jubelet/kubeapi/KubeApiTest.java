/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldSelection;
import io.jubelet.http.ScriptedServer;
import io.jubelet.testing.Eventually;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubeApiTest {

    private static final String READY = answer(200, "", "ok");
    private static final String OBJECT = answer(200, "", "{\"kind\": \"Thing\"}");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static final Duration LONG = Duration.ofSeconds(60);
    /** For what hangs; still long enough for an answer. */
    private static final Duration SHORT = Duration.ofSeconds(3);

    private ScriptedServer server;
    private KubeApi api;

    @AfterEach
    void close() throws Exception {
        if (api != null) {
            api.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String answer(int code, String headers, String body) {
        return "HTTP/1.1 " + code + " X\r\n" + headers + "Connection: close\r\nContent-Length: " + body.length()
                + "\r\n\r\n" + body;
    }

    /** As {@link #client(Duration, Duration, boolean, String...)}, of a server that answers everything. */
    private KubeApi client(boolean ready, String... answers) throws Exception {
        return client(LONG, LONG, ready, answers);
    }

    /**
     * A client of a server that answers one connection after the other; it was found ready, or {@code false} was asked.
     *
     * @param patience how long it waits for an answer
     * @param pace how soon it asks again while it has none: a second question would get the answer to another one
     */
    private KubeApi client(Duration patience, Duration pace, boolean ready, String... answers) throws Exception {
        server = new ScriptedServer(answers);
        api = new KubeApi(
                new Anonymous(URI.create("http://127.0.0.1:" + server.port())),
                "test",
                InstantSource.fixed(NOW),
                patience,
                pace);
        CountDownLatch found = new CountDownLatch(1);
        api.onReachabilityChange(found::countDown);
        api.start();
        assertTrue(!ready || found.await(60, TimeUnit.SECONDS), api::problem);
        return api;
    }

    /** Has no credentials. */
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
        public void unauthorized(ClientConfig shown) {
            // There are no other credentials.
        }

        @Override
        public String authenticationProblem() {
            return "";
        }
    }

    @Test
    void readsAnObjectAndTheClockOfWhoAnswers() throws Exception {
        String dated = answer(200, "Date: Sun, 01 Mar 2026 12:00:30 GMT\r\n", "{\"kind\": \"Thing\"}");
        KubeApi client = client(true, READY, dated);
        assertEquals("Thing", client.get("/api/v1/things/a", FieldSelection.ALL).text("kind"));
        assertEquals(Duration.ofSeconds(30), client.clockAhead());
        assertTrue(server.asked.get(1).startsWith("GET /api/v1/things/a HTTP/1.1\r\n"), server.asked::toString);
    }

    @Test
    void whoIsNotKnownAnyMoreIsCutOffUntilHeIs() throws Exception {
        String unknown = answer(401, "", "{\"reason\": \"Unauthorized\", \"message\": \"Unauthorized\"}");
        KubeApi client =
                client(LONG, Reachability.CHECK_INTERVAL, true, READY, unknown, unknown, unknown, READY, OBJECT);
        assertThrows(KubeApiException.NoCredentials.class, () -> client.get("/a", FieldSelection.ALL));
        assertFalse(client.reachable());
        assertEquals("the API server rejected our credentials: /readyz answered 401", client.problem());
        Eventually.await("the API server to be reachable", client::reachable);
        assertEquals("Thing", client.get("/b", FieldSelection.ALL).text("kind"));
    }

    @Test
    void aRequestForWhichWeAreNotKnownIsNoOutage() throws Exception {
        KubeApi client = client(true, READY, answer(401, "", "{}"), READY, OBJECT);
        assertEquals(
                401,
                assertThrows(KubeApiException.ErrorStatus.class, () -> client.get("/a", FieldSelection.ALL))
                        .code());
        assertTrue(client.reachable());
    }

    @Test
    void tellsOfAClockByWhichACertificateMayHaveExpired() throws Exception {
        String ahead = answer(401, "Date: Sun, 01 Mar 2026 14:00:00 GMT\r\n", "{}");
        KubeApi client = client(true, READY, ahead);
        client.connectionLost(new KubeApiException.Unreachable("for the test", null));
        Eventually.await("the problem", client::problem, problem -> problem.contains("401"));
        assertEquals(
                "the API server rejected our credentials: /readyz answered 401; its clock is 7200 s ahead of ours, so our"
                        + " certificate might not be valid there",
                client.problem());
    }

    @Test
    void sendsAgainWhatWentDownWithItsConnection() throws Exception {
        KubeApi client = client(true, READY, "", OBJECT);
        assertEquals(
                "Thing",
                client.create("/api/v1/things", "{}", FieldSelection.ALL).text("kind"));
        assertTrue(server.asked.get(1).startsWith("POST "), server.asked::toString);
        assertTrue(server.asked.get(2).startsWith("POST "), server.asked::toString);
        assertTrue(client.reachable());
    }

    @Test
    void aRequestThatIsBrokenOffByAnApiServerThatAnswersIsNoOutage() throws Exception {
        KubeApi client = client(true, READY, "", "", READY, OBJECT);
        KubeApiException.ErrorStatus refused = assertThrows(
                KubeApiException.ErrorStatus.class, () -> client.create("/slow", "{}", FieldSelection.ALL));
        assertEquals("the API server closed the connection twice", refused.getMessage());
        assertTrue(client.reachable());
        assertEquals("Thing", client.get("/a", FieldSelection.ALL).text("kind"));
    }

    @Test
    void aConnectionThatBreaksTwiceIsAnOutage() throws Exception {
        KubeApi client = client(true, READY, "", "", answer(503, "", "no"));
        // Of those that change nothing the JDK sends some again by itself.
        assertThrows(KubeApiException.Unreachable.class, () -> client.create("/a", "{}", FieldSelection.ALL));
        assertFalse(client.reachable());
        // During an outage no request is sent.
        assertThrows(KubeApiException.Unreachable.class, () -> client.get("/b", FieldSelection.ALL));
        assertTrue(server.asked.stream().noneMatch(asked -> asked.startsWith("GET /b")), server.asked::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "429,7,7",
        "503,30,30",
        "500,31,30",
        "429,86400,30",
        "429,-1,0",
        "429,99999999999999999999,",
        "403,7,",
        "422,1,",
        "404,1,"
    })
    void aRefusalTellsHowLongToWaitAndNobodyIsHeldUpMeanwhile(int code, String asked, Integer waits) throws Exception {
        String later = answer(
                code, "Retry-After: " + asked + "\r\n", "{\"reason\": \"TooManyRequests\", \"message\": \"later\"}");
        KubeApi client = client(true, READY, later, OBJECT);
        long before = System.nanoTime();
        KubeApiException.ErrorStatus refused =
                assertThrows(KubeApiException.ErrorStatus.class, () -> client.get("/a", FieldSelection.ALL));
        assertEquals(code, refused.code());
        assertEquals("later", refused.getMessage());
        assertEquals(Optional.ofNullable(waits).map(Duration::ofSeconds), refused.retryAfter());
        assertEquals("Thing", client.get("/b", FieldSelection.ALL).text("kind"));
        assertTrue(Duration.ofNanos(System.nanoTime() - before).toSeconds() < 5, "it was waited");
        assertEquals(3, server.asked.size(), server.asked::toString);
    }

    @Test
    void whoMayNotWaitLongWaitsShorter() {
        KubeApiException.ErrorStatus refused =
                new KubeApiException.ErrorStatus(429, "TooManyRequests", "later", Optional.of(Duration.ofSeconds(9)));
        assertEquals(
                Optional.of(Duration.ofSeconds(2)),
                refused.withRetryAfterAtMost(Duration.ofSeconds(2)).retryAfter());
        assertEquals(
                Optional.of(Duration.ofSeconds(9)),
                refused.withRetryAfterAtMost(Duration.ofSeconds(20)).retryAfter());
        assertEquals("later", refused.withRetryAfterAtMost(Duration.ZERO).getMessage());
    }

    @Test
    void aRefusalIsNoOutage() throws Exception {
        KubeApi client =
                client(true, READY, answer(403, "", "{\"reason\": \"Forbidden\", \"message\": \"not you\"}"), OBJECT);
        KubeApiException.ErrorStatus refused =
                assertThrows(KubeApiException.ErrorStatus.class, () -> client.get("/a", FieldSelection.ALL));
        assertEquals("Forbidden", refused.reason());
        assertEquals("Thing", client.get("/b", FieldSelection.ALL).text("kind"));
    }

    @Test
    void whatIsNoObjectOfAnApiServerIsAnOutage() throws Exception {
        KubeApi client = client(true, READY, answer(200, "", "<html>log in</html>"), answer(503, "", ""));
        assertThrows(KubeApiException.Unreachable.class, () -> client.get("/a", FieldSelection.ALL));
        assertFalse(client.reachable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"302|", "200|<html>log in</html>", "500|broken", "429|later"})
    void whoIsNoApiServerIsNotReachable(String codeAndBody) throws Exception {
        String[] parts = codeAndBody.split("\\|", 2);
        String wrong = answer(Integer.parseInt(parts[0]), "", parts[1]);
        KubeApi client = client(LONG, Reachability.CHECK_INTERVAL, true, wrong, wrong, READY, OBJECT);
        assertEquals("Thing", client.get("/a", FieldSelection.ALL).text("kind"));
        // Whatever is slow is asked once more before it has answered; nothing else is.
        List<String> before = server.asked.subList(0, server.asked.size() - 1);
        assertTrue(before.size() >= 3, server.asked::toString);
        assertTrue(before.stream().allMatch(asked -> asked.startsWith("GET /readyz")), server.asked::toString);
        assertTrue(server.asked.getLast().startsWith("GET /a "), server.asked::toString);
    }

    @Test
    void somethingThatHangsBehindAnApiServerThatAnswersIsNoOutage() throws Exception {
        String hangs = String.valueOf(ScriptedServer.HANG);
        KubeApi client = client(SHORT, LONG, true, READY, hangs, READY, OBJECT);
        KubeApiException.ErrorStatus refused = assertThrows(
                KubeApiException.ErrorStatus.class, () -> client.create("/slow", "{}", FieldSelection.ALL));
        assertEquals(504, refused.code());
        assertTrue(client.reachable());
        assertEquals("Thing", client.get("/a", FieldSelection.ALL).text("kind"));
    }

    @Test
    void anAnswerWhoseBodyDoesNotEndIsGivenUp() throws Exception {
        String stops = "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{" + ScriptedServer.HANG;
        KubeApi client = client(SHORT, LONG, true, READY, stops, READY, OBJECT);
        assertThrows(KubeApiException.ErrorStatus.class, () -> client.get("/slow", FieldSelection.ALL));
        assertEquals("Thing", client.get("/a", FieldSelection.ALL).text("kind"));
    }
}
