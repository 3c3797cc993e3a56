/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.remotecommand.StreamServer.Message;
import io.jubelet.remotecommand.StreamServer.Peer;
import io.jubelet.testing.Consistently;
import io.jubelet.testing.Eventually;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RemoteCommandTest {

    private static final RemoteCommand.Streams OUTPUT = new RemoteCommand.Streams(false, true, true, false);
    private static final RemoteCommand.Streams ALL = new RemoteCommand.Streams(true, true, true, false);
    private static final RemoteCommand.Streams TERMINAL = new RemoteCommand.Streams(true, true, true, true);

    /** More than sockets and pipes hold. */
    private static final int MUCH = 64 << 20;

    @TempDir
    private Path directory;

    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    private StreamServer server(StreamServer.Script script) {
        return new StreamServer(directory.resolve("api.sock"), script);
    }

    private RemoteCommand exec(StreamServer server, RemoteCommand.Streams streams, String... command)
            throws ClientException {
        return RemoteCommand.exec(server.client(), List.of("default", "web", "app"), List.of(command), streams, errors);
    }

    private static String text(RemoteCommand remote) throws IOException {
        return new String(remote.output().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void outputErrorsAndExitCodeArrive() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.send(1, "one\n");
                    peer.send(2, "oops\n");
                    peer.send(1, "two\n");
                    peer.exit(3);
                });
                RemoteCommand remote = exec(server, OUTPUT, "sh", "-c", "a b&c=d")) {
            assertEquals("one\ntwo\n", text(remote));
            assertEquals("oops\n", errors.toString(StandardCharsets.UTF_8));
            assertEquals(OptionalInt.of(3), remote.status().exitCode());
            assertEquals(
                    List.of("/exec/default/web/app?stdin=false&stdout=true&stderr=true&tty=false"
                            + "&command=sh&command=-c&command=a%20b%26c%3Dd"),
                    server.targets());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void commandHasALimit(int beyond) throws Exception {
        try (StreamServer server = server(peer -> peer.exit(0))) {
            String around = "/exec/default/web/app?stdin=false&stdout=true&stderr=true&tty=false&command=";
            String word = "x".repeat(LocalClient.MAX_TARGET - around.length() + beyond);
            if (beyond == 0) {
                try (RemoteCommand remote = exec(server, OUTPUT, word)) {
                    assertEquals("", text(remote));
                }
            } else {
                ClientException refused = assertThrows(ClientException.class, () -> exec(server, OUTPUT, word));
                assertTrue(refused.getMessage().startsWith("the command is too long: "), refused::getMessage);
            }
        }
    }

    @Test
    void outputBehindTheStatusIsNotLost() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.exit(0);
                    peer.send(1, "late");
                });
                RemoteCommand remote = exec(server, OUTPUT, "true")) {
            assertEquals("late", text(remote));
            assertTrue(remote.status().succeeded());
        }
    }

    @Test
    void bytesPassBothWaysAndTheInputHasAnEnd() throws Exception {
        byte[] bytes = new byte[3 << 20];
        new Random(1).nextBytes(bytes);
        try (StreamServer server = server(peer -> {
                    Message message = peer.receive().orElseThrow();
                    for (; message.channel() == 0; message = peer.receive().orElseThrow()) {
                        peer.send(1, message.data());
                    }
                    peer.send(2, message.channel() + " " + message.data()[0]);
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, ALL, "cat")) {
            Thread writer = Thread.ofVirtual().start(() -> {
                try (var input = remote.input()) {
                    input.write(bytes);
                } catch (IOException e) {
                    errors.writeBytes(e.toString().getBytes(StandardCharsets.UTF_8));
                }
            });
            assertArrayEquals(bytes, remote.output().readAllBytes());
            assertEquals("255 0", errors.toString(StandardCharsets.UTF_8));
            writer.join();
        }
    }

    @Test
    void resizeIsAMessageOfItsOwnAndATerminalHasNoErrors() throws Exception {
        try (StreamServer server = server(peer -> {
                    Message message = peer.receive().orElseThrow();
                    peer.send(1, message.channel() + message.text());
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, TERMINAL, "sh")) {
            remote.resize(80, 24);
            assertEquals("4{\"Width\":80,\"Height\":24}", text(remote));
            assertTrue(server.targets().getFirst().contains("stderr=false&tty=true"));
        }
    }

    @Test
    void messageOfSeveralFramesKeepsItsChannel() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.channel()
                            .writeAndFlush(new BinaryWebSocketFrame(
                                    false, 0, Unpooled.copiedBuffer("\1one ", StandardCharsets.UTF_8)))
                            .sync();
                    peer.channel()
                            .writeAndFlush(new ContinuationWebSocketFrame(
                                    true, 0, Unpooled.copiedBuffer("two", StandardCharsets.UTF_8)))
                            .sync();
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, OUTPUT, "true")) {
            assertEquals("one two", text(remote));
        }
    }

    @Test
    void frameHasALimit() throws Exception {
        byte[] longest = new byte[WebSocketConnection.MAX_FRAME_BYTES - 1];
        try (StreamServer server = server(peer -> {
                    peer.send(1, longest);
                    peer.send(1, new byte[longest.length + 1]);
                });
                RemoteCommand remote = exec(server, OUTPUT, "true")) {
            assertEquals(longest.length, remote.output().readNBytes(longest.length).length);
            IOException refused =
                    assertThrows(IOException.class, () -> remote.output().read());
            assertTrue(refused.getMessage().contains("something else than WebSocket"), refused.getMessage());
        }
    }

    @Test
    void statusHasALimit() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.send(3, "x".repeat(RemoteStatus.MAX_BYTES));
                    peer.send(3, "y");
                });
                RemoteCommand remote = exec(server, OUTPUT, "true")) {
            assertEquals("", text(remote));
            assertEquals("x".repeat(RemoteStatus.MAX_BYTES), remote.status().message());
        }
    }

    @Test
    void pingIsAnswered() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.channel().writeAndFlush(new PingWebSocketFrame()).sync();
                    peer.awaitPong();
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, OUTPUT, "true")) {
            assertEquals("", text(remote));
        }
    }

    @Test
    void refusalIsShownAsTheDaemonWordsIt() {
        try (StreamServer server = server(_ -> {})) {
            server.refuse("{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"only root may do this\"}");
            ClientException refused = assertThrows(ClientException.class, () -> exec(server, OUTPUT, "true"));
            assertEquals("only root may do this", refused.getMessage());
        }
    }

    @Test
    void lostConnectionIsAnError() throws Exception {
        try (StreamServer server = server(peer -> {
                    peer.send(1, "begin");
                    peer.channel().close().sync();
                });
                RemoteCommand remote = exec(server, OUTPUT, "sleep", "9")) {
            assertThrows(EOFException.class, () -> remote.output().readAllBytes());
        }
        try (StreamServer server = new StreamServer(directory.resolve("other.sock"), _ -> {});
                RemoteCommand remote = exec(server, OUTPUT, "sleep", "9")) {
            assertEquals("", text(remote));
            assertFalse(remote.status().succeeded());
            assertEquals(OptionalInt.empty(), remote.status().exitCode());
        }
    }

    @Test
    void daemonWaitsWhileTheOutputIsNotRead() throws Exception {
        AtomicReference<Peer> container = new AtomicReference<>();
        AtomicLong sent = new AtomicLong();
        byte[] block = new byte[64 << 10];
        try (StreamServer server = server(peer -> {
                    container.set(peer);
                    while (sent.get() < MUCH) {
                        peer.send(1, block); // waits until it is written
                        sent.addAndGet(block.length);
                    }
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, OUTPUT, "yes")) {
            Eventually.await(
                    "the writer to wait",
                    container::get,
                    peer -> peer != null && !peer.channel().isWritable());
            assertTrue(sent.get() < MUCH / 8, "in buffers: " + sent);
            assertEquals(MUCH, remote.output().transferTo(OutputStream.nullOutputStream()));
            assertTrue(remote.status().succeeded());
        }
    }

    @Test
    void inputWaitsWhileTheDaemonReadsNothing() throws Exception {
        AtomicReference<Peer> container = new AtomicReference<>();
        AtomicLong written = new AtomicLong();
        try (StreamServer server = server(peer -> {
                    peer.channel().config().setAutoRead(false);
                    container.set(peer);
                    long received = 0;
                    Optional<Message> message = peer.receive();
                    for (; message.isPresent() && message.get().channel() == 0; message = peer.receive()) {
                        received += message.get().data().length;
                    }
                    peer.send(1, Long.toString(received));
                    peer.exit(0);
                });
                RemoteCommand remote = exec(server, ALL, "cat")) {
            Eventually.await("the container to pause", container::get, peer -> peer != null);
            Thread writer = Thread.ofVirtual().start(() -> {
                try (var input = remote.input()) {
                    byte[] block = new byte[32 << 10];
                    for (; written.get() < MUCH; written.addAndGet(block.length)) {
                        input.write(block);
                    }
                } catch (IOException e) {
                    errors.writeBytes(e.toString().getBytes(StandardCharsets.UTF_8));
                }
            });
            Eventually.await("the writer to wait", () -> writer.getState() == Thread.State.WAITING);
            Consistently.holds(
                    "little in buffers", Duration.ofMillis(200), () -> written.get() < MUCH / 8, written::toString);
            container.get().channel().config().setAutoRead(true);
            assertEquals(Integer.toString(MUCH), text(remote));
            writer.join();
        }
    }
}
