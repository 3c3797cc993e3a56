/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import io.jubelet.node.SafeDirectory.Opened;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * A log file that is being written and is read to its end again and again. Starts again from the
 * beginning when another program truncates it, as logrotate does with {@code copytruncate}.
 *
 * <p>A file that has grown beyond its former size since it was truncated is recognised by its first
 * bytes, which contain the time of the first line. Used by one thread.
 */
final class FollowedLog implements AutoCloseable {

    /** Longer than the time of a line. */
    private static final int HEAD_LENGTH = 64;

    private final Opened file;
    private ByteBuffer head = ByteBuffer.allocate(0);

    /** @param file is read from its current position on */
    FollowedLog(Opened file) throws IOException {
        this.file = file;
        this.head = readHead(HEAD_LENGTH);
    }

    /** Identifies the file. */
    Object key() {
        return file.key();
    }

    /** Copies what was written since the last call; returns whether there was anything. */
    boolean drain(LogLines lines) throws IOException {
        SeekableByteChannel channel = file.channel();
        if (isTruncated(channel)) {
            lines.discardPending();
            channel.position(0);
            head.clear().limit(0);
        }
        if (channel.size() <= channel.position()) {
            return false; // without a buffer: this is called ten times a second
        }
        ByteBuffer block = ByteBuffer.allocate(16 << 10);
        boolean any = false;
        while (channel.read(block.clear()) > 0) {
            lines.accept(block.array(), block.position());
            any = true;
        }
        if (any && head.limit() < HEAD_LENGTH) {
            head = readHead(HEAD_LENGTH);
        }
        return any;
    }

    private boolean isTruncated(SeekableByteChannel channel) throws IOException {
        long size = channel.size();
        return size < channel.position()
                || (size > channel.position() && !readHead(head.limit()).equals(head));
    }

    /** At most so many bytes from the beginning; keeps the position. */
    private ByteBuffer readHead(int length) throws IOException {
        SeekableByteChannel channel = file.channel();
        long position = channel.position();
        ByteBuffer bytes = ByteBuffer.allocate(length);
        channel.position(0);
        while (bytes.hasRemaining() && channel.read(bytes) > 0) {
            // until it is full or the file ends
        }
        channel.position(position);
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
