/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** Bytes whose array grows with what arrives. Not thread-safe. */
final class GrowingBytes {

    /** The size of the first array, in bytes: one frame of the size that HTTP/2 allows by default. */
    static final int FIRST_ARRAY = 16 << 10;

    private static final byte[] NONE = {};

    private byte[] array = NONE;
    private int size;

    /** Returns the number of bytes. */
    int size() {
        return size;
    }

    /** Appends bytes that were read. */
    void append(ByteBuf from, int bytes, long expected) {
        reserve(bytes, expected);
        from.readBytes(array, size, bytes);
        size += bytes;
    }

    /** Appends a number in the variable-length encoding of protobuf. */
    void appendVarint(long number) {
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            append((byte) (rest | 0x80));
            rest >>>= 7;
        }
        append((byte) rest);
    }

    /** Appends one byte. */
    void append(byte value) {
        reserve(1, Long.MAX_VALUE);
        array[size++] = value;
    }

    /** @param expected the length that the message will have if it is what it claims to be */
    private void reserve(int bytes, long expected) {
        int needed = Math.addExact(size, bytes);
        if (needed > array.length) {
            long grown = Math.max(Math.max(needed, FIRST_ARRAY), 2L * array.length);
            array = Arrays.copyOf(array, (int)
                    Math.min(grown, Math.max(needed, Math.min(expected, Integer.MAX_VALUE))));
        }
    }

    /** Returns the bytes and starts again with none. */
    byte[] take() {
        byte[] taken = array.length == size ? array : Arrays.copyOf(array, size);
        array = NONE;
        size = 0;
        return taken;
    }
}
