/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.jubelet.api.LocalClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A server on a Unix socket that speaks {@code v5.channel.k8s.io}, in the place of the daemon. A script on a thread of its own
 * plays the container of each connection.
 */
public final class StreamServer implements AutoCloseable {

    /** Plays a container. The connection is closed at its end. */
    public interface Script {
        void play(Peer peer) throws Exception;
    }

    /** One message. */
    public record Message(int channel, byte[] data) {
        /** The data as text. */
        public String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    private final Path socket;
    private final Script script;
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private volatile Optional<String> refusal = Optional.empty();
    private volatile String pods = "{\"items\":[]}";

    public StreamServer(Path socket, Script script) {
        this.socket = socket;
        this.script = script;
        this.listener = new ServerBootstrap()
                .group(loop)
                .channel(NioServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpServerCodec(1 << 20, 8192, 8192),
                                        new HttpObjectAggregator(1 << 16),
                                        new Upgrade());
                    }
                })
                .bind(UnixDomainSocketAddress.of(socket))
                .syncUninterruptibly()
                .channel();
    }

    /** A client of this server. */
    public LocalClient client() {
        return new LocalClient(socket);
    }

    /** Paths and queries of the connections, in order. */
    public List<String> targets() {
        return targets;
    }

    /** Refuses all further connections with status 403 and this body. */
    public void refuse(String status) {
        refusal = Optional.of(status);
    }

    /** What the server answers to {@code /jubelet/v1/pods}. */
    public void pods(String json) {
        pods = json;
    }

    /** Where it listens. */
    public Path socket() {
        return socket;
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class Upgrade extends SimpleChannelInboundHandler<FullHttpRequest> {

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (request.uri().equals("/jubelet/v1/pods")) {
                answer(context, HttpResponseStatus.OK, pods);
                return;
            }
            targets.add(request.uri());
            if (refusal.isPresent()) {
                answer(context, HttpResponseStatus.FORBIDDEN, refusal.get());
                return;
            }
            String offered = request.headers().get(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
            Peer peer = new Peer(context.channel(), request.uri());
            context.pipeline().addLast(peer);
            context.pipeline().remove(this);
            new WebSocketServerHandshakerFactory("ws://localhost/", offered, false, 1 << 20)
                    .newHandshaker(request)
                    .handshake(context.channel(), request)
                    .addListener(_ -> Thread.ofVirtual().start(() -> run(peer)));
        }

        private void answer(ChannelHandlerContext context, HttpResponseStatus status, String text) {
            ByteBuf body = Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
            DefaultFullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
            context.writeAndFlush(response).addListener(_ -> context.close());
        }

        private void run(Peer peer) {
            try {
                script.play(peer);
            } catch (Exception e) {
                // Without waiting, because the client may be gone.
                peer.channel.write(Peer.message(3, String.valueOf(e).getBytes(StandardCharsets.UTF_8)));
            }
            if (peer.channel.isActive()) {
                peer.channel.writeAndFlush(new CloseWebSocketFrame(1000, "")).addListener(_ -> peer.channel.close());
            }
        }
    }

    /** One connection. */
    public static final class Peer extends SimpleChannelInboundHandler<WebSocketFrame> {

        private static final Message END = new Message(-1, new byte[0]);

        private final Channel channel;
        private final String target;
        private final BlockingQueue<Message> received = new LinkedBlockingQueue<>();
        private final BlockingQueue<Boolean> pongs = new LinkedBlockingQueue<>();

        private Peer(Channel channel, String target) {
            this.channel = channel;
            this.target = target;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
            if (frame instanceof PongWebSocketFrame) {
                pongs.add(true);
            } else if (!(frame instanceof CloseWebSocketFrame)) {
                int to = frame.content().readUnsignedByte();
                received.add(new Message(to, ByteBufUtil.getBytes(frame.content())));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            received.add(END);
        }

        /** Path and query. */
        public String target() {
            return target;
        }

        /** Netty's channel, for what this class has no method for. */
        public Channel channel() {
            return channel;
        }

        /** Waits for a message; empty at the end of the connection. */
        public Optional<Message> receive() throws InterruptedException {
            Message message = received.take();
            return message == END ? Optional.empty() : Optional.of(message);
        }

        /** Waits for the answer to a ping. */
        public void awaitPong() throws InterruptedException {
            pongs.take();
        }

        /** Sends a message, and waits until it is written. */
        public void send(int to, byte[] data) {
            channel.writeAndFlush(message(to, data)).syncUninterruptibly();
        }

        /** As {@link #send(int, byte[])}. */
        public void send(int to, String text) {
            send(to, text.getBytes(StandardCharsets.UTF_8));
        }

        /** Sends how the command ended. */
        public void exit(int code) {
            send(
                    3,
                    code == 0
                            ? "{\"metadata\":{},\"status\":\"Success\"}"
                            : "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"command terminated with non-zero exit code: "
                                    + "exit status " + code
                                    + "\",\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
                                    + "[{\"reason\":\"ExitCode\",\"message\":\"" + code + "\"}]}}");
        }

        /** The frame of a message. */
        public static BinaryWebSocketFrame message(int to, byte[] data) {
            return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(
                    Unpooled.wrappedBuffer(new byte[] {(byte) to}), Unpooled.wrappedBuffer(data)));
        }
    }
}
