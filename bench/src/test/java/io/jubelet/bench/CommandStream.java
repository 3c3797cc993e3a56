/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A minimal client of a command in a container: WebSocket, in which the first byte of each message is the number of a stream.
 * The runtime and Jubelet speak the same, so they are measured by the same client.
 */
final class CommandStream {
    /** What runtimes speak. */
    static final String V4 = "v4.channel.k8s.io";
    /** What clients of Kubernetes prefer. */
    static final String V5 = "v5.channel.k8s.io";

    private static final int STATUS = 3;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final String SUCCESS = "\"status\":\"Success\"";

    private final DataInputStream in;

    private CommandStream(InputStream in) {
        this.in = new DataInputStream(in);
    }

    /**
     * Starts a command on a new connection, and returns when the server has started it.
     *
     * @param target the path and the query
     */
    static CommandStream start(InputStream in, OutputStream out, String target, String protocol) throws IOException {
        String request =
                "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: "
                        + protocol + "\r\n\r\n";
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new BenchException("the server closed the connection: " + head);
            }
            head.write(next);
        }
        if (!head.toString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 101 ")) {
            throw new BenchException("the server refused the command: " + head.toString(StandardCharsets.US_ASCII));
        }
        return new CommandStream(in);
    }

    /** Reads until the status of the command has come, which must be success. */
    void awaitSuccess() throws IOException {
        while (true) {
            int kind = in.readUnsignedByte() & 0xf;
            int length = in.readUnsignedByte();
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length > 126) {
                throw new BenchException("a frame of an unexpected size");
            }
            byte[] message = in.readNBytes(length);
            if (kind == CLOSE) {
                throw new BenchException("the server closed the stream without a status");
            }
            if (kind == BINARY && length > 1 && message[0] == STATUS) {
                String status = new String(message, 1, length - 1, StandardCharsets.UTF_8);
                if (!status.replace(" ", "").contains(SUCCESS)) {
                    throw new BenchException("the command failed: " + status);
                }
                return;
            }
        }
    }
}
