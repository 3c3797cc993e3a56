/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.handler.codec.http2.Http2Error;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The status of a call that has ended.
 *
 * @param code the status code of gRPC
 * @param message a message for people, from the server or from this client; can be empty
 * @param cause the failure of the connection; null if the server itself ended the call
 */
public record GrpcStatus(
        Code code, String message, @Nullable Throwable cause) {

    /** The status codes of gRPC; the ordinal of each is its number in the protocol. */
    public enum Code {
        OK,
        CANCELLED,
        UNKNOWN,
        INVALID_ARGUMENT,
        DEADLINE_EXCEEDED,
        NOT_FOUND,
        ALREADY_EXISTS,
        PERMISSION_DENIED,
        RESOURCE_EXHAUSTED,
        FAILED_PRECONDITION,
        ABORTED,
        OUT_OF_RANGE,
        UNIMPLEMENTED,
        INTERNAL,
        UNAVAILABLE,
        DATA_LOSS,
        UNAUTHENTICATED
    }

    /**
     * The maximum length of a message in characters; a longer one is cut. A server can send one of
     * 64 KiB, and callers keep messages and log them. Those of containerd are below 1 KiB.
     */
    public static final int MAX_MESSAGE = 4 << 10;

    private static final Code[] CODES = Code.values();

    public GrpcStatus {
        Objects.requireNonNull(code, "code");
        if (message.length() > MAX_MESSAGE) {
            message = message.substring(0, MAX_MESSAGE) + " (cut after " + MAX_MESSAGE + " characters)";
        }
    }

    GrpcStatus(Code code, String message) {
        this(code, message, null);
    }

    /** Returns the status in the trailers of a response; an unknown number becomes UNKNOWN. */
    static GrpcStatus fromTrailers(CharSequence number, @Nullable CharSequence message) {
        Code code = Code.UNKNOWN;
        try {
            int value = Integer.parseInt(number, 0, number.length(), 10);
            if (value >= 0 && value < CODES.length) {
                code = CODES[value];
            }
        } catch (NumberFormatException _) {
            return new GrpcStatus(Code.UNKNOWN, "the server ended the call with the status " + number);
        }
        return new GrpcStatus(code, message == null ? "" : decoded(message));
    }

    /** Returns the status of a call that exceeded its timeout. */
    static GrpcStatus deadlineExceeded(Duration timeout) {
        long millis = timeout.toMillis();
        String seconds = millis % 1000 == 0 ? Long.toString(millis / 1000) : Double.toString(millis / 1000.0);
        return new GrpcStatus(Code.DEADLINE_EXCEEDED, "no response within " + seconds + " s");
    }

    /**
     * Returns the status of an HTTP response without a gRPC status, by the table of the gRPC
     * specification.
     */
    static GrpcStatus fromHttpStatus(CharSequence status) {
        String text = "the server answered with HTTP status " + status;
        return new GrpcStatus(
                switch (String.valueOf(status)) {
                    case "400" -> Code.INTERNAL;
                    case "401" -> Code.UNAUTHENTICATED;
                    case "403" -> Code.PERMISSION_DENIED;
                    case "404" -> Code.UNIMPLEMENTED;
                    case "429", "502", "503", "504" -> Code.UNAVAILABLE;
                    default -> Code.UNKNOWN;
                },
                text);
    }

    /**
     * Returns the status of a stream that the server reset, by the table of the gRPC specification.
     *
     * @param reason the HTTP/2 error code
     */
    static GrpcStatus fromReset(long reason) {
        String text = "the server reset the call (HTTP/2 error " + reason + ")";
        Http2Error error = Http2Error.valueOf(reason);
        if (error == null) {
            return new GrpcStatus(Code.INTERNAL, text);
        }
        return new GrpcStatus(
                switch (error) {
                    case REFUSED_STREAM -> Code.UNAVAILABLE;
                    case CANCEL -> Code.CANCELLED;
                    case ENHANCE_YOUR_CALM -> Code.RESOURCE_EXHAUSTED;
                    case INADEQUATE_SECURITY -> Code.PERMISSION_DENIED;
                    default -> Code.INTERNAL;
                },
                text);
    }

    /** Decodes the percent-encoding, which gRPC uses for everything but printable ASCII. */
    private static String decoded(CharSequence message) {
        if (message.toString().indexOf('%') < 0) {
            return message.toString();
        }
        byte[] bytes = new byte[message.length()];
        int length = 0;
        for (int i = 0; i < message.length(); i++) {
            int high = i + 2 < message.length() ? Character.digit(message.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(message.charAt(i + 2), 16);
            if (message.charAt(i) == '%' && low >= 0) {
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = (byte) message.charAt(i);
            }
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
