package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;

/** Puts the messages of an answer together from what its frames hold. For one thread. */
final class MessageDeframer {

    /** The limit of the kubelet: lists of thousands of containers are large. */
    static final int MAX_BYTES = 16 << 20;

    /** In front of each message: whether it is compressed, and its length. */
    static final int PREFIX = 5;

    private final byte[] prefix = new byte[PREFIX];
    private int prefixLength;
    private byte[] message;
    private int messageLength;

    /**
     * Hands on what is complete.
     *
     * @return what is wrong with the answer; null as long as nothing is
     */
    GrpcStatus read(ByteBuf from, CallListener listener) {
        while (from.isReadable()) {
            if (message == null) {
                prefix[prefixLength++] = from.readByte();
                if (prefixLength < PREFIX) {
                    continue;
                }
                GrpcStatus error = startMessage();
                if (error != null) {
                    return error;
                }
            }
            int bytes = Math.min(from.readableBytes(), message.length - messageLength);
            from.readBytes(message, messageLength, bytes);
            messageLength += bytes;
            if (messageLength == message.length) {
                listener.onMessage(message);
                message = null;
                prefixLength = 0;
            }
        }
        return null;
    }

    private GrpcStatus startMessage() {
        if (prefix[0] != 0) {
            return new GrpcStatus(
                    GrpcStatus.Code.INTERNAL, "the server compressed its answer, which it was not allowed to");
        }
        long length = 0;
        for (int i = 1; i < PREFIX; i++) {
            length = length << 8 | (prefix[i] & 0xff);
        }
        if (length > MAX_BYTES) {
            return new GrpcStatus(
                    GrpcStatus.Code.RESOURCE_EXHAUSTED,
                    "a message of " + length + " bytes is longer than the most that is taken, " + MAX_BYTES);
        }
        message = new byte[(int) length];
        messageLength = 0;
        return null;
    }

    /** How many bytes a message lacks that has begun; 0 as long as its length is not known. */
    int missingBytes() {
        return message == null ? 0 : message.length - messageLength;
    }

    /** Whether a message has begun that is not complete. */
    boolean isIncomplete() {
        return prefixLength > 0;
    }
}
