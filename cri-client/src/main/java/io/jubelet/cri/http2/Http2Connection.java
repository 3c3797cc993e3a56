/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection. The constructor starts to connect, and calls can start before the
 * connection is established. When it fails, all its calls end as UNAVAILABLE, and it cannot be used
 * again.
 *
 * <p>All methods run on the event loop of the channel unless their documentation says otherwise.
 */
final class Http2Connection extends Http2EventAdapter {

    /** The window of each stream: how many bytes the server can send before they are consumed. */
    static final int WINDOW = 1 << 20;

    /**
     * How many bytes can be buffered until the server reads them. Requests alone stay well below.
     */
    private static final int MAX_UNREAD = 2 * WINDOW;

    private static final int CONNECTION_WINDOW = 8 * WINDOW;
    private static final int DEFAULT_WINDOW = 65_535;
    /**
     * The limit of concurrent streams before the settings of the server arrive, as in grpc-java.
     */
    private static final int MAX_STREAMS_BEFORE_SETTINGS = 100;

    private final RequestHeaders headers;
    private final SocketAddress server;
    private final Channel channel;
    private final Http2ConnectionHandler codec;
    private final Map<Integer, GrpcCall> calls = new HashMap<>();
    /** Calls that wait for the connection, or for the limit of concurrent streams. */
    private final Deque<GrpcCall> waiting = new ArrayDeque<>();

    private volatile boolean usable = true;

    /** Set before the first event of the channel. */
    @SuppressWarnings("NullAway.Init")
    private ChannelHandlerContext context;

    private boolean open;
    private boolean settingsReceived;
    private long maxStreams = MAX_STREAMS_BEFORE_SETTINGS;
    private @Nullable GrpcStatus failure;
    private int nextId = 1;

    Http2Connection(Bootstrap bootstrap, SocketAddress server, RequestHeaders headers, int maxHeaderBytes) {
        this.server = server;
        this.headers = headers;
        this.codec = new CodecBuilder(
                        this,
                        WINDOW,
                        maxHeaderBytes,
                        (decoder, encoder, settings) -> new Codec(decoder, encoder, settings))
                .build();
        // Registers before it connects, so that the field of the channel is set before the first
        // event.
        ChannelFuture registered = bootstrap.clone().handler(codec).register();
        this.channel = registered.channel();
        // Not inside the registration, which would find the channel connected and fire
        // channelActive a second time.
        registered.addListener(_ -> execute(this::connect));
    }

    private final class Codec extends Http2ConnectionHandler {
        Codec(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            super(decoder, encoder, settings, true);
        }

        @Override
        public void handlerAdded(ChannelHandlerContext added) throws Exception {
            context = added;
            super.handlerAdded(added);
        }

        @Override
        public void channelActive(ChannelHandlerContext active) throws Exception {
            super.channelActive(active);
            windows().incrementWindowSize(connection().connectionStream(), CONNECTION_WINDOW - DEFAULT_WINDOW);
            open = true;
            openWaiting();
            active.flush();
        }

        @Override
        public void channelInactive(ChannelHandlerContext inactive) throws Exception {
            fail("the server closed the connection", null);
            super.channelInactive(inactive);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext changed) throws Exception {
            super.channelWritabilityChanged(changed);
            if (changed.channel().isWritable()) {
                execute(Http2Connection.this::openWaiting); // later, because this runs in the middle of a write
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext in, Throwable cause) {
            fail(settingsReceived ? "the connection broke" : "the server does not speak HTTP/2", cause);
        }

        @Override
        protected void onConnectionError(
                ChannelHandlerContext in, boolean outbound, Throwable cause, Http2Exception error) {
            super.onConnectionError(in, outbound, cause, error);
            in.flush();
            if (settingsReceived) {
                fail("the server at " + server + " violates HTTP/2: " + cause.getMessage(), null);
            } else {
                fail("the server does not speak HTTP/2", cause);
            }
        }

        /** Netty also reports late frames of calls that have ended; these are ignored. */
        @Override
        protected void onStreamError(
                ChannelHandlerContext in, boolean outbound, Throwable cause, Http2Exception.StreamException error) {
            if (error.error() == Http2Error.FRAME_SIZE_ERROR) {
                // Headers that were not decoded leave the two sides with different HPACK tables.
                onConnectionError(in, outbound, cause, error);
                return;
            }
            GrpcCall call = calls.get(error.streamId());
            if (call != null) {
                if (!outbound) {
                    call.end(new GrpcStatus(
                            GrpcStatus.Code.INTERNAL, "the server violates HTTP/2: " + cause.getMessage()));
                }
                super.onStreamError(in, outbound, cause, error);
            }
        }
    }

    private void connect() {
        channel.connect(server).addListener(connected -> {
            if (!connected.isSuccess()) {
                fail("cannot connect to " + server, connected.cause());
            }
        });
    }

    /** Returns whether new calls can start. Any thread may call this. */
    boolean isUsable() {
        return usable;
    }

    /**
     * Runs work on the event loop. Any thread may call this.
     *
     * @return false if the event loop has ended, and with it all calls; the work does not run then
     */
    boolean execute(Runnable work) {
        try {
            channel.eventLoop().execute(work);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** Ends all calls and closes the channel. Any thread may call this; it does not wait. */
    void close() {
        usable = false;
        execute(() -> fail("the client was closed", null));
    }

    /** Starts a call, or ends it if the connection cannot be used. */
    void start(GrpcCall call) {
        if (failure != null) {
            call.end(failure);
        } else if (!usable) {
            call.end(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection is being closed"));
        } else {
            waiting.add(call);
            openWaiting();
        }
    }

    private void openWaiting() {
        boolean opened = false;
        while (open && usable && !waiting.isEmpty() && calls.size() < maxStreams && channel.isWritable()) {
            open(waiting.poll());
            opened = true;
        }
        if (opened) {
            channel.flush();
        }
        if (nextId < 0) {
            GrpcStatus exhausted = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection has no stream ids left");
            new ArrayList<>(waiting).forEach(call -> call.end(exhausted));
        }
    }

    private void open(GrpcCall call) {
        int id = nextId;
        nextId += 2;
        if (nextId < 0) {
            usable = false; // all stream ids are used after a billion calls, and the next call connects again
        }
        calls.put(id, call);
        codec.encoder()
                .writeHeaders(context, id, headers.of(call.request()), 0, false, context.newPromise())
                .addListener(written -> {
                    if (!written.isSuccess()) {
                        call.end(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection broke", written.cause()));
                    }
                });
        call.opened(
                id,
                codec.encoder()
                        .writeData(context, id, Unpooled.wrappedBuffer(call.body()), 0, true, context.newPromise()));
        writePending();
    }

    /**
     * Writes as much of the request as the windows allow, so that requests are sent one after the
     * other.
     */
    private void writePending() {
        try {
            codec.encoder().flowController().writePendingBytes();
        } catch (Http2Exception e) {
            codec.onError(context, true, e);
        }
    }

    /**
     * Enlarges the window of a stream, or shrinks it if {@code bytes} is negative. The server is
     * notified only when half of the window is used.
     */
    void incrementWindow(int id, int bytes) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null && bytes != 0) {
            windows().incrementWindowSize(stream, bytes);
        }
    }

    /** Returns consumed bytes of a stream to the window of the server. */
    void consume(int id, int bytes) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null && windows().consumeBytes(stream, bytes)) {
            channel.flush();
        }
    }

    /** Notifies the server at once of everything that was consumed of a stream. */
    void sendWindowUpdate(int id) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null) {
            windows().windowUpdateRatio(stream, Math.nextDown(1f));
            windows().windowUpdateRatio(stream, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO);
            channel.flush();
        }
    }

    /** Returns how many bytes the server can send on a stream, as it knows at present. */
    int window(int id) {
        var stream = codec.connection().stream(id);
        return stream == null ? 0 : windows().windowSize(stream);
    }

    /**
     * Returns how many bytes the server could send on a stream if everything consumed was returned.
     */
    int windowAfterUpdates(int id) {
        var stream = codec.connection().stream(id);
        return stream == null
                ? 0
                : windows().initialWindowSize(stream) - windows().unconsumedBytes(stream);
    }

    private DefaultHttp2LocalFlowController windows() {
        return (DefaultHttp2LocalFlowController) codec.connection().local().flowController();
    }

    /** Resets the stream of a call that the client ends. */
    void reset(GrpcCall call) {
        if (failure == null) {
            codec.encoder().writeRstStream(context, call.id(), Http2Error.CANCEL.code(), context.newPromise());
            channel.flush();
        }
    }

    void removeWaiting(GrpcCall call) {
        waiting.remove(call);
    }

    private void fail(String text, @Nullable Throwable cause) {
        usable = false;
        if (failure != null) {
            return;
        }
        failure = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, text, cause);
        List<GrpcCall> all = new ArrayList<>(calls.values());
        all.addAll(waiting);
        all.forEach(call -> call.end(failure));
        channel.close();
    }

    // --- Called by the codec

    @Override
    public void onStreamClosed(io.netty.handler.codec.http2.Http2Stream closed) {
        GrpcCall call = calls.remove(closed.id());
        if (call != null) {
            call.end(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the stream was closed"));
        }
        if (usable) {
            openWaiting();
        } else if (calls.isEmpty() && failure == null) {
            channel.close();
        }
    }

    @Override
    public void onHeadersRead(ChannelHandlerContext in, int id, Http2Headers read, int padding, boolean last)
            throws Http2Exception {
        GrpcCall call = calls.get(id);
        if (call == null) {
            throw Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, "headers of stream %s", id);
        }
        call.headers(read, last);
    }

    @Override
    public void onHeadersRead(
            ChannelHandlerContext in,
            int id,
            Http2Headers read,
            int dependency,
            short weight,
            boolean exclusive,
            int padding,
            boolean last)
            throws Http2Exception {
        onHeadersRead(in, id, read, padding, last);
    }

    /** Returns how many bytes go back to the window of the stream at once. */
    @Override
    public int onDataRead(ChannelHandlerContext in, int id, ByteBuf data, int padding, boolean last)
            throws Http2Exception {
        GrpcCall call = calls.get(id);
        return call == null ? data.readableBytes() + padding : call.data(data, padding, last);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext in, int id, long reason) {
        GrpcCall call = calls.get(id);
        if (call != null) {
            call.reset(reason);
        }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext in, Http2Settings settings) throws Http2Exception {
        if (!settingsReceived) {
            settingsReceived = true;
            maxStreams = Integer.MAX_VALUE;
        }
        if (settings.maxConcurrentStreams() != null) {
            maxStreams = settings.maxConcurrentStreams();
        }
        checkUnread();
        openWaiting();
    }

    @Override
    public void onPingRead(ChannelHandlerContext in, long data) throws Http2Exception {
        checkUnread();
    }

    private void checkUnread() throws Http2Exception {
        if (channel.bytesBeforeWritable() > MAX_UNREAD) {
            throw Http2Exception.connectionError(
                    Http2Error.ENHANCE_YOUR_CALM, "it sends requests and does not read the responses");
        }
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext in, int last, long reason, ByteBuf data) {
        usable = false;
        GrpcStatus status = new GrpcStatus(
                GrpcStatus.Code.UNAVAILABLE,
                "the server is going away"
                        + (reason == Http2Error.NO_ERROR.code() ? "" : " (HTTP/2 error " + reason + ")"));
        List<GrpcCall> unprocessed = new ArrayList<>(waiting);
        calls.values().stream().filter(call -> call.id() > last).forEach(unprocessed::add);
        unprocessed.forEach(call -> call.end(status));
        if (calls.isEmpty() && failure == null) {
            channel.close();
        }
    }
}
