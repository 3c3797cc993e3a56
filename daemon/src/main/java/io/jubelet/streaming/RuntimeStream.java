/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiError;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A connection to the streaming server of the runtime that has agreed to change to another protocol. */
final class RuntimeStream extends ChannelInboundHandlerAdapter {

    /** How long the streaming server, which is on this node, may take to accept a connection and to answer. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

    /** The part of an error of the streaming server that is shown, in bytes. */
    static final int MAX_ERROR = 4096;

    /** How long the first line of an answer may be, and its headers together, in bytes. */
    private static final int MAX_LINE = 4096;

    private static final int MAX_HEAD = 8192;

    /** How many bytes are read at once. */
    private static final int READ = 16 * 1024;

    private static final WriteBufferWaterMark WINDOW = new WriteBufferWaterMark(READ, 2 * READ);

    private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
    private final StringBuilder error = new StringBuilder();
    private @Nullable Channel channel;
    /** Used by the loop thread. */
    private final List<Object> early = new ArrayList<>();

    private @Nullable HttpResponse head;

    private RuntimeStream() {}

    /**
     * Connects and sends a request to change the protocol. Blocks until the streaming server has agreed.
     *
     * @param url from the runtime
     * @param loop that of the client's connection
     * @param request with the path of the URL
     * @throws ApiError if the streaming server cannot be reached, or refuses
     */
    static RuntimeStream open(URI url, EventLoop loop, HttpRequest request) throws InterruptedException {
        RuntimeStream stream = new RuntimeStream();
        InetSocketAddress address = address(url);
        Optional<SSLEngine> tls = url.getScheme().equals("https")
                ? Optional.of(StreamingTls.engine(url.getHost(), url.getPort()))
                : Optional.empty();
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WINDOW)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ).maxMessagesPerRead(1))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) ANSWER_LIMIT.toMillis())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        tls.ifPresent(engine -> made.pipeline().addLast(new SslHandler(engine)));
                        made.pipeline().addLast(new HttpClientCodec(MAX_LINE, MAX_HEAD, READ), stream);
                    }
                })
                .connect(address);
        Channel channel = connecting.channel();
        stream.channel = channel;
        boolean agreed = false;
        try {
            connecting.addListener(connected -> {
                if (connected.isSuccess()) {
                    channel.writeAndFlush(request);
                    channel.read();
                } else {
                    stream.answer.completeExceptionally(connected.cause());
                }
            });
            HttpResponse response = stream.answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                throw refusal(response.status(), stream.error.toString().strip());
            }
            agreed = true;
            return stream;
        } catch (ExecutionException failed) {
            throw ApiError.unavailable("cannot reach the streaming server of the container runtime at "
                    + url.getAuthority() + ": " + reason(Objects.requireNonNull(failed.getCause(), "cause")));
        } catch (TimeoutException _) {
            throw ApiError.unavailable("the streaming server of the container runtime at " + url.getAuthority()
                    + " did not answer within " + ANSWER_LIMIT.toSeconds() + " s");
        } finally {
            if (!agreed) {
                channel.close();
            }
        }
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return cause.getMessage()
                        + "; its certificate must be of an authority that this system trusts, and must name"
                        + " this address. Without TLS the runtime needs none (enable_tls_streaming of containerd)";
            }
        }
        return String.valueOf(failure.getMessage());
    }

    private static InetSocketAddress address(URI url) {
        String host = Objects.requireNonNullElse(url.getHost(), "");
        if (!List.of("http", "https").contains(Objects.requireNonNullElse(url.getScheme(), ""))
                || host.isEmpty()
                || url.getPort() < 0) {
            throw ApiError.internal("the container runtime serves streams at " + url
                    + ", which is not supported; let it serve them by HTTP on an address of this node");
        }
        try {
            return new InetSocketAddress(
                    host.equals("localhost") ? InetAddress.getLoopbackAddress() : InetAddress.ofLiteral(host),
                    url.getPort());
        } catch (IllegalArgumentException _) {
            throw ApiError.internal("the container runtime serves streams at " + url
                    + ", which is not supported; let it name an IP address");
        }
    }

    private static ApiError refusal(HttpResponseStatus status, String message) {
        String text = "the streaming server of the container runtime refused the request with status " + status.code()
                + (message.isEmpty() ? "" : ": " + message);
        return status.code() >= 400 && status.code() < 500 ? ApiError.badRequest(text) : ApiError.internal(text);
    }

    /** The head of the answer. */
    HttpResponse response() {
        return answer.join();
    }

    Channel channel() {
        return Objects.requireNonNull(channel, "connected");
    }

    /** Ends HTTP on the connection, so that handlers of the new protocol can be added. Called on the loop thread. */
    void upgrade() {
        channel().pipeline().remove(HttpClientCodec.class);
    }

    /**
     * Passes what the streaming server sent after the head of its answer to the handler behind this one, and leaves the
     * pipeline. Called on the loop thread when that handler is there.
     */
    void handOver() {
        ChannelHandlerContext context = channel().pipeline().context(this);
        early.forEach(context::fireChannelRead);
        early.clear();
        context.fireChannelReadComplete();
        channel().pipeline().remove(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpResponse response) {
            head = response;
        } else if (answer.isDone()) {
            early.add(message);
            return;
        }
        if (message instanceof HttpContent content) {
            ByteBuf text = content.content();
            int room = Math.min(MAX_ERROR - error.length(), text.readableBytes());
            error.append(text.toString(text.readerIndex(), room, StandardCharsets.UTF_8));
        }
        boolean complete = message instanceof LastHttpContent || error.length() >= MAX_ERROR;
        ReferenceCountUtil.release(message);
        if (complete && head != null) {
            if (head.decoderResult().isFailure()) {
                answer.completeExceptionally(head.decoderResult().cause());
            }
            answer.complete(head);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (!answer.isDone()) {
            context.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        early.forEach(ReferenceCountUtil::release);
        early.clear();
        if (head != null && !answer.isDone()) {
            answer.complete(head); // the rest of its error does not come
        }
        answer.completeExceptionally(new IOException("the connection was closed"));
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        answer.completeExceptionally(cause);
        context.close();
    }
}
