/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A minimal client of the daemon's local API. It speaks HTTP/1.0, so the end of the connection ends the response. */
final class LocalApi {
    private static final Pattern RUNNING = Pattern.compile("\"phase\"\\s*:\\s*\"Running\"");
    private static final byte[] REQUEST = "GET /api/v1/pods HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private final Path socket;

    LocalApi(Path socket) {
        this.socket = socket;
    }

    /** The number of pods in the phase Running. */
    int runningPods() throws IOException {
        String answer = get();
        if (!answer.startsWith("HTTP/1.") || !answer.startsWith(" 200", 8)) {
            throw new IOException("unexpected response of the daemon: "
                    + answer.lines().findFirst().orElse("nothing"));
        }
        Matcher matcher = RUNNING.matcher(answer);
        int count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }

    private String get() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(REQUEST));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
            while (channel.read(buffer) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
                buffer.clear();
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
