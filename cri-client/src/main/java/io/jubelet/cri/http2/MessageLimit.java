/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

/**
 * How much of each message of a response is kept. Memory is allocated for bytes that have arrived,
 * never for the length that a server claims.
 *
 * @param maxBytes the maximum number of bytes that are kept of one message; more fail the call as
 *     RESOURCE_EXHAUSTED
 * @param maxFieldBytes the maximum length of a length-delimited field of a protobuf message, in
 *     bytes: the rest of the field is skipped while it arrives, and does not count. 0 if fields are
 *     not cut; then the length of the whole message is limited.
 */
public record MessageLimit(int maxBytes, int maxFieldBytes) {

    public MessageLimit {
        if (maxBytes <= 0 || maxFieldBytes < 0) {
            throw new IllegalArgumentException("invalid limits: " + maxBytes + ", " + maxFieldBytes);
        }
    }

    /** Limits the length of a message, in bytes. */
    public static MessageLimit ofMessage(int maxBytes) {
        return new MessageLimit(maxBytes, 0);
    }

    /**
     * Keeps the first bytes of each length-delimited field of a protobuf message, however long the
     * message is. Fields inside of embedded messages are not cut.
     *
     * @param maxBytes the maximum for all that is kept of the message
     */
    public static MessageLimit ofFields(int maxFieldBytes, int maxBytes) {
        if (maxFieldBytes <= 0) {
            throw new IllegalArgumentException("invalid limit: " + maxFieldBytes);
        }
        return new MessageLimit(maxBytes, maxFieldBytes);
    }

    boolean cutsFields() {
        return maxFieldBytes > 0;
    }
}
