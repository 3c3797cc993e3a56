/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A server on loopback that answers each connection with the next of its texts, and keeps what it was asked. */
public final class ScriptedServer implements AutoCloseable {

    /** In an answer: wait until the server is closed. */
    public static final char HANG = '\u0001';

    public final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final ServerSocket socket;
    private final CountDownLatch closed = new CountDownLatch(1);

    public ScriptedServer(String... answers) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answers);
    }

    ScriptedServer(ServerSocket socket, String... answers) {
        this.socket = socket;
        Thread.startVirtualThread(() -> {
            for (int i = 0; ; i++) {
                try {
                    Socket connection = socket.accept();
                    String response = answers[Math.min(i, answers.length - 1)];
                    Thread.startVirtualThread(() -> serve(connection, response));
                } catch (IOException _) {
                    return;
                }
            }
        });
    }

    public int port() {
        return socket.getLocalPort();
    }

    private void serve(Socket connection, String response) {
        try (connection) {
            asked.add(head(connection.getInputStream()));
            OutputStream out = connection.getOutputStream();
            for (char c : response.toCharArray()) {
                if (c == HANG) {
                    out.flush();
                    closed.await();
                    return;
                }
                out.write(c);
            }
            out.flush();
        } catch (IOException _) {
            // the client went away
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (head.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return new String(head.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        socket.close();
    }
}
