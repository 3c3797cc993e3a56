/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

/**
 * How much memory a connection takes for what the server sends, apart from messages.
 *
 * @param maxHeaderBytes the maximum size of the headers of one response, and of its trailers, which
 *     contain an error message; in bytes as HPACK counts them
 * @param maxReadBytes the maximum size of the buffer for one read from the socket, in bytes. A
 *     connection keeps it as long as the server has sent a part of a frame.
 */
public record ConnectionLimits(int maxHeaderBytes, int maxReadBytes) {

    /** For one connection to a server that is trusted. Source: the maximum of a read is Netty's default. */
    public static final ConnectionLimits ONE_CONNECTION = new ConnectionLimits(64 << 10, 64 << 10);

    /**
     * For many connections to servers that are not trusted, each with a part of a frame. Source: the
     * gRPC specification suggests 8 KiB for headers.
     */
    public static final ConnectionLimits MANY_CONNECTIONS = new ConnectionLimits(8 << 10, 4 << 10);

    public ConnectionLimits {
        if (maxHeaderBytes <= 0 || maxReadBytes <= 0) {
            throw new IllegalArgumentException("invalid limits: " + maxHeaderBytes + ", " + maxReadBytes);
        }
    }
}
