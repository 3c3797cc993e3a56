/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.SocketFactory;

/**
 * An API server whose clock is wrong, as far as the times of its answers tell. It ends TLS, with a certificate of the cluster,
 * and does not pass on those of clients: they need a token.
 */
final class SkewedApiServer implements AutoCloseable {

    /** As Go writes it, in one piece with the rest of the head; of one length, so that another one fits in. */
    private static final Pattern DATE = Pattern.compile("(?<=\r\nDate: )[A-Z][^\r\n]{24} GMT(?=\r\n)");

    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private final int target;
    private final SocketFactory toServer;
    private final ServerSocket listener;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private volatile Duration ahead = Duration.ZERO;

    SkewedApiServer(ClusterUnderTest cluster) throws IOException {
        this.target = cluster.apiServer().port();
        var ca = cluster.authority().own().certificate();
        this.toServer = ApiClient.tls(ca, null).getSocketFactory();
        this.listener = ApiClient.tls(ca, cluster.authority().server("skewed-apiserver"))
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("skewed-api-server").start(this::accept);
    }

    /** The address for a kubeconfig. */
    String url() {
        return "https://127.0.0.1:" + listener.getLocalPort();
    }

    /** From now on its clock is so far ahead, or behind. */
    void ahead(Duration time) {
        ahead = time;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = toServer.createSocket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().name("skewed-questions").start(() -> pass(client, server, false));
                Thread.ofVirtual().name("skewed-answers").start(() -> pass(server, client, true));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] piece = new byte[32 * 1024];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                out.write(answers ? skewed(piece, n) : Arrays.copyOf(piece, n));
            }
        } catch (IOException e) {
            return; // closed
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    /** A piece of an answer, which may have the head of one in it. */
    private byte[] skewed(byte[] piece, int length) {
        Matcher date = DATE.matcher(new String(piece, 0, length, StandardCharsets.ISO_8859_1));
        return date.replaceAll(found -> ZonedDateTime.parse(found.group(), DateTimeFormatter.RFC_1123_DATE_TIME)
                        .plus(ahead)
                        .format(FORM))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket = open.poll(); socket != null; socket = open.poll()) {
            socket.close();
        }
    }
}
