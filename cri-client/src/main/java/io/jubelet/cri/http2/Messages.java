package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;

/** Puts the messages of an answer together from what its frames hold. For one thread. */
final class Messages {

    /** The limit of the kubelet: lists of thousands of containers are large. */
    static final int MOST_BYTES = 16 << 20;

    /** In front of each message: whether it is compressed, and its length. */
    static final int PREFIX = 5;

    private final byte[] prefix = new byte[PREFIX];
    private int prefixed;
    private byte[] message;
    private int filled;

    /** A message with its prefix. */
    static byte[] framed(byte[] message) {
        byte[] framed = new byte[PREFIX + message.length];
        for (int i = 0; i < 4; i++) {
            framed[1 + i] = (byte) (message.length >>> (24 - 8 * i));
        }
        System.arraycopy(message, 0, framed, PREFIX, message.length);
        return framed;
    }

    /**
     * Hands on what is complete.
     *
     * @return what is wrong with the answer; null as long as nothing is
     */
    GrpcStatus read(ByteBuf from, Receiver receiver) {
        while (from.isReadable()) {
            if (message == null) {
                prefix[prefixed++] = from.readByte();
                if (prefixed < PREFIX) {
                    continue;
                }
                GrpcStatus wrong = begin();
                if (wrong != null) {
                    return wrong;
                }
            }
            int bytes = Math.min(from.readableBytes(), message.length - filled);
            from.readBytes(message, filled, bytes);
            filled += bytes;
            if (filled == message.length) {
                receiver.message(message);
                message = null;
                prefixed = 0;
            }
        }
        return null;
    }

    private GrpcStatus begin() {
        if (prefix[0] != 0) {
            return new GrpcStatus(
                    GrpcStatus.Code.INTERNAL, "the server compressed its answer, which it was not allowed to");
        }
        long length = 0;
        for (int i = 1; i < PREFIX; i++) {
            length = length << 8 | (prefix[i] & 0xff);
        }
        if (length > MOST_BYTES) {
            return new GrpcStatus(
                    GrpcStatus.Code.RESOURCE_EXHAUSTED,
                    "a message of " + length + " bytes is longer than the most that is taken, " + MOST_BYTES);
        }
        message = new byte[(int) length];
        filled = 0;
        return null;
    }

    /** How many bytes a message lacks that has begun; 0 as long as its length is not known. */
    int missing() {
        return message == null ? 0 : message.length - filled;
    }

    /** Whether a message has begun that is not complete. */
    boolean isWithin() {
        return prefixed > 0;
    }
}
