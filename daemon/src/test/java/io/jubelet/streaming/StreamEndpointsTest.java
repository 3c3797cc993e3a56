/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.StreamOptions;
import io.jubelet.cri.simulated.SimulatedStreams.Prepared;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of the runtime, and what a client gets that cannot be served. */
class StreamEndpointsTest extends StreamsUnderTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        404 | /exec/default/nope/app?command=a&stdout=1       | pods \\"nope\\" not found in namespace \\"default
        404 | /exec/default/web/other?command=a&stdout=1      | container \\"other\\" not found in pod \\"web\\"; it has: app, proxy
        404 | /exec/default/web/uid-of-another/app?command=a  | with the UID uid-of-another
        404 | /exec/default/web                               | write /exec/NAMESPACE/POD/CONTAINER
        404 | /exec/default/web/a/b/c/d                       | write /exec/NAMESPACE/POD/CONTAINER
        404 | /portForward/default                            | write /portForward/NAMESPACE/POD
        400 | /exec/default/pulling/app?command=a&stdout=1    | is waiting to start
        400 | /exec/default/crashing/app?command=a&stdout=1   | is not running: it ended with exit code 1
        400 | /portForward/default/pulling?port=80            | pod \\"pulling\\" is not running
        400 | /exec/default/web/app?command=a                 | at least 1 of stdin, stdout, stderr
        400 | /exec/default/web/app?stdout=1                  | parameter command is missing
        400 | /exec/default/web/app?command=a&stdout=perhaps  | must be true or false
        400 | /portForward/default/web                        | parameter port must be given
        400 | /portForward/default/web?port=80&port=65536     | must be 1 to 65535, not \\"65536
        400 | /portForward/default/web?port=80,x              | must be 1 to 65535, not \\"x
        400 | /run/default/web/app                            | parameter cmd is missing
        404 | /exec/default/old/app?command=a&stdout=1        | the container is gone
        """)
    void refusesInWords(int code, String target, String part) throws Exception {
        try (StreamClient client = StreamClient.webSocket(socket, target, "v4.channel.k8s.io")) {
            assertTrue(client.response.startsWith("HTTP/1.1 " + code + " "), client.response);
            assertTrue(client.response.contains(part), client.response);
            assertTrue(client.response.contains("\"kind\":\"Status\""), client.response);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        GET  | Connection: close                                | Upgrade request required
        GET  | Connection: Upgrade, Upgrade: h2c                 | Upgrade request required
        GET  | Upgrade: SPDY/3.1                                | Upgrade request required
        GET  | Connection: Upgrade, Upgrade: websocket           | a WebSocket needs a GET request with Sec-WebSocket-Key
        POST | Connection: Upgrade, Upgrade: websocket, Sec-WebSocket-Version: 13, Sec-WebSocket-Key: abc | a WebSocket needs a GET
        """)
    void refusesRequestsForNoKnownProtocol(String method, String headers, String part) throws Exception {
        String head = method + " " + EXEC + command("echo") + " HTTP/1.1\r\n" + headers.replace(", ", "\r\n");
        try (StreamClient client = StreamClient.ask(socket, head + "\r\nContent-Length: 0\r\n\r\n")) {
            assertTrue(client.response.startsWith("HTTP/1.1 400 "), client.response);
            assertTrue(client.response.contains(part), client.response);
        }
        assertTrue(streaming.requests.isEmpty());
    }

    @Test
    void passesNothingOnButTheProtocol() throws Exception {
        try (StreamClient client = spdy(EXEC + command("refuse", "a b", "c;d&e", "ü"))) {
            assertFalse(client.response.startsWith("HTTP/1.1 101"), client.response);
        } finally {
            assertEquals(
                    new Prepared.Exec(
                            container,
                            List.of("refuse", "a b", "c;d&e", "ü"),
                            new StreamOptions(false, true, true, true)),
                    streaming.prepared.peek());
            var sent = streaming.requests.element();
            assertEquals("POST", sent.method().name());
            assertEquals(
                    List.of("v4.channel.k8s.io", "channel.k8s.io"),
                    sent.headers().getAll("X-Stream-Protocol-Version"));
            assertFalse(sent.toString().contains("secret"), sent::toString);
        }
    }

    @Test
    void terminalHasNoErrorOutputAndTheNamesOfTheKubeletCount() throws Exception {
        try (StreamClient client =
                v5("/exec/default/web-node1/app?input=1&output=1&error=1&tty=1" + command("refuse"))) {
            assertTrue(client.response.startsWith("HTTP/1.1 400 "), client.response);
            assertTrue(client.response.contains("refused the request with status 403: no such thing"), client.response);
            assertEquals(
                    new Prepared.Exec(container, List.of("refuse"), new StreamOptions(true, true, true, false)),
                    streaming.prepared.element());
        }
    }

    @Test
    void relaysTheBytesOfAProtocolThatBothSpeak() throws Exception {
        try (StreamClient client = StreamClient.webSocket(socket, EXEC + command("echo"), "v4.channel.k8s.io")) {
            assertTrue(client.response.startsWith("HTTP/1.1 101 "), client.response);
            assertTrue(client.response.contains("X-Seen: yes"), client.response);
            assertEquals("early", client.read(5));
            byte[] bytes = new byte[1 << 20];
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    client.raw(ByteBuffer.wrap(bytes));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals(bytes.length, client.read(bytes.length).length());
            writer.join();
        }
        noStreamIsLeft();
    }

    @Test
    void passesPortsOnAndUnpacksTunnels() throws Exception {
        try (StreamClient client =
                StreamClient.webSocket(socket, "/portForward/default/web?port=80,81&port=82", "v4.channel.k8s.io")) {
            assertEquals("early", client.read(5));
            assertEquals(new Prepared.PortForward(sandbox, List.of(80, 81, 82)), streaming.prepared.element());
        }
        try (StreamClient client =
                StreamClient.webSocket(socket, "/portForward/default/web", "SPDY/3.1+portforward.k8s.io")) {
            assertTrue(client.response.contains("SPDY/3.1+portforward.k8s.io"), client.response);
            assertEquals("early", new String(client.frame().data(), StandardCharsets.US_ASCII));
            client.frame(0x82, "bytes".getBytes(StandardCharsets.US_ASCII));
            assertEquals("bytes", new String(client.frame().data(), StandardCharsets.US_ASCII));
            assertEquals(
                    List.of("portforward.k8s.io"),
                    List.copyOf(streaming.requests).getLast().headers().getAll("X-Stream-Protocol-Version"));
        }
        noStreamIsLeft();
    }

    @Test
    void runsACommandToItsEnd() throws Exception {
        try (StreamClient client = StreamClient.ask(
                socket, "GET /run/default/web/app?cmd=echo+a+b HTTP/1.1\r\nConnection: close\r\n\r\n")) {
            assertTrue(client.response.startsWith("HTTP/1.1 200 "), client.response);
            assertTrue(client.response.endsWith("\r\n\r\na b\n"), client.response);
        }
        try (StreamClient client =
                StreamClient.ask(socket, "POST /run/default/web/app?cmd=false HTTP/1.1\r\nContent-Length: 0\r\n\r\n")) {
            assertTrue(client.response.startsWith("HTTP/1.1 500 "), client.response);
            assertTrue(client.response.contains("command 'false' exited with 1"), client.response);
        }
    }

    @Test
    void saysThatTheStreamingServerIsGone() throws Exception {
        streaming.close();
        try (StreamClient client = v5(EXEC + command("echo"))) {
            assertTrue(client.response.startsWith("HTTP/1.1 503 "), client.response);
            assertTrue(client.response.contains("cannot reach the streaming server"), client.response);
        }
    }

    @Test
    void showsTheBeginningOfALongRefusal() throws Exception {
        String most = "x".repeat(2000);
        try (StreamClient client = v5(EXEC + command("refuse", most))) {
            assertTrue(client.response.contains("status 403: " + most + "\""), client.response);
        }
        streaming.refusal = "y".repeat(RuntimeStream.MAX_ERROR + 1);
        try (StreamClient client = v5(EXEC + command("refuse"))) {
            assertTrue(client.response.contains("status 403: " + "y".repeat(RuntimeStream.MAX_ERROR) + "\""));
        }
        noStreamIsLeft();
    }

    @Test
    void clientThatGoesBeforeTheAnswerEndsTheRequest() throws Exception {
        try (StreamClient gone = StreamClient.send(
                socket,
                "POST " + EXEC + command("silent")
                        + " HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n\r\n")) {
            Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .until("the request to arrive", streaming.requests::size, size -> size == 1);
            assertEquals("", gone.response);
        }
        noStreamIsLeft();
    }

    void noStreamIsLeft() {
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .until("the runtime's connections to be closed", streaming.open::get, open -> open == 0);
    }
}
