package io.jubelet.cri.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
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
final class Http2Connection extends ChannelInboundHandlerAdapter {

    /** Of what one stream may have on its way to us, in bytes. */
    static final int WINDOW = 1 << 20;

    private static final int CONNECTION_WINDOW = 8 * WINDOW;
    /** How much may wait, in bytes, until the server reads it; requests keep well below. */
    private static final int MOST_UNREAD = 2 * WINDOW;

    private final RequestHeaders headers;
    private final SocketAddress server;
    private final Channel channel;
    private final HeaderBlocks blocks = new HeaderBlocks();
    private final Map<Integer, Http2Stream> streams = new HashMap<>();
    /** Calls that wait for the connection, or for others to end. */
    private final Deque<Http2Stream> waiting = new ArrayDeque<>();

    private volatile boolean usable = true;

    private boolean open;
    private GrpcStatus failure;
    private int nextId = 1;
    private final Limits limits = new Limits();
    private int unacknowledged;

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

    void begin(Http2Stream stream) {
        if (failure != null) {
            stream.end(failure);
        } else if (!usable) {
            stream.end(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection is being closed"));
        } else {
            waiting.add(stream);
            openWaiting();
        }
    }

    private void openWaiting() {
        if (!open || waiting.isEmpty() || streams.size() >= limits.streams() || !channel.isWritable()) {
            return;
        }
        ByteBuf out = buffer();
        while (usable && !waiting.isEmpty() && streams.size() < limits.streams() && room(out) > 0) {
            Http2Stream stream = waiting.poll();
            stream.opened(nextId, limits.streamWindow());
            streams.put(nextId, stream);
            headers.write(out, stream.request(), nextId);
            writeTo(out, stream);
            nextId += 2;
            if (nextId < 0) {
                usable = false; // after a billion calls all numbers are used up, and the next call connects anew
            }
        }
        write(out);
        if (!usable) {
            GrpcStatus usedUp = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the connection is used up");
            new ArrayList<>(waiting).forEach(call -> call.end(usedUp));
        }
    }

    private void writeTo(ByteBuf out, Http2Stream stream) {
        limits.sent(stream.write(out, Math.min(limits.window(), room(out)), limits.frame()));
    }

    /** More is not written at once, lest what the server does not read be kept twice. */
    private static int room(ByteBuf out) {
        return WINDOW - out.readableBytes();
    }

    /** Goes on with the requests that did not fit into the windows, or into the socket. */
    private void writeUnsent() {
        if (!channel.isWritable()) {
            return;
        }
        ByteBuf out = null;
        for (Http2Stream stream : streams.values()) {
            if (limits.window() > 0 && stream.canSend()) {
                out = out == null ? buffer() : out;
                writeTo(out, stream);
            }
        }
        if (out != null) {
            write(out);
        }
    }

    private ByteBuf buffer() {
        return channel.alloc().buffer(512);
    }

    private void write(ByteBuf out) {
        channel.writeAndFlush(out, channel.voidPromise());
    }

    /** To what the server may ask as often as it likes. */
    private void answer(ByteBuf out) {
        write(out);
        if (channel.bytesBeforeWritable() > MOST_UNREAD) {
            violated(Http2Error.ENHANCE_YOUR_CALM, "it asks and does not read the answers");
        }
    }

    /** Ends a call before the server did. */
    void abandon(Http2Stream stream, GrpcStatus why, int reason) {
        if (stream.isOpen() && failure == null) {
            ByteBuf out = buffer();
            Frames.reset(out, stream.id(), reason);
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
        Frames.preface(out, WINDOW, CONNECTION_WINDOW);
        write(out);
        open = true;
        openWaiting();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (channel.isWritable()) {
            execute(this::goOn); // not at once, for this happens in the midst of a write
        }
    }

    private void goOn() {
        if (failure == null) {
            writeUnsent();
            openWaiting();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail("the server closed the connection", null);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (limits.isTold() && cause instanceof TooLongFrameException) {
            violated(Http2Error.FRAME_SIZE_ERROR, "a frame is too long");
        } else {
            fail(limits.isTold() ? "the connection broke" : "the server does not speak HTTP/2", cause);
        }
    }

    private void fail(String text, Throwable cause) {
        usable = false;
        if (failure != null) {
            return;
        }
        failure = new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, text, cause);
        List<Http2Stream> all = new ArrayList<>(streams.values());
        all.addAll(waiting);
        all.forEach(call -> call.end(failure));
        blocks.release();
        channel.close();
    }

    private void violated(Http2Error error, String what) {
        ByteBuf out = buffer();
        Frames.goAway(out, error.code());
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
        } catch (Http2Exception.StreamException e) {
            Http2Stream stream = streams.get(e.streamId());
            if (stream != null) {
                GrpcStatus why =
                        new GrpcStatus(GrpcStatus.Code.INTERNAL, "the server violates HTTP/2: " + e.getMessage());
                abandon(stream, why, (int) e.error().code());
            }
        } catch (Http2Exception e) {
            violated(e.error(), e.getMessage());
        } finally {
            in.release();
        }
    }

    private void frame(ByteBuf in, int length, int type, int flags, int id) throws Http2Exception {
        if (!limits.isTold() && (type != Frames.SETTINGS || (flags & Frames.ACK) != 0)) {
            fail("the server does not speak HTTP/2", null);
        } else if (blocks.isWithin() && (type != Frames.CONTINUATION || id != blocks.stream())) {
            throw Frames.violation("a frame of type " + type + " within headers");
        } else {
            Frames.check(type, flags, id, length);
            switch (type) {
                case Frames.DATA -> data(in, length, flags, known(id));
                case Frames.HEADERS -> {
                    Http2Stream stream = known(id);
                    headers(stream, blocks.begin(in, flags, id));
                }
                case Frames.CONTINUATION -> headers(streams.get(id), blocks.go(in, flags));
                case Frames.RST_STREAM -> {
                    Http2Stream stream = known(id);
                    if (stream != null) {
                        stream.reset(in.readUnsignedInt());
                    }
                }
                case Frames.SETTINGS -> settings(in, flags);
                case Frames.PUSH_PROMISE -> throw Frames.violation("a push that was not allowed");
                case Frames.PING -> ping(in, flags);
                case Frames.GOAWAY -> goAway(in);
                case Frames.WINDOW_UPDATE -> windowUpdate(in, id);
                default -> {
                    // Of an extension that we did not ask for: to be left out, says section 5.5.
                }
            }
        }
    }

    /** Null for a call that has ended, which the server may not know yet; but it has to be one of ours. */
    private Http2Stream known(int id) throws Http2Exception {
        Http2Stream stream = streams.get(id);
        boolean wasOpened = (id & 1) == 1 && (nextId < 0 || id < nextId);
        if (stream == null && !wasOpened) {
            throw Frames.violation("a frame of stream " + id + ", which was never opened");
        }
        return stream;
    }

    private void data(ByteBuf in, int length, int flags, Http2Stream stream) throws Http2Exception {
        unacknowledged += length;
        if (unacknowledged >= CONNECTION_WINDOW / 2) {
            acknowledge(0, unacknowledged);
            unacknowledged = 0;
        }
        if (stream != null) {
            stream.data(Frames.unpadded(in, flags), length, (flags & Frames.END_STREAM) != 0);
        }
    }

    private void headers(Http2Stream stream, Http2Headers decoded) {
        if (stream != null && decoded != null) {
            stream.headers(decoded, blocks.isLast());
        }
    }

    private void settings(ByteBuf in, int flags) throws Http2Exception {
        if ((flags & Frames.ACK) != 0) {
            return;
        }
        limits.read(in, streams.values());
        ByteBuf out = buffer();
        Frames.head(out, 0, Frames.SETTINGS, Frames.ACK, 0);
        answer(out);
        goOn();
    }

    private void ping(ByteBuf in, int flags) {
        if ((flags & Frames.ACK) == 0) {
            ByteBuf out = buffer();
            Frames.head(out, 8, Frames.PING, Frames.ACK, 0);
            out.writeLong(in.readLong());
            answer(out);
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
        unheard.forEach(call -> call.end(status));
        if (streams.isEmpty() && failure == null) {
            channel.close();
        }
    }

    private void windowUpdate(ByteBuf in, int id) throws Http2Exception {
        int bytes = in.readInt() & Integer.MAX_VALUE;
        if (id == 0) {
            limits.widen(bytes);
        } else {
            Http2Stream stream = known(id);
            if (stream != null && (bytes == 0 || !stream.widen(bytes))) {
                throw Http2Exception.streamError(
                        id, Http2Error.FLOW_CONTROL_ERROR, "a window that is wider by %s bytes", bytes);
            }
        }
        writeUnsent();
    }
}
