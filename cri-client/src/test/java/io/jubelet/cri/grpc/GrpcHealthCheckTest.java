/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCalls;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckRequest;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckResponse;
import io.jubelet.cri.proto.GrpcHealth.HealthCheckResponse.ServingStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests health checks with a gRPC server on loopback. */
class GrpcHealthCheckTest {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int MAX_ANSWER = 4 << 10;

    private final BlockingQueue<String> userAgents = new LinkedBlockingQueue<>();
    private final GrpcHealthCheck check = new GrpcHealthCheck("kube-probe/1.36");
    private Server server;

    @BeforeEach
    void serve() throws IOException {
        MethodDescriptor<HealthCheckRequest, HealthCheckResponse> method =
                MethodDescriptor.<HealthCheckRequest, HealthCheckResponse>newBuilder()
                        .setType(MethodDescriptor.MethodType.UNARY)
                        .setFullMethodName("grpc.health.v1.Health/Check")
                        .setRequestMarshaller(ProtoLiteUtils.marshaller(HealthCheckRequest.getDefaultInstance()))
                        .setResponseMarshaller(ProtoLiteUtils.marshaller(HealthCheckResponse.getDefaultInstance()))
                        .build();
        ServerServiceDefinition health = ServerServiceDefinition.builder("grpc.health.v1.Health")
                .addMethod(method, ServerCalls.asyncUnaryCall((request, answer) -> {
                    switch (request.getService()) {
                        case "", "good" -> {
                            answer.onNext(HealthCheckResponse.newBuilder()
                                    .setStatus(ServingStatus.SERVING)
                                    .build());
                            answer.onCompleted();
                        }
                        case "bad" -> {
                            answer.onNext(HealthCheckResponse.newBuilder()
                                    .setStatus(ServingStatus.NOT_SERVING)
                                    .build());
                            answer.onCompleted();
                        }
                        case "longest", "too long" -> {
                            answer.onNext(
                                    ofLength(request.getService().equals("longest") ? MAX_ANSWER : MAX_ANSWER + 1));
                            answer.onCompleted();
                        }
                        case "slow" -> {} // never responds
                        default ->
                            answer.onError(Status.NOT_FOUND
                                    .withDescription("unknown service")
                                    .asException());
                    }
                }))
                .build();
        ServerInterceptor agents = new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                userAgents.add(
                        String.valueOf(headers.get(Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER))));
                return next.startCall(call, headers);
            }
        };
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerInterceptors.intercept(health, agents))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
        check.close();
    }

    /** Returns SERVING with an additional field, in so many bytes. */
    private static HealthCheckResponse ofLength(int bytes) {
        try {
            var serving = HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING);
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(message);
            serving.build().writeTo(out);
            out.writeByteArray(15, new byte[bytes - 5]);
            out.flush();
            assertEquals(bytes, message.size());
            return HealthCheckResponse.parseFrom(message.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private GrpcHealthCheck.Result ask(String service, Duration timeout) {
        return check.check(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()), service, timeout);
    }

    @Test
    void servingServerAndServiceAreHealthy() throws Exception {
        assertEquals(new GrpcHealthCheck.Result(true, ""), ask("", LONG));
        assertEquals(new GrpcHealthCheck.Result(true, ""), ask("good", LONG));
        assertEquals("kube-probe/1.36", userAgents.take());
    }

    @Test
    void notServingServiceIsUnhealthy() {
        assertEquals(
                new GrpcHealthCheck.Result(false, "service unhealthy (responded with \"NOT_SERVING\")"),
                ask("bad", LONG));
    }

    @Test
    void unknownServiceIsUnhealthy() {
        GrpcHealthCheck.Result answer = ask("other", LONG);
        assertFalse(answer.serving());
        assertEquals("error: health rpc probe failed: NOT_FOUND unknown service", answer.message());
    }

    @Test
    void tooLongAnswerIsUnhealthy() {
        assertEquals(new GrpcHealthCheck.Result(true, ""), ask("longest", LONG));
        assertEquals(
                new GrpcHealthCheck.Result(
                        false,
                        "error: health rpc probe failed: RESOURCE_EXHAUSTED a message of 4097 bytes exceeds the"
                                + " maximum of 4096 bytes"),
                ask("too long", LONG));
    }

    @Test
    void timeoutIsUnhealthy() {
        assertEquals(
                new GrpcHealthCheck.Result(false, "timeout: health rpc did not complete within 1s"),
                ask("slow", Duration.ofSeconds(1)));
    }

    @Test
    void serverWithoutHealthServiceIsUnhealthy() throws Exception {
        Server other = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build()
                .start();
        try {
            GrpcHealthCheck.Result answer =
                    check.check(new InetSocketAddress(InetAddress.getLoopbackAddress(), other.getPort()), "", LONG);
            assertFalse(answer.serving());
            assertTrue(
                    answer.message().startsWith("error: this server does not implement the grpc health protocol"),
                    answer.message());
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void closedPortIsUnhealthy() throws Exception {
        // Bound without listening, so that no other process can listen there.
        try (Socket silent = new Socket()) {
            silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            GrpcHealthCheck.Result answer = check.check(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), silent.getLocalPort()), "", LONG);
            assertFalse(answer.serving());
            assertTrue(answer.message().contains("failed to connect service"), answer.message());
        }
    }
}
