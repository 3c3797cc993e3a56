/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Copies one protobuf message while its bytes arrive, and leaves out what exceeds the limit of a
 * length-delimited field. The result is a valid message with shorter fields. Not thread-safe.
 *
 * <p>Source: the encoding of protobuf, without groups, which proto3 does not have.
 */
final class FieldCutter {

    private static final int MAX_VARINT_BYTES = 10;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_BYTES = 2;
    private static final int WIRE_FIXED32 = 5;

    /** What the next byte belongs to. */
    private enum Part {
        TAG,
        VARINT,
        LENGTH,
        CONTENT
    }

    private final int maxFieldBytes;
    private final GrowingBytes kept;

    private Part part = Part.TAG;
    private long number;
    private int numberBytes;
    private long tag;
    /** How many bytes of the content are still to be copied. */
    private long copied;
    /** How many bytes after those are to be skipped. */
    private long skipped;

    /** @param kept receives the message */
    FieldCutter(int maxFieldBytes, GrowingBytes kept) {
        this.maxFieldBytes = maxFieldBytes;
        this.kept = kept;
    }

    /**
     * Reads the next bytes of the message.
     *
     * @return what is wrong with the message, or null
     */
    @Nullable
    String read(ByteBuf from, int bytes) {
        int end = from.readerIndex() + bytes;
        while (from.readerIndex() < end) {
            String error = null;
            if (part == Part.CONTENT) {
                content(from, end - from.readerIndex());
            } else if (digit(from.readByte())) {
                error = numberRead();
            } else if (numberBytes == MAX_VARINT_BYTES) {
                error = "a number is too long";
            }
            if (error != null) {
                return error;
            }
        }
        return null;
    }

    /** Returns whether the message ends here, after a whole field. */
    boolean isComplete() {
        return part == Part.TAG && numberBytes == 0;
    }

    private void content(ByteBuf from, int bytes) {
        int copy = (int) Math.min(copied, bytes);
        if (copy > 0) {
            kept.append(from, copy, Long.MAX_VALUE);
            copied -= copy;
        }
        int skip = (int) Math.min(skipped, bytes - copy);
        from.skipBytes(skip);
        skipped -= skip;
        if (copied == 0 && skipped == 0) {
            part = Part.TAG;
        }
    }

    /** Adds a byte to the number that is being read; returns whether it was the last one. */
    private boolean digit(byte value) {
        number |= (value & 0x7fL) << (7 * numberBytes++);
        return value >= 0;
    }

    private @Nullable String numberRead() {
        long read = number;
        number = 0;
        numberBytes = 0;
        if (part == Part.TAG) {
            return tagRead(read);
        }
        kept.appendVarint(tag);
        if (part == Part.VARINT) {
            kept.appendVarint(read);
            part = Part.TAG;
            return null;
        }
        if (read < 0 || read > Integer.MAX_VALUE) {
            return "a field claims " + Long.toUnsignedString(read) + " bytes";
        }
        copied = Math.min(read, maxFieldBytes);
        skipped = read - copied;
        kept.appendVarint(copied);
        part = read == 0 ? Part.TAG : Part.CONTENT;
        return null;
    }

    private @Nullable String tagRead(long read) {
        tag = read;
        int wireType = (int) (read & 7);
        if (wireType == WIRE_VARINT) {
            part = Part.VARINT;
        } else if (wireType == WIRE_BYTES) {
            part = Part.LENGTH;
        } else if (wireType == WIRE_FIXED64 || wireType == WIRE_FIXED32) {
            kept.appendVarint(tag);
            copied = wireType == WIRE_FIXED64 ? Long.BYTES : Integer.BYTES;
            part = Part.CONTENT;
        } else {
            return "a field has the unknown wire type " + wireType;
        }
        return null;
    }
}
