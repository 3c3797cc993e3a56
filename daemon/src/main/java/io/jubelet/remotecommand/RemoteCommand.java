/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A command in a container, or an attachment to its process, over the channels of {@code v5.channel.k8s.io}.
 *
 * <p>One thread reads {@link #output} and then {@link #status}; others can write {@link #input} and call {@link #resize} and
 * {@link #close}.
 */
public final class RemoteCommand implements AutoCloseable {

    private static final String PROTOCOL = "v5.channel.k8s.io";

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    private static final int CLOSE = 255;

    /** As much as a daemon and a runtime pass on at once. */
    private static final int MAX_DATA = 32 << 10;

    private final WebSocketConnection connection;
    private final OutputStream errors;
    private final ByteArrayOutputStream status = new ByteArrayOutputStream();
    private final Output output = new Output();
    private final Input input = new Input();
    /** The channel of a message of several frames. */
    private int channel = -1;

    private boolean ended;

    /**
     * Which streams to connect.
     *
     * @param stderr ignored with a terminal, which has one output
     */
    public record Streams(boolean stdin, boolean stdout, boolean stderr, boolean tty) {

        private String query() {
            return "stdin=" + stdin + "&stdout=" + stdout + "&stderr=" + (stderr && !tty) + "&tty=" + tty;
        }
    }

    private RemoteCommand(WebSocketConnection connection, OutputStream errors) {
        this.connection = connection;
        this.errors = Objects.requireNonNull(errors, "errors");
    }

    /**
     * Starts a command.
     *
     * @param container its path below {@code /exec} and {@code /attach}: namespace, pod and container
     * @param errors receives the standard error of the command, on the thread that reads the output
     * @throws ClientException if there is no daemon, or it refuses
     */
    public static RemoteCommand exec(
            LocalClient client, List<String> container, List<String> command, Streams streams, OutputStream errors)
            throws ClientException {
        StringBuilder target =
                new StringBuilder("/exec").append(path(container)).append('?').append(streams.query());
        command.forEach(word -> target.append("&command=").append(LocalClient.encode(word)));
        return new RemoteCommand(
                WebSocketConnection.open(client, LocalClient.command(target.toString()), PROTOCOL), errors);
    }

    /** Attaches to the process that a container runs; otherwise as {@link #exec}. */
    public static RemoteCommand attach(LocalClient client, List<String> container, Streams streams, OutputStream errors)
            throws ClientException {
        String target = "/attach" + path(container) + "?" + streams.query();
        return new RemoteCommand(WebSocketConnection.open(client, target, PROTOCOL), errors);
    }

    private static String path(List<String> segments) {
        StringBuilder path = new StringBuilder();
        segments.forEach(segment -> path.append('/').append(LocalClient.encode(segment)));
        return path.toString();
    }

    /** The standard output of the command; its end is the end of the command. Reading writes the errors that come between. */
    public InputStream output() {
        return output;
    }

    /** The standard input of the command; closing it is the end of the input, and the command runs on. */
    public OutputStream input() {
        return input;
    }

    /** Sets the size of the command's terminal, in characters. */
    public void resize(int columns, int rows) throws IOException {
        send(RESIZE, ("{\"Width\":" + columns + ",\"Height\":" + rows + "}").getBytes(StandardCharsets.UTF_8));
    }

    /** How the command ended. Call it after the end of the output. */
    public RemoteStatus status() {
        return status.size() > 0
                ? RemoteStatus.read(status.toByteArray())
                : RemoteStatus.failure("the connection to the container was lost");
    }

    @Override
    public void close() {
        connection.close();
    }

    private void send(int to, byte[] data) throws IOException {
        send(to, data, 0, data.length);
    }

    private void send(int to, byte[] data, int offset, int length) throws IOException {
        connection.send(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(
                Unpooled.wrappedBuffer(new byte[] {(byte) to}), Unpooled.copiedBuffer(data, offset, length))));
    }

    private final class Output extends InputStream {

        private ByteBuf data = Unpooled.EMPTY_BUFFER;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            while (!data.isReadable()) {
                data.release();
                data = Unpooled.EMPTY_BUFFER;
                if (length == 0) {
                    return 0;
                }
                if (ended || !next()) {
                    ended = true;
                    return -1;
                }
            }
            int read = Math.min(length, data.readableBytes());
            data.readBytes(bytes, offset, read);
            return read;
        }

        /** Reads a frame; false after the last one. */
        private boolean next() throws IOException {
            Optional<WebSocketFrame> frame;
            try {
                frame = connection.next();
            } catch (IOException broken) {
                // The command has ended, and only the farewell of the daemon is missing.
                if (status.size() > 0) {
                    return false;
                }
                throw broken;
            }
            if (frame.isEmpty()) {
                return false;
            }
            ByteBuf content = frame.get().content();
            if (channel < 0) {
                channel = content.isReadable() ? content.readUnsignedByte() : CLOSE;
            }
            int from = channel;
            channel = frame.get().isFinalFragment() ? -1 : channel;
            if (from == STDOUT) {
                data = content;
                return true;
            }
            try {
                if (from == STDERR) {
                    content.readBytes(errors, content.readableBytes());
                    errors.flush();
                } else if (from == ERROR) {
                    content.readBytes(
                            status, Math.min(content.readableBytes(), RemoteStatus.MAX_BYTES - status.size()));
                }
                return true; // the daemon closes the connection when it has sent everything
            } finally {
                content.release();
            }
        }
    }

    private final class Input extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            send(STDIN, new byte[] {(byte) b});
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int sent = 0; sent < length; sent += MAX_DATA) {
                send(STDIN, bytes, offset + sent, Math.min(MAX_DATA, length - sent));
            }
        }

        @Override
        public void close() throws IOException {
            send(CLOSE, new byte[] {STDIN});
        }
    }
}
