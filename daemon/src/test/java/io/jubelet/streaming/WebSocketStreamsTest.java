/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that speak v5.channel.k8s.io to a runtime that speaks SPDY. */
class WebSocketStreamsTest extends StreamsUnderTest {

    private static final String SUCCESS = "3:{\"metadata\":{},\"status\":\"Success\"}";

    @Test
    void closingTheInputEndsTheCommandAndItsResultArrives() throws Exception {
        try (StreamClient client = v5(EXEC + command("echo"))) {
            assertTrue(client.response.contains("sec-websocket-protocol: v5.channel.k8s.io"), client.response);
            client.send(StreamFrame.STDIN, "hello ");
            assertEquals("1:hello ", client.frame().toString());
            // A message in three parts.
            client.frame(0x02, "\0a".getBytes(StandardCharsets.UTF_8));
            client.frame(0x00, "b".getBytes(StandardCharsets.UTF_8));
            client.frame(0x80, "c".getBytes(StandardCharsets.UTF_8));
            StringBuilder got = new StringBuilder();
            while (got.length() < 3) {
                got.append(client.frame().toString().substring(2));
            }
            assertEquals("abc", got.toString());
            client.frame(0x82, new byte[] {(byte) StreamFrame.CLOSE, StreamFrame.STDIN});
            client.send(StreamFrame.STDIN, "what comes too late is dropped");
            assertEquals(SUCCESS, client.frame().toString());
            StreamClient.Frame close = client.frame();
            assertEquals(StreamClient.Frame.CLOSE, close.opcode());
            assertEquals(1000, ByteBuffer.wrap(close.data()).getShort());
            assertTrue(client.ended());
        }
        noStreamIsLeft();
    }

    @Test
    void passesExitCodeAndBothOutputsOn() throws Exception {
        try (StreamClient client = v5(EXEC + command("fail"))) {
            List<String> frames = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                frames.add(client.frame().toString());
            }
            assertEquals(
                    List.of(
                            "1:out\n",
                            "2:err\n",
                            "3:{\"status\":\"Failure\",\"details\":{\"causes\":[{\"message\":\"3\"}]}}"),
                    frames);
            assertEquals(StreamClient.Frame.CLOSE, client.frame().opcode());
        }
    }

    @Test
    void passesTheSizeOfTheTerminalOn() throws Exception {
        try (StreamClient client = v5("/exec/default/web/app?stdin=1&stdout=1&tty=1" + command("echo"))) {
            client.send(StreamFrame.RESIZE, "{\"Width\":80,\"Height\":24}");
            assertEquals("1:resize {\"Width\":80,\"Height\":24}", client.frame().toString());
        }
    }

    @Test
    void answersPingsAndCloses() throws Exception {
        try (StreamClient client = v5(EXEC + command("echo"))) {
            client.frame(0x89, "are you there".getBytes(StandardCharsets.UTF_8));
            StreamClient.Frame pong = client.frame();
            assertEquals(StreamClient.Frame.PONG, pong.opcode());
            assertEquals("are you there", new String(pong.data(), StandardCharsets.UTF_8));
            client.frame(0x88, new byte[] {3, (byte) 0xe8});
            assertEquals(StreamClient.Frame.CLOSE, client.frame().opcode());
            assertTrue(client.ended());
        }
        noStreamIsLeft();
    }

    @Test
    void saysThatTheRuntimeBrokeOff() throws Exception {
        try (StreamClient client = v5(EXEC + command("die"))) {
            String result = client.frame().toString();
            assertTrue(result.startsWith("3:{") && result.contains("the stream ended before the command did"), result);
            StreamClient.Frame close = client.frame();
            assertEquals(1011, ByteBuffer.wrap(close.data()).getShort());
            assertTrue(client.ended());
        }
        noStreamIsLeft();
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo", "deaf", "flood"})
    void clientThatGoesEndsTheStream(String command) throws Exception {
        try (StreamClient client = v5(EXEC + command(command))) {
            assertTrue(client.response.startsWith("HTTP/1.1 101 "), client.response);
            assertEquals(1, streaming.open.get());
        }
        noStreamIsLeft();
    }

    @Test
    void stoppingTheServerSaysSoAndEndsTheStream() throws Exception {
        try (StreamClient client = v5(EXEC + command("echo"))) {
            client.send(StreamFrame.STDIN, "hello");
            assertEquals("1:hello", client.frame().toString());
            stopServer();
            String result = client.frame().toString();
            assertTrue(result.contains("jubelet has stopped"), result);
        }
        noStreamIsLeft();
    }

    @Test
    void clientThatReadsNothingHoldsNoMoreThanAWindow() throws Exception {
        try (StreamClient client = v5(EXEC + command("flood"))) {
            long[] last = {-1};
            // The sockets of the kernel hold some MiB; what counts is that it ends, and what stays in this process.
            Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .every(Duration.ofMillis(200))
                    .until("the flood to stand still", () -> {
                        long now = streaming.flooded.get();
                        boolean still = now > 0 && now == last[0];
                        last[0] = now;
                        return still;
                    });
            long stopped = streaming.flooded.get();
            assertTrue(stopped < 16 << 20, () -> "took " + stopped + " bytes for a client that reads none");
            for (int i = 0; i < 1000; i++) {
                client.frame();
            }
            Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .until("the flood to go on", streaming.flooded::get, now -> now > stopped);
        }
        noStreamIsLeft();
    }

    @Test
    void inputOfACommandThatReadsNothingStopsToBeRead() throws Exception {
        try (StreamClient client = v5(EXEC + command("deaf"))) {
            Thread writer = Thread.startVirtualThread(() -> {
                try {
                    for (int i = 0; i < 1024; i++) {
                        client.send(StreamFrame.STDIN, "x".repeat(64 * 1024));
                    }
                } catch (IOException expected) {
                    assertTrue(writerEnds(expected));
                }
            });
            Eventually.within(Eventually.DEFAULT_TIMEOUT)
                    .until(
                            "the writer to wait",
                            writer::getState,
                            state -> state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING);
            assertTrue(writer.isAlive());
        }
    }

    private static boolean writerEnds(IOException closed) {
        return closed.getMessage() != null || closed instanceof ClosedChannelException;
    }

    @ParameterizedTest
    @ValueSource(ints = {WebSocketConnection.MAX_FRAME, WebSocketConnection.MAX_FRAME + 1})
    void frameHasALimit(int length) throws Exception {
        try (StreamClient client = v5(EXEC + command("echo"))) {
            if (length > WebSocketConnection.MAX_FRAME) {
                // Its length is enough.
                client.raw(ByteBuffer.allocate(14)
                        .put(new byte[] {(byte) 0x82, (byte) 0xff})
                        .putLong(length)
                        .putInt(0)
                        .flip());
                StreamClient.Frame close = client.frame();
                assertEquals(StreamClient.Frame.CLOSE, close.opcode());
                assertEquals(1009, ByteBuffer.wrap(close.data()).getShort());
                assertEnds(client);
            } else {
                byte[] message = "x".repeat(length).getBytes(StandardCharsets.US_ASCII);
                message[0] = StreamFrame.STDIN;
                client.frame(0x82, message);
                int got = 0;
                while (got < length - 1) {
                    got += client.frame().data().length - 1;
                }
                assertEquals(length - 1, got);
            }
        }
        noStreamIsLeft();
    }

    @Test
    void unmaskedFramesEndTheConnection() throws Exception {
        try (StreamClient client = v5(EXEC + command("echo"))) {
            client.raw(ByteBuffer.wrap(new byte[] {(byte) 0x82, 2, 0, 'x'}));
            assertEnds(client);
        }
        noStreamIsLeft();
    }

    private static void assertEnds(StreamClient client) {
        assertThrows(EOFException.class, () -> {
            while (true) {
                client.frame();
            }
        });
    }

    @Test
    void servesAsManyStreamsAsTheLimitAndSaysSoBeyond() throws Exception {
        List<StreamClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < StreamEndpoints.MAX_STREAMS; i++) {
                StreamClient client = v5(EXEC + command("echo"));
                clients.add(client);
                assertTrue(client.response.startsWith("HTTP/1.1 101 "), i + ": " + client.response);
            }
            StreamClient beyond = v5(EXEC + command("echo"));
            clients.add(beyond);
            assertTrue(
                    beyond.response.startsWith("HTTP/1.1 429 ")
                            && beyond.response.contains("too many streams: 160 are open, which is the limit"),
                    beyond.response);
            // Streams take no place of requests.
            StreamClient run = StreamClient.ask(socket, "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
            clients.add(run);
            assertTrue(run.response.startsWith("HTTP/1.1 200 "), run.response);
        } finally {
            for (StreamClient client : clients) {
                client.close();
            }
        }
        noStreamIsLeft();
    }

    private void noStreamIsLeft() {
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .until("the runtime's connections to be closed", streaming.open::get, open -> open == 0);
    }
}
