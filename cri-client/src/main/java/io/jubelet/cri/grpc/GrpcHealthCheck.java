/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.jubelet.cri.http2.ConnectionLimits;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.GrpcStatus;
import io.jubelet.cri.http2.IoThread;
import io.jubelet.cri.http2.Request;
import io.jubelet.cri.http2.UnaryCall;
import io.jubelet.cri.proto.GrpcHealth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Checks the health of servers with {@code grpc.health.v1.Health/Check}, without TLS. It is not
 * part of the CRI, but this is the only package with generated code.
 *
 * <p>One thread, {@code grpc-health}, does the I/O of all checks. Each check has its own
 * connection. Thread-safe.
 */
public final class GrpcHealthCheck implements AutoCloseable {

    private final IoThread io = new IoThread("grpc-health");
    private final String userAgent;

    /** @param userAgent the value of the {@code user-agent} header */
    public GrpcHealthCheck(String userAgent) {
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
    }

    /**
     * The result of a check.
     *
     * @param serving whether the status of the server is SERVING
     * @param message the reason for people, in the words of the kubelet; empty if the server is
     *     serving
     */
    public record Result(boolean serving, String message) {}

    /**
     * Checks one server; blocks until it responds or {@code timeout} is over. An interrupt ends the
     * check, and sets the interrupt flag again.
     *
     * @param service the name of the service; empty for the whole server
     */
    public Result check(InetSocketAddress server, String service, Duration timeout) {
        byte[] message = GrpcHealth.HealthCheckRequest.newBuilder()
                .setService(service)
                .build()
                .toByteArray();
        Request request = new Request(
                "/grpc.health.v1.Health/Check", message, Optional.of(timeout), Map.of(), false, ResponseLimits.HEALTH);
        try (GrpcClient client =
                new GrpcClient(io, server, address(server), userAgent, ConnectionLimits.MANY_CONNECTIONS)) {
            UnaryCall.Outcome outcome = UnaryCall.execute(client, request);
            if (outcome.status().code() != GrpcStatus.Code.OK) {
                return new Result(false, failureMessage(outcome.status(), server, timeout));
            }
            var status =
                    GrpcHealth.HealthCheckResponse.parseFrom(outcome.message()).getStatus();
            boolean serving = status == GrpcHealth.HealthCheckResponse.ServingStatus.SERVING;
            return new Result(serving, serving ? "" : "service unhealthy (responded with \"" + status + "\")");
        } catch (InvalidProtocolBufferException e) {
            return new Result(false, "error: health rpc probe failed: cannot parse the response: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Result(false, "error: health rpc probe failed: the probe was cancelled");
        }
    }

    private static String address(InetSocketAddress server) {
        return server.getHostString() + ":" + server.getPort();
    }

    /** The messages are those of the kubelet. */
    private static String failureMessage(GrpcStatus status, InetSocketAddress server, Duration timeout) {
        return switch (status.code()) {
            case UNIMPLEMENTED ->
                "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                        + status.message();
            case DEADLINE_EXCEEDED -> "timeout: health rpc did not complete within " + timeout.toSeconds() + "s";
            case UNAVAILABLE -> "error: failed to connect service \"" + address(server) + "\": " + reason(status);
            default -> "error: health rpc probe failed: " + status.code() + " " + reason(status);
        };
    }

    private static String reason(GrpcStatus status) {
        Throwable cause = status.cause();
        return cause != null && cause.getMessage() != null ? cause.getMessage() : status.message();
    }

    /** Ends the thread; checks in flight fail. */
    @Override
    public void close() {
        io.close();
    }
}
