package io.jubelet.cri.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.jubelet.cri.CriException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Calls methods of one gRPC service by name, in place of generated stubs. */
final class Rpc {
    private final SocketChannels channels;
    private final String service;
    private final Duration timeout;
    private final Optional<ClientInterceptor> headers;

    Rpc(SocketChannels channels, String service, Duration timeout) {
        this(channels, service, timeout, Optional.empty());
    }

    /** With a namespace of containerd, which services of its own ask for. */
    Rpc(SocketChannels channels, String service, Duration timeout, String namespace) {
        this(channels, service, timeout, Optional.of(namespaced(namespace)));
    }

    private Rpc(SocketChannels channels, String service, Duration timeout, Optional<ClientInterceptor> headers) {
        this.channels = channels;
        this.service = service;
        this.timeout = timeout;
        this.headers = headers;
    }

    private static ClientInterceptor namespaced(String namespace) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER), namespace);
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    private Channel channel() {
        return headers.isEmpty() ? channels.current() : ClientInterceptors.intercept(channels.current(), headers.get());
    }

    /** Calls with the default timeout. */
    <Q extends MessageLite, A extends MessageLite> A call(String method, Q request, A answer) {
        return call(method, request, answer, timeout);
    }

    /**
     * Blocks until the answer is there.
     *
     * @param answer any message of its type
     * @throws CriException for whatever went wrong
     */
    <Q extends MessageLite, A extends MessageLite> A call(String method, Q request, A answer, Duration within) {
        refuseWhenInterrupted(method);
        try {
            return ClientCalls.blockingUnaryCall(
                    channel(), descriptor(MethodType.UNARY, method, request, answer), deadline(within), request);
        } catch (StatusRuntimeException e) {
            throw Errors.of(method, e.getStatus(), e);
        }
    }

    /** Blocks until the last message of the answer was handed on. */
    <Q extends MessageLite, A extends MessageLite> void forEach(
            String method, Q request, A answer, Consumer<? super A> each) {
        refuseWhenInterrupted(method);
        try (GrpcStream<A, A> stream = open(method, request, answer, deadline(timeout), Function.identity())) {
            for (A message = stream.nextOrEnd(); message != null; message = stream.nextOrEnd()) {
                each.accept(message);
            }
        }
    }

    /**
     * Opens a stream that has no end, and so no deadline: its reader waits as long as it likes, and may close it.
     *
     * @param map from the wire message to the event; null for one that is of no interest
     */
    <Q extends MessageLite, A extends MessageLite, E> GrpcStream<A, E> events(
            String method, Q request, A answer, Function<A, E> map) {
        refuseWhenInterrupted(method);
        return open(method, request, answer, CallOptions.DEFAULT, map);
    }

    private <Q extends MessageLite, A extends MessageLite, E> GrpcStream<A, E> open(
            String method, Q request, A answer, CallOptions options, Function<A, E> map) {
        var descriptor = descriptor(MethodType.SERVER_STREAMING, method, request, answer);
        return new GrpcStream<>(method, channel().newCall(descriptor, options), request, map);
    }

    @SuppressWarnings("unchecked") // the default instance of a message is of its own type
    private <Q extends MessageLite, A extends MessageLite> MethodDescriptor<Q, A> descriptor(
            MethodType type, String method, Q request, A answer) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(service, method))
                .setRequestMarshaller(ProtoLiteUtils.marshaller((Q) request.getDefaultInstanceForType()))
                .setResponseMarshaller(ProtoLiteUtils.marshaller((A) answer.getDefaultInstanceForType()))
                .build();
    }

    private static CallOptions deadline(Duration within) {
        return CallOptions.DEFAULT.withDeadlineAfter(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Such a call would be cancelled halfway: better not to make it. */
    private static void refuseWhenInterrupted(String method) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CriException.Cancelled(method, "the thread was interrupted before the call");
        }
    }
}
