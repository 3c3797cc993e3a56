/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Connections that a handler takes over for another protocol: here an echo. */
class TakeOverTest {

    private static final int PLACES = 2;

    private final CompletableFuture<Channel> taken = new CompletableFuture<>();
    private final CountDownLatch mayTake = new CountDownLatch(1);
    private final CompletableFuture<Exception> failure = new CompletableFuture<>();
    private TcpPort port;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            address = new InetSocketAddress(free.getInetAddress(), free.getLocalPort());
        }
        RequestHandler handler = new RequestHandler() {
            @Override
            public boolean acceptsPost(ApiRequest request) {
                return request.path().equals(List.of("echo"));
            }

            @Override
            public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
                if (!request.path().equals(List.of("echo"))) {
                    response.write(request.method().name().getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                mayTake.await();
                try {
                    response.takeOver(TakeOverTest.this::echo);
                    taken.complete(response.channel());
                } catch (IOException refused) {
                    failure.complete(refused);
                    throw refused;
                }
            }
        };
        port = new TcpPort(
                "echo",
                "echoes",
                address,
                new ConnectionLimiter.Limits(0, PLACES, PLACES),
                new Connection.Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(1)),
                handler,
                Optional.empty());
        port.start();
    }

    @AfterEach
    void stop() {
        port.close();
    }

    private void echo(ChannelPipeline pipeline) {
        pipeline.remove(HttpServerCodec.class);
        pipeline.addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.writeAndFlush(message);
            }
        });
        pipeline.writeAndFlush(Unpooled.copiedBuffer("welcome\n", StandardCharsets.US_ASCII));
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setSoTimeout(60_000);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String read(InputStream in, int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }

    @Test
    void passesTheConnectionOnAndKnowsItsEnd() throws Exception {
        mayTake.countDown();
        try (Socket socket = connect()) {
            send(socket, "POST /echo HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
            assertEquals("welcome\n", read(socket.getInputStream(), 8));
            send(socket, "GET / HTTP/1.1\r\n\r\n");
            assertEquals("GET / HTTP/1.1\r\n\r\n", read(socket.getInputStream(), 18));
        }
        assertTrue(taken.get(60, TimeUnit.SECONDS).closeFuture().await(60, TimeUnit.SECONDS), "the end is not known");
    }

    @Test
    void hasNoTimeLimitAfterwardsAndKeepsItsPlace() throws Exception {
        mayTake.countDown();
        List<Socket> echoes = new ArrayList<>();
        try {
            for (int i = 0; i < PLACES; i++) {
                Socket socket = connect();
                echoes.add(socket);
                send(socket, "GET /echo HTTP/1.1\r\n\r\n");
                assertEquals("welcome\n", read(socket.getInputStream(), 8));
            }
            try (Socket beyond = connect()) {
                assertEquals(-1, beyond.getInputStream().read(), "all places are served");
            }
            // Longer than the time for a request.
            echoes.getFirst().setSoTimeout(1500);
            try {
                assertEquals(-2, echoes.getFirst().getInputStream().read(), "the connection was closed");
            } catch (SocketTimeoutException _) {
                send(echoes.getFirst(), "x");
            }
            assertEquals("x", read(echoes.getFirst().getInputStream(), 1));
        } finally {
            for (Socket socket : echoes) {
                socket.close();
            }
        }
    }

    @Test
    void closesAConnectionThatSentDataTooEarly() throws Exception {
        try (Socket socket = connect()) {
            send(socket, "GET /echo HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
            // A second connection is served by the same thread, after it has read what was sent before.
            try (Socket other = connect()) {
                send(other, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
                assertTrue(
                        new String(other.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).endsWith("GET"));
            }
            mayTake.countDown();
            assertEquals(-1, socket.getInputStream().read());
            assertTrue(failure.get(60, TimeUnit.SECONDS).getMessage().contains("too early"));
        }
    }

    @Test
    void closingTheServerClosesIt() throws Exception {
        mayTake.countDown();
        try (Socket socket = connect()) {
            send(socket, "GET /echo HTTP/1.1\r\n\r\n");
            assertEquals("welcome\n", read(socket.getInputStream(), 8));
            port.close();
            assertEquals(-1, socket.getInputStream().read());
        }
    }

    @Test
    void acceptsPostOnlyWhereTheHandlerDoes() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "CONNECT")) {
            try (Socket socket = connect()) {
                send(socket, method + " /other HTTP/1.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                String response = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertTrue(response.startsWith("HTTP/1.1 405 "), response);
            }
        }
    }
}
