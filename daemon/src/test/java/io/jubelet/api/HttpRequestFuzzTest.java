/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.fuzz.FuzzTarget;
import io.jubelet.fuzz.FuzzTargetTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a client sends to the servers, whose connections share their code. */
class HttpRequestFuzzTest extends FuzzTargetTest {

    HttpRequestFuzzTest() {
        super("http-request", Target.class);
    }

    static final class Target implements FuzzTarget {

        /** How long to wait for the response to a complete request, which comes at once. */
        private static final int RESPONSE_MILLIS = 100;

        /** After this time without more, what came is taken for the whole response. */
        private static final int SILENCE_MILLIS = 1;

        /** By then a connection has ended whose client has ended it. */
        private static final int END_MILLIS = 20_000;

        private static final int CHECK_EACH = 50;

        private final Path directory = Files.createTempDirectory("fuzz");
        private final Path socket = directory.resolve("run/jubelet.sock");
        private final ApiServer server = new ApiServer(
                socket,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(30),
                StatusStores.sample(),
                StatusStores.NODE,
                Optional::empty,
                new Sources(
                        _ -> List.of(),
                        (_, _, out) -> out.write("line\n".getBytes(StandardCharsets.UTF_8)),
                        ClusterSource.NONE,
                        Optional::empty));
        private int runs;

        Target() throws IOException {
            server.bind();
            server.start();
        }

        @Override
        public void run(byte[] input) throws Exception {
            String response = exchange(input);
            if (!response.isEmpty() && !response.startsWith("HTTP/1.1 ")) {
                throw new AssertionError("no HTTP response: " + response);
            }
            if (response.contains("internal error")) {
                throw new AssertionError(response);
            }
            if (++runs % CHECK_EACH == 0) {
                String health = exchange("GET /healthz HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                if (!health.startsWith("HTTP/1.1 200 ")) {
                    throw new AssertionError("the server does not serve others any more: " + health);
                }
            }
        }

        private String exchange(byte[] input) throws IOException {
            ByteArrayOutputStream response = new ByteArrayOutputStream();
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                    Selector selector = Selector.open()) {
                ByteBuffer bytes = ByteBuffer.wrap(input);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ);
                String text = new String(input, StandardCharsets.ISO_8859_1);
                boolean complete = text.contains("\n\r\n") || text.contains("\n\n");
                boolean open = read(channel, selector, complete ? RESPONSE_MILLIS : SILENCE_MILLIS, response);
                while (open && selector.select(SILENCE_MILLIS) > 0) {
                    open = read(channel, selector, SILENCE_MILLIS, response);
                }
                if (open) {
                    channel.shutdownOutput();
                }
                while (open) {
                    int before = response.size();
                    open = read(channel, selector, END_MILLIS, response);
                    if (open && response.size() == before) {
                        throw new AssertionError("the server keeps a connection that its client has ended");
                    }
                }
            } catch (IOException _) {
                // The server closed the connection before it had read everything.
            }
            return response.toString(StandardCharsets.UTF_8);
        }

        /** Reads what comes within a time; returns whether the connection is still open. */
        private static boolean read(
                SocketChannel channel, Selector selector, int millis, ByteArrayOutputStream response)
                throws IOException {
            selector.select(millis);
            selector.selectedKeys().clear();
            ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
            int count = channel.read(buffer);
            if (count > 0) {
                response.write(buffer.array(), 0, count);
            }
            return count >= 0;
        }

        @Override
        public List<byte[]> seeds() {
            return Stream.of(
                            "GET /api/v1/pods HTTP/1.1\r\nHost: x\r\n\r\n",
                            "GET /api/v1/pods?watch=1&limit=5 HTTP/1.1\r\nConnection: close\r\n\r\n",
                            "GET /api/v1/namespaces/default/pods/web HTTP/1.0\r\n\r\n",
                            "GET /containerLogs/default/web/app?tailLines=5&follow=true&sinceSeconds=10&timestamps=true"
                                    + "&limitBytes=100&previous=true&sinceTime=2026-01-01T00%3A00%3A00Z HTTP/1.1\r\n\r\n",
                            "GET /jubelet/v1/pods/default/web/describe HTTP/1.1\r\n\r\n",
                            "GET /jubelet/v1/manifests HTTP/1.1\r\n\r\nGET /jubelet/v1/events HTTP/1.1\r\n\r\n",
                            "POST /version HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                            "POST /version HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
                            "GET /healthz HTTP/1.1\r\nExpect: 100-continue\r\nUpgrade: h2c\r\n\r\n")
                    .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                    .toList();
        }

        @Override
        public void close() throws IOException {
            server.close();
            Files.deleteIfExists(directory.resolve("run"));
            Files.delete(directory);
        }
    }
}
