package io.jubelet.cri.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.jubelet.cri.CriException;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.GrpcStatus;
import io.jubelet.cri.http2.Request;
import io.jubelet.cri.http2.UnaryCall;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls methods of one gRPC service by name, in place of generated stubs. */
final class GrpcStub {
    private final GrpcClient client;
    private final String service;
    private final Duration timeout;
    private final Map<String, String> headers;

    GrpcStub(GrpcClient client, String service, Duration timeout) {
        this(client, service, timeout, Map.of());
    }

    /** With a namespace of containerd, which services of its own ask for. */
    GrpcStub(GrpcClient client, String service, Duration timeout, String namespace) {
        this(client, service, timeout, Map.of("containerd-namespace", namespace));
    }

    private GrpcStub(GrpcClient client, String service, Duration timeout, Map<String, String> headers) {
        this.client = client;
        this.service = service;
        this.timeout = timeout;
        this.headers = headers;
    }

    /** Calls with the default timeout. */
    <A extends MessageLite> A call(String method, MessageLite request, A answer) {
        return call(method, request, answer, timeout);
    }

    /**
     * Blocks until the answer is there.
     *
     * @param answer any message of its type
     * @throws CriException for whatever went wrong
     */
    <A extends MessageLite> A call(String method, MessageLite request, A answer, Duration within) {
        checkNotInterrupted(method);
        try {
            UnaryCall.Outcome outcome = UnaryCall.execute(client, request(method, request, Optional.of(within), false));
            if (outcome.status().code() != GrpcStatus.Code.OK) {
                throw ErrorMapping.of(method, outcome.status());
            }
            return parsed(method, answer, outcome.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(method, "interrupted while waiting for the answer", e);
        }
    }

    /** Blocks until the last message of the answer was handed on. */
    <A extends MessageLite> void forEach(String method, MessageLite request, A answer, Consumer<? super A> each) {
        checkNotInterrupted(method);
        long end = System.nanoTime() + timeout.toNanos();
        try (GrpcStream<A> stream = open(method, request, answer, Optional.of(timeout), Function.identity())) {
            for (A message = stream.nextOrEnd(end); message != null; message = stream.nextOrEnd(end)) {
                each.accept(message);
            }
        }
    }

    /**
     * Opens a stream that has no end, and so no deadline: its reader waits as long as it likes, and may close it.
     *
     * @param map from the wire message to the event; null for one that is of no interest
     */
    <A extends MessageLite, E> GrpcStream<E> events(String method, MessageLite request, A answer, Function<A, E> map) {
        checkNotInterrupted(method);
        return open(method, request, answer, Optional.empty(), map);
    }

    private <A extends MessageLite, E> GrpcStream<E> open(
            String method, MessageLite request, A answer, Optional<Duration> within, Function<A, E> map) {
        return new GrpcStream<>(
                method,
                client,
                request(method, request, within, true),
                message -> map.apply(parsed(method, answer, message)));
    }

    private Request request(String method, MessageLite request, Optional<Duration> within, boolean manualFlowControl) {
        return new Request("/" + service + "/" + method, request.toByteArray(), within, headers, manualFlowControl);
    }

    @SuppressWarnings("unchecked") // the parser of a message makes messages of its own type
    private static <A extends MessageLite> A parsed(String method, A answer, byte[] message) {
        try {
            return (A) answer.getParserForType().parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new CriException.Failed(method, "the answer cannot be read: " + e.getMessage(), e);
        }
    }

    /** Such a call would be cancelled halfway: better not to make it. */
    private static void checkNotInterrupted(String method) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CriException.Cancelled(method, "the thread was interrupted before the call");
        }
    }
}
