/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import java.io.ByteArrayOutputStream;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the limit of headers, with a client of servers that are not trusted. */
class ConnectionLimitsTest extends ScriptedConversation {

    /** HPACK counts this for each header in addition to its name and value. */
    private static final int OVERHEAD = 32;

    /** Headers of a response, of a size as HPACK counts. */
    private static byte[] headers(int size) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ScriptedServer.answerHeaders());
        int left = size
                - (":status".length() + "200".length() + OVERHEAD)
                - ("content-type".length() + "application/grpc".length() + OVERHEAD);
        while (left > 0) {
            int value = (left < 160 ? left : 100) - "x".length() - OVERHEAD;
            out.writeBytes(ScriptedServer.header("x", "v".repeat(value)));
            left -= "x".length() + value + OVERHEAD;
        }
        return out.toByteArray();
    }

    private RecordedCall answered(GrpcClient client, boolean first, int size) throws Exception {
        RecordedCall call = new RecordedCall();
        client.start(new Request("/s/M", HELLO, Optional.empty(), Map.of(), false, ANY), call);
        if (first) {
            server.accept();
        }
        int id = server.request();
        server.send(Frames.HEADERS, Frames.END_HEADERS, id, headers(size))
                .message(id, HELLO)
                .trailers(id, 0);
        return call;
    }

    @Test
    void limitsHeaders() throws Exception {
        ConnectionLimits limits = ConnectionLimits.MANY_CONNECTIONS;
        try (GrpcClient many = new GrpcClient(
                io, UnixDomainSocketAddress.of(directory.resolve("server.sock")), "localhost", "test", limits)) {
            assertEquals(Code.OK, answered(many, true, limits.maxHeaderBytes()).code());
            RecordedCall call = answered(many, false, limits.maxHeaderBytes() + 1);
            assertEquals(Code.INTERNAL, call.code());
            assertTrue(
                    call.end().message().contains("max allowed size (8192)"),
                    call.end().message());
        }
        assertEquals(
                Code.OK, answered(client, true, limits.maxHeaderBytes() + 1).code());
    }
}
