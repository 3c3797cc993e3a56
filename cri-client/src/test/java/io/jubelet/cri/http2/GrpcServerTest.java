/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.jubelet.cri.http2.GrpcStatus.Code;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests many calls and large messages with a grpc-java server that has small windows. */
@Timeout(120)
class GrpcServerTest {
    private static final MessageLimit ANY = MessageLimit.ofMessage(16 << 20);

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int PIECE = 10_000;

    @TempDir
    Path directory;

    private final EventLoopGroup serverLoop = new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().name("test-server").daemon().factory(), NioIoHandler.newFactory());
    private final IoThread io = new IoThread("test-io");
    /** What the endless stream has sent, in bytes. */
    private final AtomicLong sent = new AtomicLong();

    private Server server;
    private GrpcClient client;

    @BeforeEach
    void start() throws Exception {
        Path socket = directory.resolve("server.sock");
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .bossEventLoopGroup(serverLoop)
                .workerEventLoopGroup(serverLoop)
                .channelFactory(NioServerDomainSocketChannel::new)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .flowControlWindow(70_000)
                .maxConcurrentCallsPerConnection(50)
                .maxInboundMessageSize(32 << 20)
                .addService(ServerServiceDefinition.builder("s")
                        .addMethod(method("Echo", MethodType.UNARY), ServerCalls.asyncUnaryCall(GrpcServerTest::echo))
                        .addMethod(method("Make", MethodType.UNARY), ServerCalls.asyncUnaryCall(GrpcServerTest::make))
                        .addMethod(
                                method("Endless", MethodType.SERVER_STREAMING),
                                ServerCalls.asyncServerStreamingCall(this::endless))
                        .build())
                .build()
                .start();
        client = new GrpcClient(
                io, UnixDomainSocketAddress.of(socket), "localhost", "test", ConnectionLimits.ONE_CONNECTION);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        io.close();
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        serverLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static void echo(byte[] request, StreamObserver<byte[]> answer) {
        answer.onNext(request);
        answer.onCompleted();
    }

    private static void make(byte[] request, StreamObserver<byte[]> answer) {
        echo(new byte[ByteBuffer.wrap(request).getInt()], answer);
    }

    private void endless(byte[] request, StreamObserver<byte[]> observer) {
        var answer = (ServerCallStreamObserver<byte[]>) observer;
        answer.setOnReadyHandler(() -> {
            while (answer.isReady()) {
                sent.addAndGet(PIECE); // before the client can receive it
                answer.onNext(new byte[PIECE]);
            }
        });
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName("s/" + name)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private UnaryCall.Outcome call(String method, byte[] message) throws InterruptedException {
        return UnaryCall.execute(client, new Request("/s/" + method, message, Optional.of(LONG), Map.of(), false, ANY));
    }

    /** Returns a message of a given length, which the server creates. */
    private byte[] make(int length) throws InterruptedException {
        return requireNonNull(call("Make", ScriptedServer.ints(length)).message());
    }

    @Test
    void sendsAndReceivesLargeMessages() throws Exception {
        byte[] large = new byte[1 << 20];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 31);
        }
        UnaryCall.Outcome echo = call("Echo", large);
        assertEquals(Code.OK, echo.status().code(), echo.toString());
        assertArrayEquals(large, echo.message());
        assertEquals(15 << 20, make(15 << 20).length);
        assertEquals(16 << 20, make(16 << 20).length);
        GrpcStatus tooLong = call("Make", ScriptedServer.ints((16 << 20) + 1)).status();
        assertEquals(Code.RESOURCE_EXHAUSTED, tooLong.code());
        assertEquals(Code.UNIMPLEMENTED, call("Other", large).status().code());
        assertArrayEquals(new byte[] {1}, call("Echo", new byte[] {1}).message());
    }

    @Test
    void makesThousandConcurrentCalls() throws Exception {
        // With the first response the client knows the limit of 50 streams; more would be rejected.
        assertEquals(Code.OK, call("Echo", new byte[4]).status().code());
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<UnaryCall.Outcome>> calls = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                byte[] message =
                        ByteBuffer.allocate(i % 10 == 0 ? 20_000 : 4).putInt(i).array();
                calls.add(threads.submit(() -> call("Echo", message)));
            }
            for (int i = 0; i < 1000; i++) {
                UnaryCall.Outcome outcome = calls.get(i).get();
                assertEquals(Code.OK, outcome.status().code(), outcome.toString());
                assertEquals(
                        i, ByteBuffer.wrap(requireNonNull(outcome.message())).getInt());
            }
        }
    }

    @Test
    void slowReaderBlocksOnlyItsOwnStream() throws Exception {
        RecordedCall slow = new RecordedCall();
        GrpcCall stream =
                client.start(new Request("/s/Endless", new byte[0], Optional.empty(), Map.of(), true, ANY), slow);
        slow.awaitBegin();
        // Other calls transfer far more than the window of the connection.
        for (int i = 0; i < 3; i++) {
            assertEquals(5 << 20, make(5 << 20).length);
        }
        assertTrue(
                slow.messages.size() <= Http2Connection.WINDOW / PIECE + 1, "many messages: " + slow.messages.size());
        // When it reads again, the server continues.
        for (int i = 0; i < 3 * Http2Connection.WINDOW / PIECE; i++) {
            stream.consumed(slow.messages.take().length);
        }
        assertTrue(sent.get() >= 3L * Http2Connection.WINDOW - PIECE, "sent " + sent);
        assertFalse(slow.hasEnded());
        stream.cancel();
        assertEquals(Code.CANCELLED, slow.code());
    }
}
