/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.status.StatusStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server of the local API on a socket of its own. */
abstract class TestApiServer {

    @TempDir
    Path directory;

    final StatusStore board = StatusStores.sample();
    final AtomicReference<Optional<String>> health = new AtomicReference<>(Optional.empty());
    final AtomicReference<Optional<String>> nodeProblem = new AtomicReference<>(Optional.empty());
    final AtomicReference<LogSource> logs = new AtomicReference<>((_, _, _) -> {});
    ApiServer server;
    Path socket;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("run/jubelet.sock");
        server = server(Duration.ofSeconds(20));
        server.bind();
        server.start();
    }

    ApiServer server(Duration timeout) {
        return new ApiServer(
                socket,
                Optional.empty(),
                Optional.empty(),
                timeout,
                board,
                StatusStores.NODE,
                health::get,
                new Sources(
                        _ -> List.of(),
                        (request, live, out) -> logs.get().copy(request, live, out),
                        ClusterSource.NONE,
                        nodeProblem::get));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    LocalClient client() {
        return new LocalClient(socket);
    }

    String get(String target) throws ClientException, IOException {
        try (InputStream in = client().get(target)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    BufferedReader lines(String target) throws ClientException {
        return new BufferedReader(new InputStreamReader(client().get(target), StandardCharsets.UTF_8));
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Sends text and gives everything that comes back until the server closes. */
    String raw(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            try {
                send(channel, request);
            } catch (IOException closedEarly) {
                // The answer may have come before all was sent; it is still to be read.
                assertTrue(request.length() > 8000, closedEarly.toString());
            }
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
