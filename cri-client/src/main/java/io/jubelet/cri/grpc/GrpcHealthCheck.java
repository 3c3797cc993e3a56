package io.jubelet.cri.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
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
 * Asks servers for their health by {@code grpc.health.v1.Health/Check}, without TLS. It is no part of the CRI, but this
 * is the one package that knows generated code.
 *
 * <p>One thread, {@code grpc-health}, moves the bytes of all questions. Each question has a connection of its own. May be
 * used by any number of threads.
 */
public final class GrpcHealthCheck implements AutoCloseable {

    private final IoThread io = new IoThread("grpc-health");
    private final String userAgent;

    /** @param userAgent what the servers are told of who asks */
    public GrpcHealthCheck(String userAgent) {
        this.userAgent = Objects.requireNonNull(userAgent, "userAgent");
    }

    /**
     * What a server said.
     *
     * @param serving whether it serves
     * @param message why not, for people; empty when it serves
     */
    public record Result(boolean serving, String message) {}

    /**
     * Asks one server; blocks until it has answered or {@code timeout} is over.
     *
     * @param service empty for the server as a whole
     */
    public Result check(InetSocketAddress server, String service, Duration timeout) {
        byte[] question = GrpcHealth.HealthCheckRequest.newBuilder()
                .setService(service)
                .build()
                .toByteArray();
        Request request = new Request("/grpc.health.v1.Health/Check", question, Optional.of(timeout), Map.of(), false);
        try (GrpcClient client = new GrpcClient(io, server, address(server), userAgent)) {
            UnaryCall.Outcome outcome = UnaryCall.execute(client, request);
            if (outcome.status().code() != GrpcStatus.Code.OK) {
                return new Result(false, failureMessage(outcome.status(), server, timeout));
            }
            var status =
                    GrpcHealth.HealthCheckResponse.parseFrom(outcome.message()).getStatus();
            boolean serving = status == GrpcHealth.HealthCheckResponse.ServingStatus.SERVING;
            return new Result(serving, serving ? "" : "service unhealthy (responded with \"" + status + "\")");
        } catch (InvalidProtocolBufferException e) {
            return new Result(false, "error: health rpc probe failed: the answer cannot be read: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new Result(false, "error: health rpc probe failed: the probe was given up");
        }
    }

    private static String address(InetSocketAddress server) {
        return server.getHostString() + ":" + server.getPort();
    }

    /** The kubelet's words. */
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

    /** Ends the thread; questions under way fail. */
    @Override
    public void close() {
        io.close();
    }
}
