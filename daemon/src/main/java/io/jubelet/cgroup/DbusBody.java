/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes values in the little-endian wire format of D-Bus, each aligned to its own size from the
 * start of the message part. Used by one thread.
 */
final class DbusBody {

    private ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);

    DbusBody align(int size) {
        while (bytes.position() % size != 0) {
            octet(0);
        }
        return this;
    }

    DbusBody octet(int value) {
        room(1).put((byte) value);
        return this;
    }

    /** Writes a value of type u. */
    DbusBody number(int value) {
        align(4);
        room(4).putInt(value);
        return this;
    }

    /** Writes a value of type t. */
    DbusBody longNumber(long value) {
        align(8);
        room(8).putLong(value);
        return this;
    }

    /** Writes a value of type b. */
    DbusBody flag(boolean value) {
        return number(value ? 1 : 0);
    }

    /** Writes a value of type s or o. */
    DbusBody text(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        number(text.length);
        room(text.length + 1).put(text).put((byte) 0);
        return this;
    }

    /** Writes a value of type g. */
    DbusBody signature(String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        room(text.length + 2).put((byte) text.length).put(text).put((byte) 0);
        return this;
    }

    /** Starts an array of structures; returns the position of its length, for {@link #endArray}. */
    int beginArray() {
        number(0);
        int length = bytes.position() - 4;
        align(8);
        return length;
    }

    /** Ends an array. Its length does not include the padding before the first element. */
    DbusBody endArray(int lengthPosition) {
        int first = (lengthPosition + 4 + 7) / 8 * 8;
        bytes.putInt(lengthPosition, bytes.position() - first);
        return this;
    }

    /** Writes a value of type (sv) with a number. */
    DbusBody property(String name, long value) {
        return align(8).text(name).signature("t").longNumber(value);
    }

    DbusBody property(String name, boolean value) {
        return align(8).text(name).signature("b").flag(value);
    }

    DbusBody property(String name, String value) {
        return align(8).text(name).signature("s").text(value);
    }

    DbusBody property(String name, List<String> values) {
        align(8).text(name).signature("as").number(0);
        int length = bytes.position() - 4;
        values.forEach(this::text);
        bytes.putInt(length, bytes.position() - length - 4);
        return this;
    }

    private ByteBuffer room(int size) {
        if (bytes.remaining() < size) {
            bytes = ByteBuffer.allocate(2 * (bytes.position() + size))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .put(bytes.flip());
        }
        return bytes;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
