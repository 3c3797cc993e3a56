/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests how a connection and its calls end: by the server, by the client, and by a timeout. */
class Http2ConnectionTest extends ScriptedConversation {
    @Test
    void completesProcessedCallsAfterGoAway() throws Exception {
        RecordedCall heard = call(HELLO);
        RecordedCall late = call(HELLO);
        server.accept();
        server.request();
        server.request();
        server.goAway(Integer.MAX_VALUE, 0);
        server.goAway(1, 0);
        assertEquals(new GrpcStatus(Code.UNAVAILABLE, "the server is going away"), late.end());
        assertFalse(heard.hasEnded());
        server.answer(1, HELLO);
        assertEquals(Code.OK, heard.code());
        assertThrows(IOException.class, () -> server.next(Frames.HEADERS));
    }

    @Test
    void endsCallsWhenServerDies() throws Exception {
        RecordedCall call = call(HELLO);
        server.accept().request();
        server.hangUp();
        assertEquals(Code.UNAVAILABLE, call.code());
    }

    @Test
    void endsCallsInFlightAndLaterOnesWhenClosed() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_MAX_CONCURRENT_STREAMS, 1);
        server.next(Frames.SETTINGS);
        RecordedCall begun = call(HELLO);
        server.request();
        RecordedCall waiting = call(HELLO);
        client.close();
        assertEquals(new GrpcStatus(Code.UNAVAILABLE, "the client was closed"), begun.end());
        assertEquals(Code.UNAVAILABLE, waiting.code());
        RecordedCall after = new RecordedCall();
        GrpcCall stream = call(after, HELLO, true);
        assertEquals(begun.end(), after.end());
        io.close();
        stream.cancel();
        stream.consumed(1);
        assertEquals(0, after.messages.size(), "ended once");
    }

    @Test
    void endsCallsAfterTheThreadEnded() throws Exception {
        RecordedCall under = new RecordedCall();
        GrpcCall stream = call(under, HELLO, true);
        server.accept().request();
        client.close();
        io.close();
        assertEquals(Code.UNAVAILABLE, under.code());
        assertTrue(io.eventLoop().awaitTermination(60, TimeUnit.SECONDS));
        stream.cancel();
        stream.consumed(1);
        RecordedCall after = call(HELLO);
        assertEquals(Code.UNAVAILABLE, after.code());
    }

    @Test
    void doesNotConnectAfterTheThreadIsClosed() throws Exception {
        io.close();
        client.connect();
        assertEquals(
                new GrpcStatus(Code.UNAVAILABLE, "the client was closed"),
                call(HELLO).end());
    }

    @Test
    void resetsStreamOfCancelledCall() throws Exception {
        RecordedCall call = new RecordedCall();
        GrpcCall stream = call(call, HELLO, false);
        server.accept().begin(server.request());
        call.awaitBegin();
        stream.cancel();
        stream.cancel();
        assertEquals(Code.CANCELLED, call.code());
        assertEquals(Frames.CANCEL, server.next(Frames.RST_STREAM).number(0));
        RecordedCall next = call(HELLO);
        assertEquals(Frames.HEADERS, server.frame().type()); // and no second reset
        server.next(Frames.DATA);
        server.answer(3, HELLO);
        assertEquals(Code.OK, next.code());
    }

    @Test
    void timesOutOnSilentServer() throws Exception {
        Request request = new Request("/s/M", HELLO, Optional.of(Duration.ofMillis(50)), Map.of(), false, ANY);
        UnaryCall.Outcome outcome = UnaryCall.execute(client, request);
        assertEquals(new GrpcStatus(Code.DEADLINE_EXCEEDED, "no response within 0.05 s"), outcome.status());
        // The connection is still established; the request of the cancelled call is not sent, or is
        // reset.
        call(HELLO);
        server.accept();
        assertTrue(server.request() > 0);
    }

    @Test
    void reportsResetAfterTimeoutAsDeadlineExceeded() throws Exception {
        Duration timeout = Duration.ofNanos(1); // over when the server has the request
        RecordedCall call = new RecordedCall();
        client.start(new Request("/s/M", HELLO, Optional.of(timeout), Map.of(), false, ANY), call);
        server.accept();
        int id = server.request();
        server.reset(id, Frames.CANCEL);
        assertEquals(GrpcStatus.deadlineExceeded(timeout), call.end());
        RecordedCall other = call(HELLO);
        server.reset(server.request(), Frames.CANCEL);
        assertEquals(Code.CANCELLED, other.code());
    }
}
