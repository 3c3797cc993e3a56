/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Assembles the length-prefixed messages of a response from the contents of its DATA frames, within
 * a {@link MessageLimit}. Not thread-safe.
 */
final class MessageDeframer {

    /**
     * The length of the prefix of each message: a flag for compression, and the length in four
     * bytes.
     */
    static final int PREFIX = 5;

    private final MessageLimit limit;
    private final byte[] prefix = new byte[PREFIX];
    private int prefixBytes;

    /** The length of the current message; 0 until the prefix is complete. */
    private long length;

    /** How many bytes of the current message have not arrived. */
    private long missing;

    private final GrowingBytes kept = new GrowingBytes();

    /** Null if fields are not cut, and between messages. */
    private @Nullable FieldCutter cutter;

    MessageDeframer(MessageLimit limit) {
        this.limit = limit;
    }

    /**
     * Reads all bytes and passes each complete message to the listener.
     *
     * @return the error in the response, or null if there is none
     */
    @Nullable
    GrpcStatus read(ByteBuf from, CallListener listener) {
        while (from.isReadable()) {
            if (prefixBytes < PREFIX) {
                prefix[prefixBytes++] = from.readByte();
                if (prefixBytes < PREFIX) {
                    continue;
                }
                GrpcStatus error = start();
                if (error != null) {
                    return error;
                }
            }
            int bytes = (int) Math.min(from.readableBytes(), missing);
            GrpcStatus error = content(from, bytes);
            if (error != null) {
                return error;
            }
            missing -= bytes;
            if (missing == 0) {
                if (cutter != null && !cutter.isComplete()) {
                    return malformed("it ends within a field");
                }
                byte[] message = kept.take();
                cutter = null;
                prefixBytes = 0;
                length = 0;
                listener.onMessage(message);
            }
        }
        return null;
    }

    private @Nullable GrpcStatus start() {
        long claimed = 0;
        for (int i = 1; i < PREFIX; i++) {
            claimed = claimed << 8 | (prefix[i] & 0xff);
        }
        if (prefix[0] != 0) {
            return new GrpcStatus(
                    GrpcStatus.Code.INTERNAL, "the server compressed the response, which this client does not support");
        }
        if (limit.cutsFields()) {
            cutter = new FieldCutter(limit.maxFieldBytes(), kept);
        } else if (claimed > limit.maxBytes()) {
            return tooLong("a message of " + claimed + " bytes");
        }
        length = claimed;
        missing = claimed;
        return null;
    }

    private @Nullable GrpcStatus content(ByteBuf from, int bytes) {
        if (cutter == null) {
            kept.append(from, bytes, length);
            return null;
        }
        String error = cutter.read(from, bytes);
        if (error != null) {
            return malformed(error);
        }
        return kept.size() > limit.maxBytes() ? tooLong("a message with many fields") : null;
    }

    private GrpcStatus tooLong(String what) {
        return new GrpcStatus(
                GrpcStatus.Code.RESOURCE_EXHAUSTED, what + " exceeds the maximum of " + limit.maxBytes() + " bytes");
    }

    private static GrpcStatus malformed(String how) {
        return new GrpcStatus(GrpcStatus.Code.INTERNAL, "the server sent a malformed message: " + how);
    }

    /** Returns how many bytes the current message still lacks; 0 if its length is not known yet. */
    int missingBytes() {
        return (int) Math.min(missing, Integer.MAX_VALUE);
    }

    /** Returns whether a message was started that is not complete. */
    boolean isIncomplete() {
        return prefixBytes > 0;
    }
}
