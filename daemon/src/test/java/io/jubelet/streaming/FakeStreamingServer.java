/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.cri.StreamOptions;
import io.jubelet.cri.simulated.SimulatedStreams;
import io.jubelet.cri.simulated.SimulatedStreams.Prepared;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The streaming server of a simulated runtime. The first word of a command says what happens: {@code echo} returns its input
 * and ends with it, {@code fail} writes to both outputs and exits with 3, {@code flood} writes as much as is read,
 * {@code deaf} reads nothing, {@code die} closes the connection, {@code refuse} refuses it, {@code silent} does not answer.
 * WebSocket connections return their bytes.
 */
final class FakeStreamingServer implements AutoCloseable {

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final SimulatedStreams streams;
    private final Channel listener;

    /** The requests that came, without those for unknown paths. */
    final Queue<FullHttpRequest> requests = new ConcurrentLinkedQueue<>();

    /** What was prepared for them. */
    final Queue<Prepared> prepared = new ConcurrentLinkedQueue<>();

    /** What it says when it refuses. */
    volatile String refusal = "no such thing\n";

    final AtomicLong flooded = new AtomicLong();
    final AtomicLong open = new AtomicLong();

    FakeStreamingServer(SimulatedStreams streams) {
        this.streams = streams;
        listener = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        open.incrementAndGet();
                        channel.closeFuture().addListener(_ -> open.decrementAndGet());
                        channel.pipeline()
                                .addLast(new HttpServerCodec(), new HttpObjectAggregator(1024), new Upgrader());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        streams.servedAt(URI.create("http://127.0.0.1:" + port + "/"));
    }

    private final class Upgrader extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            FullHttpRequest request = (FullHttpRequest) message;
            Prepared stream = streams.take(request.uri()).orElseThrow();
            requests.add(request);
            prepared.add(stream);
            List<String> command = stream instanceof Prepared.Exec exec ? exec.command() : List.of("echo");
            switch (command.getFirst()) {
                case "silent" -> {}
                case "refuse" -> {
                    String text = command.size() > 1 ? command.get(1) : refusal;
                    ByteBuf why = Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
                    context.writeAndFlush(new DefaultFullHttpResponse(
                                    HttpVersion.HTTP_1_1, HttpResponseStatus.FORBIDDEN, why))
                            .addListener(ChannelFutureListener.CLOSE);
                }
                default -> upgrade(context, request, stream, command.getFirst());
            }
        }

        private void upgrade(ChannelHandlerContext context, FullHttpRequest request, Prepared stream, String command) {
            DefaultFullHttpResponse agreed =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
            agreed.headers()
                    .set("Connection", "Upgrade")
                    .set("Upgrade", request.headers().get("Upgrade"));
            agreed.headers().set("X-Seen", "yes").set("Sec-WebSocket-Accept", "not checked here");
            context.write(agreed);
            context.pipeline().remove(HttpServerCodec.class);
            context.pipeline().remove(HttpObjectAggregator.class);
            if (request.headers().contains("Sec-WebSocket-Key") || stream instanceof Prepared.PortForward) {
                context.writeAndFlush(Unpooled.copiedBuffer("early", StandardCharsets.US_ASCII));
                context.pipeline().addLast(new Echo());
            } else {
                context.flush();
                StreamOptions options = switch (stream) {
                    case Prepared.Exec exec -> exec.options();
                    case Prepared.Attach attach -> attach.options();
                    case Prepared.PortForward _ -> throw new IllegalStateException("has no options");
                };
                context.pipeline()
                        .addLast(
                                new SpdyFrameCodec(SpdyVersion.SPDY_3_1, 8192, 16384, 6, 15, 8),
                                new Command(command, options));
            }
            context.pipeline().remove(this);
        }
    }

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            context.writeAndFlush(message);
        }
    }

    private final class Command extends ChannelInboundHandlerAdapter {
        private final String command;
        private final int expected;
        private final Map<String, Integer> ids = new HashMap<>();

        Command(String command, StreamOptions options) {
            this.command = command;
            this.expected = 1
                    + (options.stdin() ? 1 : 0)
                    + (options.stdout() ? 1 : 0)
                    + (options.stderr() ? 1 : 0)
                    + (options.tty() ? 1 : 0);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof SpdySynStreamFrame opened) {
                ids.put(opened.headers().get("streamtype").toString(), opened.streamId());
                context.writeAndFlush(new DefaultSpdySynReplyFrame(opened.streamId()));
                if (ids.size() == expected) {
                    run(context);
                }
                return;
            }
            if (message instanceof SpdyDataFrame data && command.equals("echo")) {
                boolean input = Integer.valueOf(data.streamId()).equals(ids.get("stdin"));
                String mark = input ? "" : "resize ";
                if (data.content().isReadable()) {
                    write(context, "stdout", mark + data.content().toString(StandardCharsets.UTF_8));
                }
                if (input && data.isLast()) {
                    end(context, "{\"metadata\":{},\"status\":\"Success\"}");
                }
            }
            ReferenceCountUtil.release(message);
        }

        private void run(ChannelHandlerContext context) {
            switch (command) {
                case "fail" -> {
                    write(context, "stdout", "out\n");
                    write(context, "stderr", "err\n");
                    end(context, "{\"status\":\"Failure\",\"details\":{\"causes\":[{\"message\":\"3\"}]}}");
                }
                case "flood" -> flood(context);
                case "deaf" -> context.channel().config().setAutoRead(false);
                case "die" -> context.close();
                default -> {}
            }
        }

        private void flood(ChannelHandlerContext context) {
            byte[] part = new byte[4096];
            context.writeAndFlush(new DefaultSpdyDataFrame(ids.get("stdout"), Unpooled.wrappedBuffer(part)))
                    .addListener(written -> {
                        if (written.isSuccess()) {
                            flooded.addAndGet(part.length);
                            context.executor().execute(() -> flood(context));
                        }
                    });
        }

        private void write(ChannelHandlerContext context, String stream, String text) {
            ByteBuf data = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
            context.writeAndFlush(new DefaultSpdyDataFrame(ids.get(stream), data));
        }

        private void end(ChannelHandlerContext context, String result) {
            ByteBuf data = Unpooled.copiedBuffer(result, StandardCharsets.UTF_8);
            context.writeAndFlush(new DefaultSpdyDataFrame(ids.get("error"), data))
                    .addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void close() {
        if (loop.isShuttingDown()) {
            return;
        }
        listener.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
