package io.jubelet.cri.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ClientCalls;
import io.jubelet.cri.proto.GrpcHealth;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Asks servers for their health by {@code grpc.health.v1.Health/Check}, without TLS. It is no part of the CRI, but this
 * is the one package where gRPC lives.
 *
 * <p>One thread, {@code grpc-health}, moves the bytes of all questions. Each question has a connection of its own. May be
 * used by any number of threads.
 */
public final class GrpcHealthCheck implements AutoCloseable {

    private final EventLoopGroup eventLoop =
            new MultiThreadIoEventLoopGroup(1, GrpcHealthCheck::ioThread, NioIoHandler.newFactory());
    private final String userAgent;

    /** @param userAgent begins what the servers are told of who asks */
    public GrpcHealthCheck(String userAgent) {
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
    }

    /**
     * What a server said.
     *
     * @param serving whether it serves
     * @param message why not, for people; empty when it serves
     */
    public record Answer(boolean serving, String message) {}

    /**
     * Asks one server; blocks until it has answered or {@code timeout} is over.
     *
     * @param service empty for the server as a whole
     */
    public Answer check(InetSocketAddress server, String service, Duration timeout) {
        ManagedChannel channel = channel(server);
        try {
            GrpcHealth.HealthCheckResponse answer = ClientCalls.blockingUnaryCall(
                    channel,
                    method(),
                    CallOptions.DEFAULT.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS),
                    GrpcHealth.HealthCheckRequest.newBuilder()
                            .setService(service)
                            .build());
            boolean serving = answer.getStatus() == GrpcHealth.HealthCheckResponse.ServingStatus.SERVING;
            return new Answer(
                    serving, serving ? "" : "service unhealthy (responded with \"" + answer.getStatus() + "\")");
        } catch (StatusRuntimeException e) {
            return new Answer(false, words(e.getStatus(), server, timeout));
        } finally {
            channel.shutdownNow();
        }
    }

    /** The kubelet's words. */
    private static String words(Status status, InetSocketAddress server, Duration timeout) {
        String address = server.getHostString() + ":" + server.getPort();
        return switch (status.getCode()) {
            case UNIMPLEMENTED ->
                "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                        + status.getDescription();
            case DEADLINE_EXCEEDED -> "timeout: health rpc did not complete within " + timeout.toSeconds() + "s";
            case UNAVAILABLE -> "error: failed to connect service \"" + address + "\": " + reason(status);
            default -> "error: health rpc probe failed: " + status.getCode() + " " + reason(status);
        };
    }

    private static String reason(Status status) {
        Throwable cause = status.getCause();
        return cause != null && cause.getMessage() != null ? cause.getMessage() : status.getDescription();
    }

    private static MethodDescriptor<GrpcHealth.HealthCheckRequest, GrpcHealth.HealthCheckResponse> method() {
        return MethodDescriptor.<GrpcHealth.HealthCheckRequest, GrpcHealth.HealthCheckResponse>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName(MethodDescriptor.generateFullMethodName("grpc.health.v1.Health", "Check"))
                .setRequestMarshaller(ProtoLiteUtils.marshaller(GrpcHealth.HealthCheckRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(GrpcHealth.HealthCheckResponse.getDefaultInstance()))
                .build();
    }

    private ManagedChannel channel(InetSocketAddress server) {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(server)
                .eventLoopGroup(eventLoop)
                .channelFactory(NioSocketChannel::new)
                .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .usePlaintext()
                .userAgent(userAgent)
                .directExecutor()
                .offloadExecutor(Runnable::run)
                .proxyDetector(target -> null)
                .disableServiceConfigLookUp()
                .disableRetry()
                .maxTraceEvents(0);
        // Otherwise gRPC looks for telemetry classes which are not there.
        InternalNettyChannelBuilder.setStatsEnabled(builder, false);
        InternalNettyChannelBuilder.setTracingEnabled(builder, false);
        return builder.build();
    }

    private static Thread ioThread(Runnable loop) {
        return Thread.ofPlatform().name("grpc-health").daemon().unstarted(loop);
    }

    /** Ends the thread; questions under way fail. */
    @Override
    public void close() {
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
