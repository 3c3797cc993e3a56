/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;

/** Configures Netty's HTTP/2 codec for a client of one server. */
final class CodecBuilder extends AbstractHttp2ConnectionHandlerBuilder<Http2ConnectionHandler, CodecBuilder> {

    private static final int MAX_SMALL_CONTINUATIONS = 100;

    private final Factory factory;

    /** Creates the handler, so that the caller can override its methods. */
    interface Factory {
        Http2ConnectionHandler create(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings);
    }

    /**
     * Creates the builder.
     *
     * @param events receives the frames of the server and the events of streams
     * @param window the initial flow-control window of each stream, in bytes
     * @param maxHeaderBytes the maximum size of the headers of one response
     */
    CodecBuilder(Http2EventAdapter events, int window, int maxHeaderBytes, Factory factory) {
        this.factory = factory;
        var state = new DefaultHttp2Connection(false);
        // The window of the connection is refilled at once, so that a slow reader of one stream
        // blocks no other.
        state.local()
                .flowController(new DefaultHttp2LocalFlowController(
                        state, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
        // All calls have the same weight, so a priority tree would only take memory.
        state.remote()
                .flowController(new DefaultHttp2RemoteFlowController(state, new UniformStreamByteDistributor(state)));
        state.local().allowPushTo(false);
        state.addListener(events);
        connection(state);
        frameListener(events);
        initialSettings(
                new Http2Settings().pushEnabled(false).initialWindowSize(window).maxHeaderListSize(maxHeaderBytes));
        // These limits protect servers. Http2Connection counts the bytes that a server does not
        // read.
        encoderEnforceMaxQueuedControlFrames(0);
        encoderEnforceMaxRstFramesPerWindow(0, 1);
        decoderEnforceMaxRstFramesPerWindow(0, 1);
        decoderEnforceMaxConsecutiveEmptyDataFrames(0);
        decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS);
        validateHeaders(false);
        decoupleCloseAndGoAway(true);
        gracefulShutdownTimeoutMillis(0);
    }

    @Override
    protected Http2ConnectionHandler build() {
        return super.build();
    }

    @Override
    protected Http2ConnectionHandler build(
            Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
        return factory.create(decoder, encoder, settings);
    }
}
