package io.jubelet.cgroup;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Values in the wire format of D-Bus, little-endian: each aligned to its own size from the beginning of the message part.
 * Used by one thread.
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

    /** Type u. */
    DbusBody number(int value) {
        align(4);
        room(4).putInt(value);
        return this;
    }

    /** Type t. */
    DbusBody longNumber(long value) {
        align(8);
        room(8).putLong(value);
        return this;
    }

    /** Type b. */
    DbusBody flag(boolean value) {
        return number(value ? 1 : 0);
    }

    /** Type s, and o. */
    DbusBody text(String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        number(text.length);
        room(text.length + 1).put(text).put((byte) 0);
        return this;
    }

    /** Type g. */
    DbusBody signature(String value) {
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        room(text.length + 2).put((byte) text.length).put(text).put((byte) 0);
        return this;
    }

    /** Begins an array of structures; gives what {@link #endArray} needs. */
    int beginArray() {
        number(0);
        int length = bytes.position() - 4;
        align(8);
        return length;
    }

    /** The padding before the first element does not count. */
    DbusBody endArray(int begun) {
        int first = (begun + 4 + 7) / 8 * 8;
        bytes.putInt(begun, bytes.position() - first);
        return this;
    }

    /** Type (sv), of a number. */
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
