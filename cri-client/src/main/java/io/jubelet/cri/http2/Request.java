/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A gRPC request with one message.
 *
 * @param path {@code /SERVICE/METHOD}
 * @param message the encoded message; not copied, and must not be changed
 * @param timeout sent to the server, rounded up to milliseconds; the caller enforces it itself
 * @param headers additional to those of gRPC, with names in lower case and values of printable
 *     ASCII
 * @param manualFlowControl whether the messages of the response count against the window of the
 *     stream until they are {@linkplain GrpcCall#consumed consumed}, so that a slow reader slows
 *     the server down; otherwise the window is refilled at once
 * @param response limits the messages of the response
 */
public record Request(
        String path,
        byte[] message,
        Optional<Duration> timeout,
        Map<String, String> headers,
        boolean manualFlowControl,
        MessageLimit response) {

    public Request {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(response, "response");
        headers = Map.copyOf(headers);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("not a path: " + path);
        }
    }

    /** Returns a message with the length prefix of gRPC. */
    static byte[] framed(byte[] message) {
        byte[] framed = new byte[MessageDeframer.PREFIX + message.length];
        for (int i = 0; i < 4; i++) {
            framed[1 + i] = (byte) (message.length >>> (24 - 8 * i));
        }
        System.arraycopy(message, 0, framed, MessageDeframer.PREFIX, message.length);
        return framed;
    }
}
