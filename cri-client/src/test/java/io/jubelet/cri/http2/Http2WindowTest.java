/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import io.jubelet.cri.http2.ScriptedServer.Frame;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tests flow control in both directions, and the limit of concurrent streams. */
class Http2WindowTest extends ScriptedConversation {
    @Test
    void respectsLimitOfConcurrentStreams() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_MAX_CONCURRENT_STREAMS, 1);
        server.next(Frames.SETTINGS); // acknowledged
        RecordedCall first = call(HELLO);
        assertEquals(1, server.request());
        RecordedCall second = call(HELLO);
        RecordedCall third = new RecordedCall();
        GrpcCall givenUp = call(third, HELLO, false);
        givenUp.cancel();
        assertEquals(Code.CANCELLED, third.code());
        RecordedCall fourth = call(HELLO);
        server.answer(1, HELLO);
        assertEquals(Code.OK, first.code());
        Frame next = server.frame();
        assertEquals(Frames.HEADERS, next.type());
        assertEquals(3, next.stream());
        assertEquals(Frames.DATA, server.frame().type());
        server.settings(Frames.SETTINGS_MAX_CONCURRENT_STREAMS, 0).answer(3, HELLO);
        assertEquals(Code.OK, second.code());
        server.next(Frames.SETTINGS);
        assertFalse(fourth.hasEnded());
        server.settings(Frames.SETTINGS_MAX_CONCURRENT_STREAMS, 5);
        assertEquals(5, server.request());
        server.answer(5, HELLO);
        assertEquals(Code.OK, fourth.code());
    }

    @Test
    void startsAtMostHundredCallsBeforeSettings() throws Exception {
        for (int i = 0; i < 150; i++) {
            call(HELLO);
        }
        server.acceptSilently();
        for (int i = 0; i < 100; i++) {
            assertEquals(1 + 2 * i, server.request());
        }
        server.settings();
        assertEquals(Frames.SETTINGS, server.frame().type());
        for (int i = 100; i < 150; i++) {
            assertEquals(1 + 2 * i, server.request());
        }
    }

    @Test
    void respectsNegativeWindows() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1000);
        server.next(Frames.SETTINGS);
        call(new byte[2000 - MessageDeframer.PREFIX]);
        assertEquals(1000, server.next(Frames.DATA).payload().length);
        server.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 400); // the window is -600
        server.windowUpdate(1, 600); // the window is 0
        server.windowUpdate(1, 1);
        assertEquals(Frames.SETTINGS, server.frame().type());
        assertEquals(1, server.frame().payload().length);
        server.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 410);
        assertEquals(Frames.SETTINGS, server.frame().type());
        assertEquals(10, server.frame().payload().length);
        server.windowUpdate(1, 5000);
        Frame rest = server.frame();
        assertEquals(989, rest.payload().length);
        assertTrue(rest.has(Frames.END_STREAM));
    }

    @Test
    void respectsWindowOfConnection() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20);
        server.next(Frames.SETTINGS);
        RecordedCall big = call(new byte[100_000]);
        int got = 0;
        while (got < Frames.DEFAULT_WINDOW) {
            got += server.next(Frames.DATA).payload().length;
        }
        assertEquals(Frames.DEFAULT_WINDOW, got);
        RecordedCall small = call(HELLO);
        assertEquals(3, server.frame().stream());
        server.windowUpdate(1, 1000); // no effect while the window of the connection is 0
        server.send(Frames.PING, 0, 0, new byte[8]);
        assertEquals(Frames.PING, server.frame().type());
        server.windowUpdate(0, 1 << 20);
        int open = 2;
        while (open > 0) {
            Frame data = server.frame();
            assertEquals(Frames.DATA, data.type());
            got += data.payload().length;
            open -= data.has(Frames.END_STREAM) ? 1 : 0;
        }
        assertEquals(100_000 + HELLO.length + 2 * MessageDeframer.PREFIX, got);
        server.answer(1, HELLO).answer(3, HELLO);
        assertEquals(Code.OK, big.code());
        assertEquals(Code.OK, small.code());
    }

    // --- The windows of the client

    @Test
    void resetsStreamThatExceedsItsWindow() throws Exception {
        RecordedCall call = new RecordedCall();
        call(call, HELLO, true);
        server.accept();
        int id = server.request();
        server.begin(id);
        byte[] message = new byte[Frames.DEFAULT_FRAME - MessageDeframer.PREFIX];
        for (int sent = 0; sent < Http2Connection.WINDOW; sent += Frames.DEFAULT_FRAME) {
            server.message(id, message);
        }
        for (int i = 0; i < Http2Connection.WINDOW / Frames.DEFAULT_FRAME; i++) {
            call.messages.take();
        }
        assertFalse(call.hasEnded());
        server.message(id, new byte[0]);
        assertEquals(Code.INTERNAL, call.code());
        assertEquals(Frames.FLOW_CONTROL_ERROR, server.next(Frames.RST_STREAM).number(0));
    }

    @Test
    void enlargesWindowForLargeMessage() throws Exception {
        RecordedCall call = new RecordedCall();
        GrpcCall stream = call(call, HELLO, true);
        server.accept();
        int id = server.request();
        server.begin(id);
        byte[] framed = Request.framed(new byte[3 * Http2Connection.WINDOW]);
        int window = send(id, framed, Http2Connection.WINDOW);
        int got = call.messages.take().length;
        assertEquals(3 * Http2Connection.WINDOW, got);
        assertEquals(0, window, "no more than the message was lent");
        stream.consumed(got);
        Frame update = server.next(Frames.WINDOW_UPDATE);
        while (update.stream() != id) {
            update = server.next(Frames.WINDOW_UPDATE);
        }
        assertEquals(Http2Connection.WINDOW, update.number(0), "what was lent is paid back first");
    }

    @Test
    void updatesWindowWhenMessageNeedsIt() throws Exception {
        RecordedCall call = new RecordedCall();
        GrpcCall stream = call(call, HELLO, true);
        server.accept();
        int id = server.request();
        server.begin(id);
        // Less than half of the window, so that it is not returned automatically.
        byte[] first = Request.framed(new byte[Http2Connection.WINDOW / 3]);
        int window = Http2Connection.WINDOW;
        window = send(id, first, window);
        stream.consumed(call.messages.take().length);
        // More than the rest of the window, and less than all of it.
        byte[] second = Request.framed(new byte[Http2Connection.WINDOW / 10 * 9]);
        send(id, second, window);
        assertEquals(second.length - MessageDeframer.PREFIX, call.messages.take().length);
        assertFalse(call.hasEnded());
    }

    /** Sends a message within the window; returns the rest of the window. */
    private int send(int id, byte[] framed, int from) throws Exception {
        int window = from;
        int sent = 0;
        while (sent < framed.length) {
            while (window == 0) {
                Frame update = server.next(Frames.WINDOW_UPDATE);
                window += update.stream() == id ? update.number(0) : 0;
            }
            int bytes = Math.min(Math.min(window, Frames.DEFAULT_FRAME), framed.length - sent);
            server.send(Frames.DATA, 0, id, Arrays.copyOfRange(framed, sent, sent + bytes));
            sent += bytes;
            window -= bytes;
        }
        return window;
    }
}
