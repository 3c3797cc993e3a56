/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static io.jubelet.cri.http2.ScriptedServer.header;
import static io.jubelet.cri.http2.ScriptedServer.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import io.jubelet.cri.http2.ScriptedServer.Frame;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tests responses that end one call or none, and leave the connection open. */
class Http2CallTest extends ScriptedConversation {
    /**
     * Expects that the call ends and the connection stays usable; returns the status of the call.
     */
    private GrpcStatus endsAlone(Wrong wrong) throws Exception {
        RecordedCall call = call(HELLO);
        int id = server.request();
        wrong.on(server, id);
        GrpcStatus end = call.end();
        RecordedCall next = call(HELLO);
        server.answer(server.request(), HELLO);
        assertEquals(Code.OK, next.code());
        return end;
    }

    @Test
    void endsOnlyTheCallWithAnInvalidResponse() throws Exception {
        client.connect();
        server.accept();
        byte[] ok = {ScriptedServer.STATUS_200};
        GrpcStatus end = endsAlone((s, id) -> s.windowUpdate(id, 0));
        assertEquals(Code.INTERNAL, end.code());
        assertEquals(
                Code.INTERNAL,
                endsAlone((s, id) -> s.windowUpdate(id, Integer.MAX_VALUE)).code());
        assertEquals(Code.INTERNAL, endsAlone((s, id) -> s.message(id, HELLO)).code());
        assertEquals(
                Code.INTERNAL,
                endsAlone((s, id) -> s.send(Frames.HEADERS, Frames.END_HEADERS, id, header("a", "b")))
                        .code());
        end = endsAlone((s, id) ->
                s.send(Frames.HEADERS, Frames.END_HEADERS, id, join(ok, header("content-type", "text/html"))));
        assertEquals(Code.UNKNOWN, end.code());
        assertTrue(end.message().contains("text/html"), end.message());
        // 404 in the static table
        assertEquals(
                Code.UNIMPLEMENTED,
                endsAlone((s, id) -> s.send(Frames.HEADERS, LAST_HEADERS, id, new byte[] {(byte) 0x8d}))
                        .code());
        end = endsAlone((s, id) -> s.begin(id).send(Frames.DATA, Frames.END_STREAM, id, new byte[0]));
        assertEquals(new GrpcStatus(Code.UNKNOWN, "the server ended the call without a status"), end);
        end = endsAlone((s, id) -> s.begin(id).send(Frames.HEADERS, LAST_HEADERS, id, header("a", "b")));
        assertEquals(new GrpcStatus(Code.UNKNOWN, "the server ended the call without a status"), end);
        end = endsAlone((s, id) -> s.begin(id)
                .send(Frames.DATA, 0, id, new byte[] {0, 0, 0, 0, 9, 1})
                .trailers(id, 0));
        assertEquals(new GrpcStatus(Code.INTERNAL, "the server ended the call within a message"), end);
        assertEquals(Code.CANCELLED, endsAlone((s, id) -> s.reset(id, 8)).code());
        assertEquals(
                Code.UNAVAILABLE, endsAlone((s, id) -> s.begin(id).reset(id, 7)).code());
        assertEquals(
                Code.NOT_FOUND,
                endsAlone((s, id) -> s.begin(id).trailers(id, 5).reset(id, 0)).code());
    }

    @Test
    void endsOnlyTheCallWithTooLongHeaders() throws Exception {
        client.connect();
        server.accept();
        // One entry of 4,000 bytes, referenced twenty times, so that few bytes decode to many.
        byte[] value = new byte[4000];
        byte[] entry = join(new byte[] {0x40, 1, 'a', 0x7f, (byte) ((3873 & 0x7f) | 0x80), 3873 >> 7}, value);
        byte[] many = new byte[20];
        Arrays.fill(many, (byte) (0x80 | 62));
        GrpcStatus end = endsAlone((s, id) -> s.send(Frames.HEADERS, Frames.END_HEADERS, id, join(entry, many)));
        assertEquals(Code.INTERNAL, end.code());
        assertTrue(end.message().contains("violates HTTP/2"), end.message());
    }

    @Test
    void acceptsUnusualValidFrames() throws Exception {
        RecordedCall call = call(HELLO);
        server.accept();
        int id = server.request();
        server.send(77, 0xff, id, HELLO); // a frame of an unknown type
        server.send(2, 0, 99, new byte[5]); // a PRIORITY frame of an unknown stream
        server.settings(0x99, 1);
        server.send(Frames.HEADERS, Frames.END_HEADERS, id, join(new byte[] {8, 3}, new byte[] {'1', '0', '3'}));
        byte[] headers = ScriptedServer.answerHeaders();
        byte[] first = join(new byte[] {2}, new byte[5], new byte[] {headers[0]}, new byte[2]);
        server.send(Frames.HEADERS, Frames.PADDED | Frames.PRIORITY, id, first);
        for (int i = 1; i < headers.length; i++) {
            server.send(
                    Frames.CONTINUATION, i == headers.length - 1 ? Frames.END_HEADERS : 0, id, new byte[] {headers[i]});
        }
        server.send(Frames.DATA, Frames.PADDED, id, join(new byte[] {3}, Request.framed(HELLO), new byte[3]));
        server.trailers(id, 0);
        assertEquals(Code.OK, call.code());
        assertArrayEquals(HELLO, call.messages.take());
        assertEquals(0, call.messages.size());
        // Late frames of a call that has ended do not end others.
        server.message(id, HELLO).windowUpdate(id, 1).reset(id, 0).trailers(id, 0);
        server.send(Frames.PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        Frame pong = server.next(Frames.PING);
        assertTrue(pong.has(Frames.ACK));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, pong.payload());
    }

    @Test
    void resetsRequestThatTheServerDoesNotRead() throws Exception {
        RecordedCall call = call(new byte[100_000]);
        server.accept();
        int id = server.next(Frames.HEADERS).stream();
        server.send(Frames.HEADERS, LAST_HEADERS, id, join(ScriptedServer.answerHeaders(), header("grpc-status", "8")));
        assertEquals(Code.RESOURCE_EXHAUSTED, call.code());
        Frame reset = server.next(Frames.RST_STREAM);
        assertEquals(id, reset.stream());
        assertEquals(Frames.CANCEL, reset.number(0));
    }
}
