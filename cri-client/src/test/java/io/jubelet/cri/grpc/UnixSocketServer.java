/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server on a Unix socket with the methods that a test adds. It can be stopped and started
 * again.
 */
final class UnixSocketServer implements AutoCloseable {
    private final Path socket;
    private final EventLoopGroup eventLoop = new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().name("test-server").daemon().factory(), NioIoHandler.newFactory());
    private static final String RUNTIME = "runtime.v1.RuntimeService";

    private final Map<String, ServerServiceDefinition.Builder> services = new HashMap<>();
    // Empty and null until the start.

    private final List<ServerServiceDefinition> built = new ArrayList<>();
    private @Nullable Server server;

    UnixSocketServer(Path socket) {
        this.socket = socket;
    }

    /** Adds a unary method; the handler can keep the observer and respond later. */
    <Q extends MessageLite, A extends MessageLite> UnixSocketServer unary(
            String method, Q request, A answer, BiConsumer<Q, StreamObserver<A>> handler) {
        var descriptor = descriptor(RUNTIME, MethodType.UNARY, method, request, answer);
        service(RUNTIME).addMethod(descriptor, ServerCalls.asyncUnaryCall(handler::accept));
        return this;
    }

    <Q extends MessageLite, A extends MessageLite> UnixSocketServer streaming(
            String method, Q request, A answer, BiConsumer<Q, StreamObserver<A>> handler) {
        return streaming(RUNTIME, method, request, answer, handler);
    }

    /** Adds a streaming method of a service of containerd. */
    <Q extends MessageLite, A extends MessageLite> UnixSocketServer containerdStreaming(
            String service, String method, Q request, A answer, BiConsumer<Q, StreamObserver<A>> handler) {
        return streaming("containerd.services." + service, method, request, answer, handler);
    }

    private <Q extends MessageLite, A extends MessageLite> UnixSocketServer streaming(
            String service, String method, Q request, A answer, BiConsumer<Q, StreamObserver<A>> handler) {
        var descriptor = descriptor(service, MethodType.SERVER_STREAMING, method, request, answer);
        service(service).addMethod(descriptor, ServerCalls.asyncServerStreamingCall(handler::accept));
        return this;
    }

    private ServerServiceDefinition.Builder service(String name) {
        return services.computeIfAbsent(name, ServerServiceDefinition::builder);
    }

    @SuppressWarnings("unchecked") // the default instance of a message is of its own type
    private static <Q extends MessageLite, A extends MessageLite> MethodDescriptor<Q, A> descriptor(
            String service, MethodType type, String method, Q request, A answer) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .setRequestMarshaller(ProtoLiteUtils.marshaller((Q) request.getDefaultInstanceForType()))
                .setResponseMarshaller(ProtoLiteUtils.marshaller((A) answer.getDefaultInstanceForType()))
                .build();
    }

    UnixSocketServer start() throws IOException {
        if (built.isEmpty()) {
            services.values().forEach(service -> built.add(service.build()));
        }
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .bossEventLoopGroup(eventLoop)
                .workerEventLoopGroup(eventLoop)
                .channelFactory(NioServerDomainSocketChannel::new)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .addServices(built)
                .build()
                .start();
        return this;
    }

    boolean isRunning() {
        return server != null && !server.isShutdown();
    }

    /** Breaks all connections and removes the socket. */
    void stop() throws IOException {
        try {
            if (server != null && !server.shutdownNow().awaitTermination(60, TimeUnit.SECONDS)) {
                throw new IOException("the server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(socket);
    }

    @Override
    public void close() throws IOException {
        stop();
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
