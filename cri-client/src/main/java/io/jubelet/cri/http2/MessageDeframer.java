package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;

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
    private int prefixLength;
    private byte[] message;
    private int messageLength;

    /**
     * Reads all bytes and passes each complete message to the listener.
     *
     * @return the error in the response, or null if there is none
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
                    GrpcStatus.Code.INTERNAL, "the server compressed the response, which this client does not support");
        }
        long length = 0;
        for (int i = 1; i < PREFIX; i++) {
            length = length << 8 | (prefix[i] & 0xff);
        }
        if (length > MAX_BYTES) {
            return new GrpcStatus(
                    GrpcStatus.Code.RESOURCE_EXHAUSTED,
                    "a message of " + length + " bytes exceeds the maximum of " + MAX_BYTES);
        }
        message = new byte[(int) length];
        messageLength = 0;
        return null;
    }

    /** Returns how many bytes the current message still lacks; 0 if its length is not known yet. */
    int missingBytes() {
        return message == null ? 0 : message.length - messageLength;
    }

    /** Returns whether a message was started that is not complete. */
    boolean isIncomplete() {
        return prefixLength > 0;
    }
}
