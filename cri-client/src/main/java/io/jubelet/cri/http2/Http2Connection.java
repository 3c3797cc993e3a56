package io.jubelet.cri.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One HTTP/2 connection. It is made at once, and calls may begin before it is there. When it fails all its calls end as
 * UNAVAILABLE, and it is of no use any more.
 *
 * <p>What has no other word happens on the one thread of its channel.
 */
final class Http2Connection extends ChannelInboundHandlerAdapter {

    /** Of what one stream may have on its way to us, in bytes. */
    static final int WINDOW = 1 << 20;

    private static final int CONNECTION_WINDOW = 8 * WINDOW;
    private static final int MOST_FRAME = 1 << 20;
    private static final int MOST_HEADERS = 64 << 10;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RequestHeaders headers;
    private final SocketAddress server;
    private final Channel channel;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, MOST_HEADERS);
    private final Map<Integer, Http2Stream> streams = new HashMap<>();
    /** Calls that wait for the connection, or for others to end. */
    private final Deque<Http2Stream> waiting = new ArrayDeque<>();

    private volatile boolean usable = true;

    private boolean open;
    private GrpcStatus failure;
    private boolean settled;
    private int nextId = 1;
    private long mostStreams = Integer.MAX_VALUE;
    private int streamWindow = Frames.DEFAULT_WINDOW;
    private int frame = Frames.DEFAULT_FRAME;
    private int sendWindow = Frames.DEFAULT_WINDOW;
    private int unacknowledged;

    /** A block of headers that is not complete, and whose it is; null when there is none. */
    private ByteBuf block;

    private int blockOf;
    private boolean blockIsLast;

    Http2Connection(Bootstrap bootstrap, SocketAddress server, RequestHeaders headers) {
        this.server = server;
        this.headers = headers;
        // In two steps, lest the connection be there before this knows its channel.
        ChannelFuture registered = bootstrap
                .clone()
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(Frames.decoder(), Http2Connection.this);
                    }
                })
                .register();
        this.channel = registered.channel();
        // Not within the registration, which would find the channel connected and tell it a second time.
        registered.addListener(_ -> execute(this::connect));
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

    /** From any thread. */
    void execute(Runnable work) {
        channel.eventLoop().execute(work);
    }

    /** From any thread. */
    void close() {
        usable = false;
        execute(() -> fail("the client was closed", null));
    }

    void begin(Http2Stream stream) {
        if (failure != null) {
            stream.end(failure);
        } else if (!usable) {
            stream.end(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the server is going away"));
        } else {
            waiting.add(stream);
            openWaiting();
        }
    }

    private void openWaiting() {
        if (!open || waiting.isEmpty() || streams.size() >= mostStreams) {
            return;
        }
        ByteBuf out = buffer();
        while (usable && !waiting.isEmpty() && streams.size() < mostStreams) {
            Http2Stream stream = waiting.poll();
            stream.opened(nextId, streamWindow);
            streams.put(nextId, stream);
            int at = out.writerIndex();
            Frames.head(out, 0, Frames.HEADERS, Frames.END_HEADERS, nextId);
            int from = out.writerIndex();
            headers.write(out, stream.request(), nextId == 1);
            out.setMedium(at, out.writerIndex() - from);
            sendWindow -= stream.write(out, sendWindow, frame);
            nextId += 2;
            usable = nextId > 0; // after a billion calls all numbers are used up, and the next call connects anew
        }
        write(out);
        if (!usable) {
            endAll(new ArrayList<>(waiting), new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection is used up"));
        }
    }

    private static void endAll(List<Http2Stream> calls, GrpcStatus status) {
        calls.forEach(call -> call.end(status));
    }

    private ByteBuf buffer() {
        return channel.alloc().buffer(512);
    }

    private void write(ByteBuf out) {
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** Ends a call before the server did. */
    void abandon(Http2Stream stream, GrpcStatus why) {
        if (stream.isOpen() && failure == null) {
            ByteBuf out = buffer();
            Frames.reset(out, stream.id(), Frames.CANCEL);
            write(out);
        }
        stream.end(why);
    }

    void ended(Http2Stream stream) {
        if (stream.id() == 0) {
            waiting.remove(stream);
            return;
        }
        streams.remove(stream.id());
        if (usable) {
            openWaiting();
        } else if (streams.isEmpty() && failure == null) {
            channel.close();
        }
    }

    void acknowledge(int stream, int bytes) {
        ByteBuf out = buffer();
        Frames.windowUpdate(out, stream, bytes);
        write(out);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        ByteBuf out = buffer();
        out.writeBytes(PREFACE);
        Frames.head(out, 12, Frames.SETTINGS, 0, 0);
        Frames.setting(out, Frames.SETTINGS_ENABLE_PUSH, 0);
        Frames.setting(out, Frames.SETTINGS_INITIAL_WINDOW_SIZE, WINDOW);
        Frames.windowUpdate(out, 0, CONNECTION_WINDOW - Frames.DEFAULT_WINDOW);
        write(out);
        open = true;
        openWaiting();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail("the server closed the connection", null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(settled ? "the connection broke" : "the server does not speak HTTP/2", cause);
    }

    private void fail(String text, Throwable cause) {
        usable = false;
        if (failure != null) {
            return;
        }
        failure = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, text, cause);
        List<Http2Stream> all = new ArrayList<>(streams.values());
        all.addAll(waiting);
        endAll(all, failure);
        if (block != null) {
            block.release();
            block = null;
        }
        channel.close();
    }

    private void violated(String what) {
        ByteBuf out = buffer();
        Frames.goAway(out, Frames.PROTOCOL_ERROR);
        write(out);
        fail("the server at " + server + " violates HTTP/2: " + what, null);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        ByteBuf in = (ByteBuf) read;
        try {
            if (failure == null) {
                int length = in.readUnsignedMedium();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int id = in.readInt() & Integer.MAX_VALUE;
                frame(in, length, type, flags, id);
            }
        } catch (IndexOutOfBoundsException e) {
            violated("a frame is too short: " + e.getMessage());
        } finally {
            in.release();
        }
    }

    private void frame(ByteBuf in, int length, int type, int flags, int id) {
        if (!settled && type != Frames.SETTINGS) {
            fail("the server does not speak HTTP/2", null);
        } else if (block != null && (type != Frames.CONTINUATION || id != blockOf)) {
            violated("a frame of type " + type + " within headers");
        } else {
            switch (type) {
                case Frames.DATA -> data(in, length, flags, streams.get(id));
                case Frames.HEADERS -> headers(in, flags, id);
                case Frames.CONTINUATION -> continuation(in, flags);
                case Frames.RST_STREAM -> {
                    Http2Stream stream = streams.get(id);
                    if (stream != null) {
                        stream.end(GrpcStatus.ofReset(in.readUnsignedInt()));
                    }
                }
                case Frames.SETTINGS -> settings(in, flags);
                case Frames.PUSH_PROMISE -> violated("a push that was not allowed");
                case Frames.PING -> ping(in, flags);
                case Frames.GOAWAY -> goAway(in);
                case Frames.WINDOW_UPDATE -> windowUpdate(in, id);
                default -> {
                    // Of an extension that we did not ask for: to be left out, says section 5.5.
                }
            }
        }
    }

    private static ByteBuf unpadded(ByteBuf in, int flags) {
        int padding = (flags & Frames.PADDED) == 0 ? 0 : in.readUnsignedByte();
        return in.readSlice(in.readableBytes() - padding);
    }

    private void data(ByteBuf in, int length, int flags, Http2Stream stream) {
        unacknowledged += length;
        if (unacknowledged >= CONNECTION_WINDOW / 2) {
            acknowledge(0, unacknowledged);
            unacknowledged = 0;
        }
        if (stream != null) {
            stream.data(unpadded(in, flags), length, (flags & Frames.END_STREAM) != 0);
        }
    }

    private void headers(ByteBuf in, int flags, int id) {
        int padding = (flags & Frames.PADDED) == 0 ? 0 : in.readUnsignedByte();
        if ((flags & Frames.PRIORITY) != 0) {
            in.skipBytes(5);
        }
        ByteBuf fragment = in.readSlice(in.readableBytes() - padding);
        blockOf = id;
        blockIsLast = (flags & Frames.END_STREAM) != 0;
        if ((flags & Frames.END_HEADERS) != 0) {
            decode(fragment);
        } else {
            block = Unpooled.buffer(fragment.readableBytes()).writeBytes(fragment);
        }
    }

    private void continuation(ByteBuf in, int flags) {
        if (block == null) {
            violated("headers continue that did not begin");
            return;
        }
        block.writeBytes(in);
        if (block.readableBytes() > MOST_HEADERS) {
            violated("headers without an end");
        } else if ((flags & Frames.END_HEADERS) != 0) {
            ByteBuf whole = block;
            block = null;
            try {
                decode(whole);
            } finally {
                whole.release();
            }
        }
    }

    /** Also of calls that were given up, for the table of the compression goes on. */
    private void decode(ByteBuf whole) {
        try {
            var decoded = decoder.decodeHeaders(blockOf, whole);
            Http2Stream stream = streams.get(blockOf);
            if (stream != null) {
                stream.headers(decoded, blockIsLast);
            }
        } catch (Http2Exception e) {
            violated(e.getMessage());
        }
    }

    private void settings(ByteBuf in, int flags) {
        settled = true;
        if ((flags & Frames.ACK) != 0) {
            return;
        }
        while (in.isReadable()) {
            int name = in.readUnsignedShort();
            long value = in.readUnsignedInt();
            switch (name) {
                case Frames.SETTINGS_MAX_CONCURRENT_STREAMS -> mostStreams = value;
                case Frames.SETTINGS_MAX_FRAME_SIZE -> frame = (int) Math.min(value, MOST_FRAME);
                case Frames.SETTINGS_INITIAL_WINDOW_SIZE -> {
                    int window = (int) Math.min(value, Integer.MAX_VALUE);
                    long wider = (long) window - streamWindow;
                    streamWindow = window;
                    streams.values().forEach(stream -> stream.widen(wider));
                }
                default -> {
                    // Of no interest to a client that sends little.
                }
            }
        }
        ByteBuf out = buffer();
        Frames.head(out, 0, Frames.SETTINGS, Frames.ACK, 0);
        writeUnsent(out);
        write(out);
        openWaiting();
    }

    private void ping(ByteBuf in, int flags) {
        if ((flags & Frames.ACK) == 0) {
            ByteBuf out = buffer();
            Frames.head(out, 8, Frames.PING, Frames.ACK, 0);
            out.writeLong(in.readLong());
            write(out);
        }
    }

    private void goAway(ByteBuf in) {
        usable = false;
        int last = in.readInt() & Integer.MAX_VALUE;
        long reason = in.readUnsignedInt();
        GrpcStatus status = new GrpcStatus(
                GrpcStatus.Code.UNAVAILABLE,
                "the server is going away" + (reason == Frames.NO_ERROR ? "" : " (HTTP/2 error " + reason + ")"));
        List<Http2Stream> unheard = new ArrayList<>(waiting);
        streams.values().stream().filter(stream -> stream.id() > last).forEach(unheard::add);
        endAll(unheard, status);
        if (streams.isEmpty() && failure == null) {
            channel.close();
        }
    }

    private void windowUpdate(ByteBuf in, int id) {
        int bytes = in.readInt() & Integer.MAX_VALUE;
        if (id == 0) {
            sendWindow = (int) Math.min((long) sendWindow + bytes, Integer.MAX_VALUE);
        } else if (streams.containsKey(id)) {
            streams.get(id).widen(bytes);
        }
        ByteBuf out = buffer();
        writeUnsent(out);
        write(out);
    }

    private void writeUnsent(ByteBuf out) {
        for (Http2Stream stream : streams.values()) {
            if (stream.hasUnsent()) {
                sendWindow -= stream.write(out, sendWindow, frame);
            }
        }
    }
}
