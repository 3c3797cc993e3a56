/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.jubelet.cri.CriException;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.MessageLimit;
import io.jubelet.cri.http2.Request;
import io.jubelet.cri.http2.UnaryCall;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls the methods of one gRPC service by name. It replaces generated stubs, which would need
 * grpc-java.
 */
final class GrpcStub {
    /** The tag of field 1 of a list: a message, which is length-delimited. */
    private static final int LIST_ITEM = 1 << 3 | 2;

    private final GrpcClient client;
    private final String service;
    private final Duration timeout;
    private final Map<String, String> headers;

    GrpcStub(GrpcClient client, String service, Duration timeout) {
        this(client, service, timeout, Map.of());
    }

    /**
     * Creates a stub for a service of containerd itself, which requires a containerd namespace in
     * each call.
     */
    GrpcStub(GrpcClient client, String service, Duration timeout, String namespace) {
        this(client, service, timeout, Map.of("containerd-namespace", namespace));
    }

    private GrpcStub(GrpcClient client, String service, Duration timeout, Map<String, String> headers) {
        this.client = client;
        this.service = service;
        this.timeout = timeout;
        this.headers = headers;
    }

    /** Makes a unary call with the default timeout. */
    <A extends MessageLite> A call(String method, MessageLite request, A responseType) {
        return call(method, request, responseType, timeout);
    }

    /**
     * Makes a unary call whose response is about one object, with the default timeout.
     *
     * @param fromWire converts the response
     * @throws CriException if the call fails, or the response cannot be converted
     */
    <A extends MessageLite, R extends @Nullable Object> R call(
            String method, MessageLite request, A responseType, Function<A, R> fromWire) {
        return converted(method, call(method, request, responseType, timeout), fromWire);
    }

    /** Makes a unary call whose response is about one object. */
    <A extends MessageLite> A call(String method, MessageLite request, A responseType, Duration callTimeout) {
        return call(method, request, responseType, callTimeout, ResponseLimits.OBJECT);
    }

    /**
     * Makes a unary call and blocks until the response arrives.
     *
     * @param responseType the default instance of the type of the response
     * @param limit limits the response
     * @throws CriException if the call fails
     */
    <A extends MessageLite> A call(
            String method, MessageLite request, A responseType, Duration callTimeout, MessageLimit limit) {
        return parse(method, responseType, message(method, request, callTimeout, limit));
    }

    /**
     * Makes a unary call whose response is a list, and blocks until it arrives. Only one item of the
     * list at a time is in memory as a message.
     *
     * @param itemType the default instance of the type of the items, which are the field 1 of the
     *     response
     * @param fromWire converts an item
     * @throws CriException if the call fails
     */
    <W extends MessageLite, R> List<R> list(String method, MessageLite request, W itemType, Function<W, R> fromWire) {
        byte[] message = message(method, request, timeout, ResponseLimits.LIST);
        List<R> records = new ArrayList<>();
        try {
            CodedInputStream in = CodedInputStream.newInstance(message);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == LIST_ITEM) {
                    records.add(converted(method, item(in, itemType), fromWire));
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new CriException.Failed(method, "cannot parse the response: " + e.getMessage(), e);
        }
        return records;
    }

    /**
     * Converts a message. A record rejects values that make no sense in it, such as an empty ID, and
     * a runtime can send them.
     *
     * @throws CriException if the message has such a value
     */
    static <W, R extends @Nullable Object> R converted(String method, W message, Function<W, R> fromWire) {
        try {
            return fromWire.apply(message);
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw new CriException.Failed(method, "the response is invalid: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked") // the parser of a message returns messages of the same type
    private static <W extends MessageLite> W item(CodedInputStream in, W itemType) throws IOException {
        return (W) in.readMessage(itemType.getParserForType(), ExtensionRegistryLite.getEmptyRegistry());
    }

    private byte[] message(String method, MessageLite request, Duration callTimeout, MessageLimit limit) {
        checkNotInterrupted(method);
        try {
            UnaryCall.Outcome outcome =
                    UnaryCall.execute(client, request(method, request, Optional.of(callTimeout), false, limit));
            byte[] message = outcome.message();
            if (message == null) {
                throw ErrorMapping.of(method, outcome.status());
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(method, "interrupted while waiting for the response", e);
        }
    }

    /** Makes a server-streaming call that ends, for its messages as they are. */
    <A extends MessageLite> void forEach(String method, MessageLite request, A responseType, Consumer<? super A> each) {
        forEach(method, request, responseType, message -> List.of(message), each);
    }

    /**
     * Makes a server-streaming call that ends, and blocks until {@code each} has processed the last
     * record.
     *
     * @param fromWire converts a message to records
     */
    <A extends MessageLite, R> void forEach(
            String method,
            MessageLite request,
            A responseType,
            Function<A, List<R>> fromWire,
            Consumer<? super R> each) {
        checkNotInterrupted(method);
        long end = System.nanoTime() + timeout.toNanos();
        try (GrpcStream<List<R>> stream = open(method, request, responseType, Optional.of(timeout), fromWire::apply)) {
            for (List<R> records = stream.nextOrEnd(end); records != null; records = stream.nextOrEnd(end)) {
                records.forEach(each);
            }
        }
    }

    /**
     * Makes a server-streaming call without end and without deadline; the reader closes the stream.
     *
     * @param map converts a message to an event, or to null if the stream should skip the message
     */
    <A extends MessageLite, E> GrpcStream<E> events(
            String method, MessageLite request, A responseType, Function<A, @Nullable E> map) {
        checkNotInterrupted(method);
        return open(method, request, responseType, Optional.empty(), map);
    }

    private <A extends MessageLite, E> GrpcStream<E> open(
            String method,
            MessageLite request,
            A responseType,
            Optional<Duration> callTimeout,
            Function<A, @Nullable E> map) {
        return new GrpcStream<>(
                method,
                client,
                request(method, request, callTimeout, true, ResponseLimits.OBJECT),
                message -> converted(method, parse(method, responseType, message), map));
    }

    private Request request(
            String method,
            MessageLite request,
            Optional<Duration> callTimeout,
            boolean manualFlowControl,
            MessageLimit limit) {
        return new Request(
                "/" + service + "/" + method, request.toByteArray(), callTimeout, headers, manualFlowControl, limit);
    }

    @SuppressWarnings("unchecked") // the parser of a message returns messages of the same type
    private static <A extends MessageLite> A parse(String method, A responseType, byte[] message) {
        try {
            return (A) responseType.getParserForType().parseFrom(message);
        } catch (InvalidProtocolBufferException e) {
            throw new CriException.Failed(method, "cannot parse the response: " + e.getMessage(), e);
        }
    }

    /** A call from an interrupted thread would be cancelled halfway, so it is not made. */
    private static void checkNotInterrupted(String method) {
        if (Thread.currentThread().isInterrupted()) {
            throw new CriException.Cancelled(method, "the thread was interrupted before the call");
        }
    }
}
