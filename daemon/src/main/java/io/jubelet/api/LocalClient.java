/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Queries a running daemon: a small HTTP/1.1 client on its Unix socket, with one connection per
 * request.
 *
 * <p>It exists because the HTTP client of the JDK does not support Unix sockets, and Netty would
 * double the start time of the command line. Safe for use by many threads.
 */
public final class LocalClient {

    private final Path socket;

    /** Creates a client of the daemon that listens on {@code socket}. */
    public LocalClient(Path socket) {
        this.socket = Objects.requireNonNull(socket, "socket");
    }

    /**
     * Requests a path and returns the body of the response as a stream; closing it ends the
     * request.
     *
     * @param target path and query, already encoded; see {@link #encode}
     * @throws ClientException if there is no daemon, or it responds with another status than 200
     */
    public InputStream get(String target) throws ClientException {
        return get(target, connect());
    }

    private InputStream get(String target, SocketChannel channel) throws ClientException {
        try {
            HttpBody body = send(target, channel);
            if (body.code() == 200) {
                return body;
            }
            try (body) {
                throw refused(body.code(), body.readNBytes(64 * 1024));
            }
        } catch (IOException broken) {
            close(channel, broken);
            throw broken(broken);
        }
    }

    private static HttpBody send(String target, SocketChannel channel) throws IOException {
        try {
            OutputStream out = Channels.newOutputStream(channel);
            out.write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException closed) {
            // A daemon with too many connections responds before it reads, and closes the connection.
            try {
                return HttpBody.read(Channels.newInputStream(channel));
            } catch (IOException withoutResponse) {
                closed.addSuppressed(withoutResponse);
                throw closed;
            }
        }
        return HttpBody.read(Channels.newInputStream(channel));
    }

    /**
     * Requests a path and returns the whole body of the response.
     *
     * @param limit how long that may take
     * @throws ClientException as {@link #get(String)}, and if the response is not complete in time
     */
    public byte[] get(String target, Duration limit) throws ClientException {
        SocketChannel channel = connect();
        AtomicBoolean late = new AtomicBoolean();
        // A blocking read from a Unix socket has no timeout; closing the channel ends it.
        Thread timer = Thread.ofPlatform().daemon().name("timeout").start(() -> {
            try {
                Thread.sleep(limit);
                late.set(true);
                channel.close();
            } catch (InterruptedException _) {
                // the response is complete
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (InputStream body = get(target, channel)) {
            return body.readAllBytes();
        } catch (ClientException | IOException e) {
            if (late.get()) {
                throw new ClientException(
                        "jubelet did not respond on " + socket + " within " + limit.toSeconds()
                                + " s; see journalctl -u jubelet",
                        e);
            }
            throw e instanceof ClientException known ? known : broken(e);
        } finally {
            timer.interrupt();
        }
    }

    /** The exception for a connection that broke before the response was complete. */
    public ClientException broken(Exception e) {
        return new ClientException(
                "jubelet did not respond on " + socket + ": " + e.getMessage() + "; see journalctl -u jubelet", e);
    }

    /** The longest target that can hold a command, encoded. */
    public static final int MAX_TARGET = LongLines.MAX_LINE - "GET  HTTP/1.1".length();

    /**
     * Returns a target with a command.
     *
     * @throws ClientException if it is longer than the daemon accepts
     */
    public static String command(String target) throws ClientException {
        if (target.length() > MAX_TARGET) {
            throw new ClientException(
                    "the command is too long: it has " + target.length() + " bytes as a request, and " + MAX_TARGET
                            + " are possible; copy it into the container as a file (jubelet cp), and run that",
                    null);
        }
        return target;
    }

    /** Encodes one segment of a path, or one value of a query. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * Opens a connection, for a request that the caller writes.
     *
     * @throws ClientException if there is no daemon, or this user must not connect
     */
    public SocketChannel connect() throws ClientException {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException failed) {
            close(channel, failed);
            throw new ClientException(explain(failed), failed);
        }
    }

    private String explain(IOException failed) {
        try {
            if (!Files.isWritable(socket)) {
                return denied(socket);
            }
        } catch (AccessDeniedException _) {
            return "permission denied for " + socket + ": run as root, or get access to " + socket.getParent();
        } catch (IOException _) {
            return "jubelet is not running: there is no socket " + socket
                    + "; see systemctl status jubelet, or name another socket with --api-socket";
        }
        return "jubelet is not running: nothing listens on " + socket + " (" + failed.getMessage()
                + "); see systemctl status jubelet";
    }

    /**
     * Says how to get access to a socket. Names the group that has it, but never that of root: its members can read much more
     * than this socket.
     */
    static String denied(Path socket) throws IOException {
        PosixFileAttributes file = Files.readAttributes(socket, PosixFileAttributes.class);
        String group = file.group().getName();
        String denied = "permission denied for " + socket + ": run as root";
        return file.permissions().contains(PosixFilePermission.GROUP_WRITE) && !group.equals("root")
                ? denied + ", or join group " + group + " (sudo adduser USER " + group + ", then log in again)"
                : denied + ". Members of group " + ApiServer.GROUP
                        + " get access when that group exists (sudo groupadd --system " + ApiServer.GROUP
                        + ") and the daemon was restarted";
    }

    /** The exception for a response that is not the one that was expected, with the message of its body. */
    public static ClientException refused(int code, byte[] body) {
        return new ClientException(message(code, body), code);
    }

    private static String message(int code, byte[] text) {
        try (JsonParser in = new JsonFactory().createParser(text)) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                boolean message = in.currentName().equals("message");
                in.nextToken();
                if (message) {
                    return in.getValueAsString("");
                }
                in.skipChildren();
            }
        } catch (IOException _) {
            // The body is not a v1 Status; report it as it is.
        }
        return "jubelet responded with status " + code + ": " + new String(text, StandardCharsets.UTF_8).strip();
    }

    private static void close(@Nullable SocketChannel channel, Exception reason) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException alsoFailed) {
                reason.addSuppressed(alsoFailed);
            }
        }
    }
}
