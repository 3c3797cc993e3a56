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

/**
 * One HTTP/2 connection. It is made at once, and calls may begin before it is there. When it fails all its calls end as
 * UNAVAILABLE, and it is of no use any more.
 *
 * <p>What has no other word happens on the one thread of its channel.
 */
final class Http2Connection extends Http2EventAdapter {

    /** How much the server may send on one stream before it is consumed, in bytes. */
    static final int WINDOW = 1 << 20;

    /** How much may wait, in bytes, until the server reads it. Requests alone keep well below. */
    private static final int MAX_UNREAD = 2 * WINDOW;

    private static final int CONNECTION_WINDOW = 8 * WINDOW;
    private static final int DEFAULT_WINDOW = 65_535;
    /** How many calls there may be before the settings of the server arrive; grpc-java takes as many. */
    private static final int MAX_STREAMS_BEFORE_SETTINGS = 100;

    private final RequestHeaders headers;
    private final SocketAddress server;
    private final Channel channel;
    private final Http2ConnectionHandler codec = new CodecBuilder(
                    this, WINDOW, (decoder, encoder, settings) -> new Codec(decoder, encoder, settings))
            .build();
    private final Map<Integer, GrpcCall> calls = new HashMap<>();
    /** Calls that wait for the connection, or for others to end. */
    private final Deque<GrpcCall> waiting = new ArrayDeque<>();

    private volatile boolean usable = true;

    private ChannelHandlerContext context;
    private boolean open;
    private boolean settingsReceived;
    private long maxStreams = MAX_STREAMS_BEFORE_SETTINGS;
    private GrpcStatus failure;
    private int nextId = 1;

    Http2Connection(Bootstrap bootstrap, SocketAddress server, RequestHeaders headers) {
        this.server = server;
        this.headers = headers;
        // In two steps, so that the connection is not there before this knows its channel.
        ChannelFuture registered = bootstrap.clone().handler(codec).register();
        this.channel = registered.channel();
        // Not within the registration, which would find the channel connected and tell it a second time.
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
                execute(Http2Connection.this::openWaiting); // not at once, for this happens in the midst of a write
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
                // Headers that were not decoded leave both sides with different tables.
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

    /** Whether new calls may be begun; asked by any thread. */
    boolean isUsable() {
        return usable;
    }

    /** From any thread. Returns false, and does nothing, when the channel's thread has ended, and with it all calls. */
    boolean execute(Runnable work) {
        try {
            channel.eventLoop().execute(work);
            return true;
        } catch (RejectedExecutionException _) {
            return false;
        }
    }

    /** From any thread. */
    void close() {
        usable = false;
        execute(() -> fail("the client was closed", null));
    }

    void begin(GrpcCall call) {
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
            GrpcStatus exhausted = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection is used up");
            new ArrayList<>(waiting).forEach(call -> call.end(exhausted));
        }
    }

    private void open(GrpcCall call) {
        int id = nextId;
        nextId += 2;
        if (nextId < 0) {
            usable = false; // after a billion calls all numbers are used up, and the next call connects anew
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

    /** Writes each request whole before the next, as far as the windows let it. */
    private void writePending() {
        try {
            codec.encoder().flowController().writePendingBytes();
        } catch (Http2Exception e) {
            codec.onError(context, true, e);
        }
    }

    /**
     * Lets the server send so many more bytes on a stream in all, or fewer when below zero. The server is notified only
     * when half of the window is used.
     */
    void incrementWindow(int id, int bytes) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null && bytes != 0) {
            windows().incrementWindowSize(stream, bytes);
        }
    }

    /** Returns to the server what was consumed of a stream. */
    void consume(int id, int bytes) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null && windows().consumeBytes(stream, bytes)) {
            channel.flush();
        }
    }

    /** Returns to the server at once all that may be returned of a stream. */
    void sendWindowUpdate(int id) throws Http2Exception {
        var stream = codec.connection().stream(id);
        if (stream != null) {
            windows().windowUpdateRatio(stream, Math.nextDown(1f));
            windows().windowUpdateRatio(stream, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO);
            channel.flush();
        }
    }

    /** Returns how many bytes the server may send on a stream as far as it knows. */
    int window(int id) {
        var stream = codec.connection().stream(id);
        return stream == null ? 0 : windows().windowSize(stream);
    }

    /** Returns how many bytes the server may send on a stream once all that was consumed is returned. */
    int windowAfterUpdates(int id) {
        var stream = codec.connection().stream(id);
        return stream == null
                ? 0
                : windows().initialWindowSize(stream) - windows().unconsumedBytes(stream);
    }

    private DefaultHttp2LocalFlowController windows() {
        return (DefaultHttp2LocalFlowController) codec.connection().local().flowController();
    }

    /** Ends a call before the server did. */
    void reset(GrpcCall call) {
        if (failure == null) {
            codec.encoder().writeRstStream(context, call.id(), Http2Error.CANCEL.code(), context.newPromise());
            channel.flush();
        }
    }

    void removeWaiting(GrpcCall call) {
        waiting.remove(call);
    }

    private void fail(String text, Throwable cause) {
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

    /** Returns how many bytes are used already. */
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
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "it asks and does not read the answers");
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
