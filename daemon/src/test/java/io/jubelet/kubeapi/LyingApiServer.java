/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;

/**
 * Says that it is a ready API server, and answers every other request as the test says: with any bytes, whether or not they
 * are HTTP, and for as long as the client reads.
 */
final class LyingApiServer implements AutoCloseable {

    /** Writes a response, and may go on until the client closes the connection. */
    @FunctionalInterface
    interface Response {
        void write(OutputStream out) throws IOException;
    }

    private final ServerSocket socket;
    private final Map<String, Response> responses = new ConcurrentHashMap<>();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong sent = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Response otherwise = answer(404, "", "{}");

    LyingApiServer() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        respond("/readyz", answer(200, "", "ok"));
        Thread.startVirtualThread(this::accept);
    }

    /** Answers requests so whose method and path begin so; the longest beginning counts. */
    LyingApiServer respond(String beginning, Response response) {
        responses.put(beginning, response);
        return this;
    }

    LyingApiServer otherwise(Response response) {
        otherwise = response;
        return this;
    }

    /** A complete response, after which the connection is closed. */
    static Response answer(int code, String headers, String body) {
        return raw("HTTP/1.1 " + code + " X\r\nConnection: close\r\n" + headers + "Content-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
    }

    static Response raw(String text) {
        return out -> out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A beginning, and then the same piece without end. */
    static Response endless(String beginning, String piece) {
        byte[] pieces = piece.repeat(Math.max(1, 65536 / piece.length())).getBytes(StandardCharsets.UTF_8);
        return out -> {
            out.write(beginning.getBytes(StandardCharsets.UTF_8));
            while (true) {
                out.write(pieces);
            }
        };
    }

    /** A response that stops in its middle, and keeps the connection open. */
    Response stalled(String text) {
        return out -> {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    ClientConfigProvider client() {
        URI uri = URI.create("http://127.0.0.1:" + socket.getLocalPort());
        return new ClientConfigProvider() {
            @Override
            public ClientConfig current() {
                try {
                    return new ClientConfig(
                            uri, SSLContext.getDefault(), Optional.empty(), Optional.empty(), Optional.empty());
                } catch (NoSuchAlgorithmException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void unauthorized(ClientConfig config) {
                // There are no other credentials.
            }

            @Override
            public String authenticationProblem() {
                return "";
            }
        };
    }

    /** The requests so far, with their headers, that begin so. */
    List<String> requests(String beginning) {
        synchronized (requests) {
            return requests.stream()
                    .filter(request -> request.startsWith(beginning))
                    .toList();
        }
    }

    /** How many bytes the clients let it send, except for what the kernel holds. */
    long sent() {
        return sent.get();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                Thread.startVirtualThread(() -> serve(connection));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket connection) {
        try (connection) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder request = new StringBuilder();
            int length = 0;
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                request.append(line).append('\n');
                if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                    length = Integer.parseInt(line.substring(15).strip());
                }
            }
            in.skip(length);
            requests.add(request.toString());
            OutputStream out = connection.getOutputStream();
            response(request.toString()).write(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                    sent.incrementAndGet();
                }

                @Override
                public void write(byte[] bytes, int from, int count) throws IOException {
                    out.write(bytes, from, count);
                    sent.addAndGet(count);
                }

                @Override
                public void flush() throws IOException {
                    out.flush();
                }
            });
            out.flush();
        } catch (IOException _) {
            // the client went away
        }
    }

    private Response response(String request) {
        String path = request.substring(request.indexOf(' ') + 1);
        return responses.entrySet().stream()
                .filter(entry -> path.startsWith(entry.getKey()) || request.startsWith(entry.getKey()))
                .max(Map.Entry.comparingByKey((a, b) -> Integer.compare(a.length(), b.length())))
                .map(Map.Entry::getValue)
                .orElse(otherwise);
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        socket.close();
    }
}
