/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the length-prefixed messages of a response from the contents of its DATA frames. Not
 * thread-safe.
 */
final class MessageDeframer {

    /**
     * The maximum size of a message in bytes, as in the kubelet; lists of thousands of containers
     * are large.
     */
    static final int MAX_BYTES = 16 << 20;

    /**
     * The length of the prefix of each message: a flag for compression, and the length in four
     * bytes.
     */
    static final int PREFIX = 5;

    private final byte[] prefix = new byte[PREFIX];
    private int prefixBytes;

    /** Null until the prefix is complete. */
    private byte @Nullable [] message;

    private int messageBytes;

    /**
     * Reads all bytes and passes each complete message to the listener.
     *
     * @return the error in the response, or null if there is none
     */
    @Nullable
    GrpcStatus read(ByteBuf from, CallListener listener) {
        while (from.isReadable()) {
            byte[] current = message;
            if (current == null) {
                prefix[prefixBytes++] = from.readByte();
                if (prefixBytes < PREFIX) {
                    continue;
                }
                long length = length();
                GrpcStatus error = prefixError(length);
                if (error != null) {
                    return error;
                }
                current = new byte[(int) length];
                message = current;
                messageBytes = 0;
            }
            int bytes = Math.min(from.readableBytes(), current.length - messageBytes);
            from.readBytes(current, messageBytes, bytes);
            messageBytes += bytes;
            if (messageBytes == current.length) {
                listener.onMessage(current);
                message = null;
                prefixBytes = 0;
            }
        }
        return null;
    }

    private long length() {
        long length = 0;
        for (int i = 1; i < PREFIX; i++) {
            length = length << 8 | (prefix[i] & 0xff);
        }
        return length;
    }

    private @Nullable GrpcStatus prefixError(long length) {
        if (prefix[0] != 0) {
            return new GrpcStatus(
                    GrpcStatus.Code.INTERNAL, "the server compressed the response, which this client does not support");
        }
        if (length > MAX_BYTES) {
            return new GrpcStatus(
                    GrpcStatus.Code.RESOURCE_EXHAUSTED,
                    "a message of " + length + " bytes exceeds the maximum of " + MAX_BYTES);
        }
        return null;
    }

    /** Returns how many bytes the current message still lacks; 0 if its length is not known yet. */
    int missingBytes() {
        return message == null ? 0 : message.length - messageBytes;
    }

    /** Returns whether a message was started that is not complete. */
    boolean isIncomplete() {
        return prefixBytes > 0;
    }
}
