/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static io.jubelet.cri.http2.ScriptedServer.ints;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Tests that a server that violates HTTP/2 ends the connection. */
class Http2ViolationTest extends ScriptedConversation {
    /** Whether an earlier step has left a connection. */
    private boolean connected;

    /**
     * Expects that the call ends as unavailable, the server receives the error, and the next call
     * connects again.
     */
    private void violates(int error, Wrong wrong) throws Exception {
        RecordedCall call = call(HELLO);
        if (!connected) {
            server.accept();
        }
        wrong.on(server, server.request());
        assertEquals(error, server.next(Frames.GOAWAY).number(4));
        GrpcStatus end = call.end();
        assertEquals(Code.UNAVAILABLE, end.code());
        assertTrue(end.message().contains("violates HTTP/2"), end.message());
        assertThrows(
                IOException.class,
                () -> server.next(Frames.HEADERS)); // end of the stream, or a reset because of unread bytes
        RecordedCall again = call(HELLO);
        server.accept().answer(server.request(), HELLO);
        connected = true;
        assertEquals(Code.OK, again.code());
        assertArrayEquals(HELLO, again.messages.take());
    }

    @Test
    void rejectsFramesOfWrongLength() throws Exception {
        violates(6, (s, _) -> s.send(Frames.SETTINGS, 0, 0, new byte[5]));
        violates(6, (s, _) -> s.send(Frames.SETTINGS, Frames.ACK, 0, new byte[6]));
        violates(6, (s, _) -> s.send(Frames.PING, 0, 0, new byte[7]));
        violates(6, (s, _) -> s.send(Frames.GOAWAY, 0, 0, new byte[7]));
        violates(6, (s, id) -> s.send(Frames.RST_STREAM, 0, id, new byte[3]));
        violates(6, (s, id) -> s.send(Frames.WINDOW_UPDATE, 0, id, new byte[5]));
        violates(6, (s, id) -> s.send(Frames.DATA, 0, id, new byte[Frames.DEFAULT_FRAME + 1]));
        violates(6, (s, id) -> s.send(Frames.HEADERS, Frames.PRIORITY | Frames.END_HEADERS, id, new byte[4]));
    }

    @Test
    void rejectsPaddingLongerThanItsFrame() throws Exception {
        violates(1, (s, id) -> s.begin(id).send(Frames.DATA, Frames.PADDED, id, new byte[] {5, 0, 0, 0, 0}));
        violates(6, (s, id) -> s.begin(id).send(Frames.DATA, Frames.PADDED, id, new byte[0]));
        violates(1, (s, id) -> s.send(Frames.HEADERS, Frames.PADDED | Frames.END_HEADERS, id, new byte[] {9}));
    }

    @Test
    void rejectsFramesOnWrongStreams() throws Exception {
        violates(1, (s, _) -> s.send(Frames.DATA, 0, 0, HELLO));
        violates(1, (s, _) -> s.begin(0));
        violates(1, (s, _) -> s.reset(0, 8));
        violates(1, (s, id) -> s.send(Frames.SETTINGS, 0, id, new byte[0]));
        violates(1, (s, id) -> s.send(Frames.PING, 0, id, new byte[8]));
        violates(1, (s, id) -> s.send(Frames.GOAWAY, 0, id, new byte[8]));
        violates(1, (s, id) -> s.send(Frames.DATA, 0, id + 2, HELLO));
        violates(1, (s, id) -> s.begin(id + 1));
        violates(1, (s, id) -> s.reset(id + 2, 8));
        violates(1, (s, id) -> s.windowUpdate(id + 2, 1));
        violates(1, (s, id) -> s.send(Frames.PUSH_PROMISE, Frames.END_HEADERS, id, ints(2)));
    }

    @Test
    void rejectsInvalidSettings() throws Exception {
        violates(1, (s, _) -> s.settings(Frames.SETTINGS_ENABLE_PUSH, 1));
        violates(1, (s, _) -> s.settings(Frames.SETTINGS_MAX_FRAME_SIZE, 0));
        violates(1, (s, _) -> s.settings(Frames.SETTINGS_MAX_FRAME_SIZE, 1 << 24));
        violates(3, (s, _) -> s.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, -1));
        violates(
                3,
                (s, id) -> s.windowUpdate(id, Integer.MAX_VALUE - Frames.DEFAULT_WINDOW)
                        .settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, Integer.MAX_VALUE));
    }

    @Test
    void rejectsWindowUpdatesOfZeroOrBeyondTheMaximum() throws Exception {
        violates(1, (s, _) -> s.windowUpdate(0, 0));
        violates(3, (s, _) -> s.windowUpdate(0, Integer.MAX_VALUE));
    }

    @Test
    void rejectsIncompleteHeaders() throws Exception {
        violates(1, (s, id) -> s.send(Frames.CONTINUATION, Frames.END_HEADERS, id, new byte[1]));
        violates(
                1,
                (s, id) -> s.send(Frames.HEADERS, 0, id, new byte[] {ScriptedServer.STATUS_200})
                        .send(Frames.PING, 0, 0, new byte[8]));
        violates(1, (s, id) -> {
            s.send(Frames.HEADERS, 0, id, new byte[Frames.DEFAULT_FRAME]);
            for (int part = 0; part < 5; part++) {
                s.send(Frames.CONTINUATION, 0, id, new byte[Frames.DEFAULT_FRAME]);
            }
        });
        // An index beyond the end of the HPACK table.
        violates(9, (s, id) -> s.send(Frames.HEADERS, Frames.END_HEADERS, id, new byte[] {(byte) 0xff, 0x7f}));
    }

    @Test
    void disconnectsServerThatDoesNotReadResponses() throws Exception {
        RecordedCall call = call(HELLO);
        server.accept().request();
        ByteBuffer pings = ByteBuffer.allocate(17 * 1000);
        for (int i = 0; i < 1000; i++) {
            pings.put(new byte[] {0, 0, 8, Frames.PING, 0, 0, 0, 0, 0}).putLong(i);
        }
        assertThrows(IOException.class, () -> {
            while (true) {
                server.raw(pings.rewind());
            }
        });
        assertTrue(call.end().message().contains("does not read"), call.end().message());
    }

    @Test
    void detectsServerWithoutHttp2() throws Exception {
        RecordedCall call = call(HELLO);
        server.acceptSilently().raw(StandardCharsets.US_ASCII.encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
        assertEquals("the server does not speak HTTP/2", call.end().message());
        assertEquals(Code.UNAVAILABLE, call.code());
        RecordedCall other = call(HELLO);
        server.acceptSilently().send(Frames.SETTINGS, Frames.ACK, 0, new byte[0]);
        assertEquals("the server does not speak HTTP/2", other.end().message());
    }
}
