/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A client, and a server that sends the frames that a test requires. */
@Timeout(120)
abstract class ScriptedConversation {

    static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    static final MessageLimit ANY = MessageLimit.ofMessage(16 << 20);
    static final int LAST_HEADERS = Frames.END_HEADERS | Frames.END_STREAM;

    @TempDir
    Path directory;

    final IoThread io = new IoThread("test-io");
    ScriptedServer server;
    GrpcClient client;

    @BeforeEach
    final void listen() throws Exception {
        Path socket = directory.resolve("server.sock");
        server = new ScriptedServer(socket);
        client = new GrpcClient(
                io, UnixDomainSocketAddress.of(socket), "localhost", "test", ConnectionLimits.ONE_CONNECTION);
    }

    @AfterEach
    final void close() throws Exception {
        client.close();
        io.close();
        server.close();
    }

    /** An action of the server on a stream or on the whole connection. */
    interface Wrong {
        void on(ScriptedServer server, int stream) throws Exception;
    }

    final GrpcCall call(RecordedCall call, byte[] message, boolean manualFlowControl) {
        return client.start(new Request("/s/M", message, Optional.empty(), Map.of(), manualFlowControl, ANY), call);
    }

    final RecordedCall call(byte[] message) {
        RecordedCall call = new RecordedCall();
        call(call, message, false);
        return call;
    }
}
