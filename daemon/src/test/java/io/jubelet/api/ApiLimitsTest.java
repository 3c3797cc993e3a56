/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client of the local API can ask for at most. */
class ApiLimitsTest extends TestApiServer {

    private final List<Closeable> held = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void release() throws IOException {
        for (Closeable each : held) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/pods?watch=1",
                "/jubelet/v1/pods?watch=1",
                "/jubelet/v1/manifests?watch=1",
                "/api/v1/events?watch=1"
            })
    void servesAsManyWatchesAsTheLimitAndSaysSoBeyond(String target) throws Exception {
        for (int i = 0; i < Endpoints.MAX_WATCHES; i++) {
            BufferedReader lines = lines(target);
            held.add(lines);
            assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\""));
        }
        ClientException beyond = assertThrows(ClientException.class, () -> client().get(target));
        assertEquals("too many watches: 32 are open, which is the limit; end one and try again", beyond.getMessage());
        assertEquals("ok", get("/healthz"));
        held.removeFirst().close();
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(ClientException.class)
                .until("the place of the watch that ended", () -> client().get(target), stream -> held.add(stream));
    }

    @Test
    void refusesConnectionsBeyondThoseThatAreServedAndSaysSo() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            out.write('x');
            out.flush();
            end.await();
        });
        String target = "/containerLogs/default/web/app";
        // Of root: its own places and the share of one user.
        int connections = ApiServer.CONNECTIONS.trusted() + ApiServer.CONNECTIONS.perParty();
        for (int i = 0; i < connections; i++) {
            held.add(client().get(target));
        }
        ClientException beyond = assertThrows(ClientException.class, () -> client().get("/healthz"));
        assertEquals("too many connections: all places are in use; try again later", beyond.getMessage());
        end.countDown();
    }

    @Test
    void connectionThatGivesItsPlaceAwayIsToldWhy() throws Exception {
        SocketChannel first = connect();
        held.add(first);
        for (int i = 0; i < ApiServer.CONNECTIONS.trusted(); i++) {
            held.add(connect());
        }
        String told = new String(Channels.newInputStream(first).readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(told.startsWith("HTTP/1.1 429 ") && told.contains("all places are in use"), told);
    }

    @Test
    void idleConnectionsKeepNobodyOut() throws Exception {
        for (int i = 0; i < 1000; i++) {
            SocketChannel idle = connect();
            held.add(idle);
            if (i % 2 == 0) {
                send(idle, "GET /healthz HTT");
            }
        }
        assertEquals("ok", get("/healthz"));
        try (BufferedReader lines = lines("/api/v1/pods?watch=1")) {
            assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\""));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200, GET /healthz?a=b HTTP/1.1",
        "404, GET /LONG HTTP/1.1",
        "200, GET /containerLogs/default/web/app?tailLines=9223372036854775807 HTTP/1.1",
        "200, GET /containerLogs/default/web/app?limitBytes=9223372036854775807 HTTP/1.1",
        "200, GET /containerLogs/default/web/app?sinceSeconds=9223372036854775807 HTTP/1.1",
        "200, GET /containerLogs/default/web/app?sinceTime=-1000000000-01-01T00:00:00Z HTTP/1.1",
        "400, GET /containerLogs/default/web/app?tailLines=9223372036854775808 HTTP/1.1",
        "400, GET /containerLogs/default/web/app?limitBytes=1e9 HTTP/1.1",
        "400, GET /containerLogs/default/web/app?sinceTime=+9999999999-01-01T00:00:00Z HTTP/1.1"
    })
    void takesAbsurdParameters(int code, String line) throws Exception {
        logs.set((request, _, out) -> out.write(request.options()
                .oldest(Instant.parse("2026-01-01T00:00:00Z"))
                .toString()
                .getBytes(StandardCharsets.UTF_8)));
        String response = raw(line.replace("LONG", "x".repeat(Connection.MAX_LINE)) + "\r\nConnection: close\r\n\r\n");
        assertTrue(response.startsWith("HTTP/1.1 " + code + " "), response);
    }

    private static String status(String response) {
        return response.substring(0, Math.min(response.length(), "HTTP/1.1 200".length()));
    }

    @Test
    void requestLineHasALimit() throws Exception {
        String around = "GET /healthz? HTTP/1.1";
        String longest = "x".repeat(LongLines.MAX_LINE - around.length());
        for (String query : List.of(longest, longest + "x", longest + longest)) {
            String response = raw("GET /healthz?" + query + " HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertEquals(query.equals(longest) ? "HTTP/1.1 200" : "HTTP/1.1 413", status(response));
        }
    }

    @Test
    void longRequestsShareTheirMemoryAndEndTheConnection() throws Exception {
        String query = "GET /healthz?" + "x".repeat(LongLines.MAX_LINE / 2);
        try (SocketChannel first = connect();
                SocketChannel second = connect()) {
            send(first, query);
            send(second, query);
            String refused = raw(query + " HTTP/1.1\r\n\r\n");
            assertTrue(refused.startsWith("HTTP/1.1 429 ") && refused.contains("too many long commands"), refused);
            assertEquals("ok", get("/healthz"));
            send(first, " HTTP/1.1\r\n\r\n");
            String served = new String(Channels.newInputStream(first).readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(served.startsWith("HTTP/1.1 200 ") && served.contains("connection: close"), served);
        }
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .until("room for it", () -> status(raw(query + " HTTP/1.1\r\n\r\n")), "HTTP/1.1 200"::equals);
    }

    @Test
    void headersHaveALimitTogether() throws Exception {
        String close = "Connection: close";
        String header = "A: " + "b".repeat(97);
        // The ends of lines do not count.
        int count = (Connection.MAX_HEADERS - close.length()) / header.length();
        int left = Connection.MAX_HEADERS - close.length() - count * header.length();
        String most = close + "\r\n" + (header + "\r\n").repeat(count) + "C: " + "d".repeat(left - 3);
        assertEquals("HTTP/1.1 200", status(raw("GET /healthz HTTP/1.1\r\n" + most + "\r\n\r\n")));
        String beyond = raw("GET /healthz HTTP/1.1\r\n" + most + "d\r\n\r\n");
        assertEquals("HTTP/1.1 413", status(beyond));
        assertTrue(beyond.contains("request line or headers are too long"), beyond);
    }

    @ParameterizedTest
    @ValueSource(ints = {Connection.MAX_BODY, Connection.MAX_BODY + 1})
    void bodyHasALimit(int length) throws Exception {
        String code = length > Connection.MAX_BODY ? "HTTP/1.1 413" : "HTTP/1.1 200";
        String body = "x".repeat(length);
        assertEquals(
                code,
                status(raw("GET /healthz HTTP/1.1\r\nConnection: close\r\nContent-Length: " + length + "\r\n\r\n"
                        + body)));
        assertEquals(
                code,
                status(raw("GET /healthz HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + Integer.toHexString(length) + "\r\n" + body + "\r\n0\r\n\r\n")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\n",
                "-1\r\n",
                "ffffffffffffffff\r\n",
                "1\r\nxx\r\n0\r\n\r\n",
                "0\r\nX: \u0000\u0001\r\n\r\n",
            })
    void aMalformedBodyEndsTheConnection(String body) throws Exception {
        String response = raw("GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        assertEquals("HTTP/1.1 400", status(response));
    }

    @Test
    void closesAConnectionThatSendsTooManyRequestsAhead() throws Exception {
        CountDownLatch served = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        logs.set((_, _, out) -> {
            out.write('x');
            out.flush();
            served.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException closed) {
                interrupted.countDown();
                throw closed;
            }
        });
        try (SocketChannel channel = connect()) {
            send(channel, "GET /containerLogs/default/web/app HTTP/1.1\r\n\r\n");
            assertTrue(served.await(60, TimeUnit.SECONDS), "the log is not read");
            send(channel, "GET /healthz HTTP/1.1\r\n\r\n".repeat(Connection.MAX_OVERRUN));
            assertTrue(interrupted.await(60, TimeUnit.SECONDS), "the log is still read");
        }
    }

    @Test
    void parametersHaveALimit() throws Exception {
        // Of a flag that is repeated the last one counts, and this one is not valid.
        String valid = "watch=0&".repeat(ApiRequest.MAX_PARAMETERS / 4);
        assertEquals(
                "HTTP/1.1 400",
                status(raw("GET /api/v1/pods?" + valid + "watch=maybe HTTP/1.1\r\nConnection: close\r\n\r\n")));
        String most = "a&".repeat(ApiRequest.MAX_PARAMETERS - 1);
        assertEquals(
                "HTTP/1.1 200",
                status(raw("GET /api/v1/pods?" + most + "watch=0 HTTP/1.1\r\nConnection: close\r\n\r\n")));
        String beyond = raw("GET /api/v1/pods?a&" + most + "watch=0 HTTP/1.1\r\nConnection: close\r\n\r\n");
        assertTrue(beyond.startsWith("HTTP/1.1 400 ") && beyond.contains("more than 16384 parameters"), beyond);
    }
}
