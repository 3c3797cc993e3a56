/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.cri.StreamOptions;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import jdk.net.ExtendedSocketOptions;

/** Joins the connection of a client and that of the runtime after both have agreed to change the protocol. */
final class Bridge {

    /** After how many seconds TCP probes a silent client, how often, and how many times. */
    private static final int KEEPALIVE_IDLE = 30;

    private static final int KEEPALIVE_INTERVAL = 10;
    private static final int KEEPALIVE_COUNT = 6;

    private Bridge() {}

    /** Answers the client and begins to relay. Runs on the loop thread. */
    static void join(ChannelPipeline client, RuntimeStream stream, Upgrade upgrade, StreamOptions options) {
        Channel runtime = stream.channel();
        client.channel().closeFuture().addListener(_ -> {
            // Before they are joined, nothing else ends the connection to the runtime.
            if (runtime.pipeline().get(Relay.class) == null) {
                runtime.close();
            }
        });
        keepAlive(client.channel());
        stream.upgrade();
        switch (upgrade.kind()) {
            case SAME -> {
                HttpResponse agreed = new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, stream.response().status());
                agreed.headers().set(stream.response().headers());
                client.channel().writeAndFlush(agreed);
                client.remove(HttpServerCodec.class);
                Relay.join(client.channel(), runtime, true);
                stream.handOver();
            }
            case TUNNEL ->
                WebSocketConnection.open(client, upgrade.head(), WebSocketTunnel.PROTOCOL, () -> {
                    client.addLast(new WebSocketTunnel());
                    Relay.join(client.channel(), runtime, true);
                    stream.handOver();
                });
            case STREAMS ->
                WebSocketConnection.open(client, upgrade.head(), WebSocketStreams.PROTOCOL, () -> {
                    client.addLast(new WebSocketStreams());
                    runtime.pipeline().addLast(new ReadGate(), SpdyStreams.codec(), new SpdyStreams(streams(options)));
                    Relay.join(client.channel(), runtime, false);
                    stream.handOver();
                });
        }
    }

    /** The error stream comes first, as clients of Kubernetes open it. */
    private static List<Integer> streams(StreamOptions options) {
        List<Integer> streams = new ArrayList<>(List.of(StreamFrame.ERROR));
        if (options.stdin()) {
            streams.add(StreamFrame.STDIN);
        }
        if (options.stdout()) {
            streams.add(StreamFrame.STDOUT);
        }
        if (options.stderr()) {
            streams.add(StreamFrame.STDERR);
        }
        if (options.tty()) {
            streams.add(StreamFrame.RESIZE);
        }
        return streams;
    }

    /** Makes TCP notice that the machine of a client is gone, so that the stream ends. */
    private static void keepAlive(Channel client) {
        if (client.remoteAddress() instanceof InetSocketAddress) {
            client.config().setOption(ChannelOption.SO_KEEPALIVE, true);
            client.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), KEEPALIVE_IDLE);
            client.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), KEEPALIVE_INTERVAL);
            client.config().setOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), KEEPALIVE_COUNT);
        }
    }
}
