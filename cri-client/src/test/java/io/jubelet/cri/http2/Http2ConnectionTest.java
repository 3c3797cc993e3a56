package io.jubelet.cri.http2;

import static io.jubelet.cri.http2.ScriptedServer.header;
import static io.jubelet.cri.http2.ScriptedServer.ints;
import static io.jubelet.cri.http2.ScriptedServer.join;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.http2.GrpcStatus.Code;
import io.jubelet.cri.http2.ScriptedServer.Frame;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls against a server that keeps to HTTP/2 only as far as each test wants it to. */
@Timeout(60)
class Http2ConnectionTest {
    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.US_ASCII);
    private static final int LAST_HEADERS = Frames.END_HEADERS | Frames.END_STREAM;

    @TempDir
    Path directory;

    private final IoThread io = new IoThread("test-io");
    private ScriptedServer server;
    private GrpcClient client;
    /** Whether a connection is left from before. */
    private boolean connected;

    @BeforeEach
    void listen() throws Exception {
        Path socket = directory.resolve("server.sock");
        server = new ScriptedServer(socket);
        client = new GrpcClient(io, UnixDomainSocketAddress.of(socket), "localhost", "test");
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        io.close();
        server.close();
    }

    private Http2Stream call(RecordedCall call, byte[] message, boolean paced) {
        return client.start(new Request("/s/M", message, Optional.empty(), Map.of(), paced), call);
    }

    private RecordedCall call(byte[] message) {
        RecordedCall call = new RecordedCall();
        call(call, message, false);
        return call;
    }

    // --- What ends the connection

    private interface Wrong {
        void on(ScriptedServer server, int stream) throws Exception;
    }

    /** The call ends as unavailable, the server is told why, and the next call connects anew. */
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
                IOException.class, () -> server.next(Frames.HEADERS)); // at its end, or reset with what it did not read
        RecordedCall again = call(HELLO);
        server.accept().answer(server.request(), HELLO);
        connected = true;
        assertEquals(Code.OK, again.code());
        assertArrayEquals(HELLO, again.messages.take());
    }

    @Test
    void refusesFramesOfWrongLength() throws Exception {
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
    void refusesPaddingLongerThanItsFrame() throws Exception {
        violates(1, (s, id) -> s.begin(id).send(Frames.DATA, Frames.PADDED, id, new byte[] {5, 0, 0, 0, 0}));
        violates(1, (s, id) -> s.begin(id).send(Frames.DATA, Frames.PADDED, id, new byte[0]));
        violates(1, (s, id) -> s.send(Frames.HEADERS, Frames.PADDED | Frames.END_HEADERS, id, new byte[] {9}));
    }

    @Test
    void refusesFramesOnWrongStreams() throws Exception {
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
    void refusesSettingsThatMayNotBe() throws Exception {
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
    void refusesWindowsThatDoNotGrowOrOverflow() throws Exception {
        violates(3, (s, _) -> s.windowUpdate(0, 0));
        violates(3, (s, _) -> s.windowUpdate(0, Integer.MAX_VALUE));
    }

    @Test
    void refusesHeadersThatDoNotEndOrDoNotBegin() throws Exception {
        violates(1, (s, id) -> s.send(Frames.CONTINUATION, Frames.END_HEADERS, id, new byte[1]));
        violates(
                1,
                (s, id) -> s.send(Frames.HEADERS, 0, id, new byte[] {ScriptedServer.STATUS_200})
                        .send(Frames.PING, 0, 0, new byte[8]));
        violates(11, (s, id) -> {
            s.send(Frames.HEADERS, 0, id, new byte[Frames.DEFAULT_FRAME]);
            for (int part = 0; part < 4; part++) {
                s.send(Frames.CONTINUATION, 0, id, new byte[Frames.DEFAULT_FRAME]);
            }
        });
        // An index of a table that has nothing there.
        violates(9, (s, id) -> s.send(Frames.HEADERS, Frames.END_HEADERS, id, new byte[] {(byte) 0xff, 0x7f}));
    }

    @Test
    void givesUpServerThatAsksAndReadsNoAnswers() throws Exception {
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
    void noticesServerThatSpeaksSomethingElse() throws Exception {
        RecordedCall call = call(HELLO);
        server.acceptSilently().raw(StandardCharsets.US_ASCII.encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
        assertEquals("the server does not speak HTTP/2", call.end().message());
        assertEquals(Code.UNAVAILABLE, call.code());
        RecordedCall other = call(HELLO);
        server.acceptSilently().send(Frames.SETTINGS, Frames.ACK, 0, new byte[0]);
        assertEquals("the server does not speak HTTP/2", other.end().message());
    }

    // --- What ends one call, or none

    /** The call ends so, and the connection goes on. */
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
    void endsOneCallForWhatIsWrongWithOneCall() throws Exception {
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
        // 404, of the static table
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
    void endsOneCallForHeadersThatAreTooLong() throws Exception {
        client.connect();
        server.accept();
        // One entry of 4,000 bytes goes into the table, and then stands there twenty times: little that becomes much.
        byte[] value = new byte[4000];
        byte[] entry = join(new byte[] {0x40, 1, 'a', 0x7f, (byte) ((3873 & 0x7f) | 0x80), 3873 >> 7}, value);
        byte[] many = new byte[20];
        Arrays.fill(many, (byte) (0x80 | 62));
        GrpcStatus end = endsAlone((s, id) -> s.send(Frames.HEADERS, Frames.END_HEADERS, id, join(entry, many)));
        assertEquals(Code.INTERNAL, end.code());
        assertTrue(end.message().contains("violates HTTP/2"), end.message());
    }

    @Test
    void takesWhatIsUnusualButRight() throws Exception {
        RecordedCall call = call(HELLO);
        server.accept();
        int id = server.request();
        server.send(77, 0xff, id, HELLO); // of an extension
        server.send(2, 0, 99, new byte[5]); // a priority, of whatever stream
        server.settings(0x99, 1);
        server.send(Frames.HEADERS, Frames.END_HEADERS, id, join(new byte[] {8, 3}, new byte[] {'1', '0', '3'}));
        byte[] headers = ScriptedServer.answerHeaders();
        byte[] first = join(new byte[] {2}, new byte[5], new byte[] {headers[0]}, new byte[2]);
        server.send(Frames.HEADERS, Frames.PADDED | Frames.PRIORITY, id, first);
        for (int i = 1; i < headers.length; i++) {
            server.send(
                    Frames.CONTINUATION, i == headers.length - 1 ? Frames.END_HEADERS : 0, id, new byte[] {headers[i]});
        }
        server.send(Frames.DATA, Frames.PADDED, id, join(new byte[] {3}, Messages.framed(HELLO), new byte[3]));
        server.trailers(id, 0);
        assertEquals(Code.OK, call.code());
        assertArrayEquals(HELLO, call.messages.take());
        assertEquals(0, call.messages.size());
        // Late words on a call that has ended are no reason to end others.
        server.message(id, HELLO).windowUpdate(id, 1).reset(id, 0).trailers(id, 0);
        server.send(Frames.PING, 0, 0, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        Frame pong = server.next(Frames.PING);
        assertTrue(pong.has(Frames.ACK));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, pong.payload());
    }

    @Test
    void resetsRequestThatServerDidNotWaitFor() throws Exception {
        RecordedCall call = call(new byte[100_000]);
        server.accept();
        int id = server.next(Frames.HEADERS).stream();
        server.send(Frames.HEADERS, LAST_HEADERS, id, join(ScriptedServer.answerHeaders(), header("grpc-status", "8")));
        assertEquals(Code.RESOURCE_EXHAUSTED, call.code());
        Frame reset = server.next(Frames.RST_STREAM);
        assertEquals(id, reset.stream());
        assertEquals(Frames.CANCEL, reset.number(0));
    }

    // --- What the server lets us send

    @Test
    void keepsToTheNumberOfCallsThatServerTakes() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_MAX_CONCURRENT_STREAMS, 1);
        server.next(Frames.SETTINGS); // acknowledged
        RecordedCall first = call(HELLO);
        assertEquals(1, server.request());
        RecordedCall second = call(HELLO);
        RecordedCall third = new RecordedCall();
        Http2Stream givenUp = call(third, HELLO, false);
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
    void beginsNoMoreThanHundredCallsUntilServerSaidHowMany() throws Exception {
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
    void keepsToWindowsThatShrinkBelowZero() throws Exception {
        client.connect();
        server.accept(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 1000);
        server.next(Frames.SETTINGS);
        call(new byte[2000 - Messages.PREFIX]);
        assertEquals(1000, server.next(Frames.DATA).payload().length);
        server.settings(Frames.SETTINGS_INITIAL_WINDOW_SIZE, 400); // 600 below zero now
        server.windowUpdate(1, 600); // exactly zero
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
    void keepsToTheWindowOfAllCalls() throws Exception {
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
        server.windowUpdate(1, 1000); // of no use as long as the other is at its end
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
        assertEquals(100_000 + HELLO.length + 2 * Messages.PREFIX, got);
        server.answer(1, HELLO).answer(3, HELLO);
        assertEquals(Code.OK, big.code());
        assertEquals(Code.OK, small.code());
    }

    // --- The end

    @Test
    void letsCallsThatServerHeardEndAfterItsGoodbye() throws Exception {
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
    void endsCallsUnderWayAndLaterOnesWhenClosed() throws Exception {
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
        Http2Stream stream = call(after, HELLO, true);
        assertEquals(begun.end(), after.end());
        io.close();
        stream.cancel();
        stream.consumed(1);
        assertEquals(0, after.messages.size(), "ended once");
    }

    @Test
    void endsCallsAfterTheThreadEnded() throws Exception {
        RecordedCall under = new RecordedCall();
        Http2Stream stream = call(under, HELLO, true);
        server.accept().request();
        client.close();
        io.close();
        assertEquals(Code.UNAVAILABLE, under.code());
        assertTrue(io.eventLoop().awaitTermination(10, TimeUnit.SECONDS));
        stream.cancel();
        stream.consumed(1);
        RecordedCall after = call(HELLO);
        assertEquals(Code.UNAVAILABLE, after.code());
    }

    @Test
    void connectsNoMoreOnceTheThreadIsClosed() throws Exception {
        io.close();
        client.connect();
        assertEquals(
                new GrpcStatus(Code.UNAVAILABLE, "the client was closed"),
                call(HELLO).end());
    }

    @Test
    void cancelsCallOfWhichServerKnows() throws Exception {
        RecordedCall call = new RecordedCall();
        Http2Stream stream = call(call, HELLO, false);
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
    void waitsNoLongerThanItsTimeoutForServerThatSaysNothing() throws Exception {
        Request request = new Request("/s/M", HELLO, Optional.of(Duration.ofMillis(50)), Map.of(), false);
        UnaryCall.Outcome outcome = UnaryCall.make(client, request);
        assertEquals(new GrpcStatus(Code.DEADLINE_EXCEEDED, "no answer within 0.05 s"), outcome.status());
        // It connects all the same; what was given up before it was there is not sent, or is reset.
        call(HELLO);
        server.accept();
        assertTrue(server.request() > 0);
    }

    @Test
    void takesResetOfServerWhoseTimeIsUpForTheEndOfTheTime() throws Exception {
        Duration timeout = Duration.ofMillis(1);
        RecordedCall call = new RecordedCall();
        client.start(new Request("/s/M", HELLO, Optional.of(timeout), Map.of(), false), call);
        long begun = System.nanoTime();
        server.accept();
        int id = server.request();
        while (System.nanoTime() - begun < timeout.toNanos()) {
            Thread.onSpinWait();
        }
        server.reset(id, Frames.CANCEL);
        assertEquals(GrpcStatus.late(timeout), call.end());
        RecordedCall other = call(HELLO);
        server.reset(server.request(), Frames.CANCEL);
        assertEquals(Code.CANCELLED, other.code());
    }

    // --- What the server may send

    @Test
    void givesUpStreamThatSendsMoreThanItsWindow() throws Exception {
        RecordedCall call = new RecordedCall();
        call(call, HELLO, true);
        server.accept();
        int id = server.request();
        server.begin(id);
        byte[] message = new byte[Frames.DEFAULT_FRAME - Messages.PREFIX];
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
    void letsServerGoOnWithMessageLongerThanItsWindow() throws Exception {
        RecordedCall call = new RecordedCall();
        Http2Stream stream = call(call, HELLO, true);
        server.accept();
        int id = server.request();
        server.begin(id);
        byte[] framed = Messages.framed(new byte[3 * Http2Connection.WINDOW]);
        int window = Http2Connection.WINDOW;
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
}
