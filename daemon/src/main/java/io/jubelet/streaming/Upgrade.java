/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What protocol a client asks for, and so what is asked of the runtime.
 *
 * @param kind what stands between the two connections
 * @param head the request of the client
 */
record Upgrade(Kind kind, HttpRequest head) {

    private static final String SPDY = "SPDY/3.1";
    private static final String STREAM_PROTOCOL = "X-Stream-Protocol-Version";
    /** Protocols of this kind are bearer tokens of browsers, for servers of the Kubernetes API. */
    private static final String TOKEN_PROTOCOL = "base64url.bearer.";

    enum Kind {
        /** Both speak the same protocol, so the bytes are relayed. */
        SAME,
        /** The client speaks {@value WebSocketStreams#PROTOCOL}, the runtime SPDY. */
        STREAMS,
        /** The client sends SPDY inside of WebSocket messages. */
        TUNNEL
    }

    /**
     * Reads the wish of a client.
     *
     * @param command whether the streams are those of a command, and not of ports
     * @throws ApiError if it asks for no known protocol
     */
    static Upgrade of(ApiRequest request, boolean command) {
        HttpHeaders headers = request.head().headers();
        boolean asks = headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true);
        String protocol = headers.get(HttpHeaderNames.UPGRADE, "").strip().toLowerCase(Locale.ROOT);
        if (asks && protocol.equals(SPDY.toLowerCase(Locale.ROOT))) {
            return new Upgrade(Kind.SAME, request.head());
        }
        if (!asks || !protocol.equals("websocket")) {
            throw ApiError.badRequest("Upgrade request required: connect by WebSocket or " + SPDY);
        }
        if (!request.method().equals(HttpMethod.GET)
                || !headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                || !headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "").equals("13")) {
            throw ApiError.badRequest("a WebSocket needs a GET request with Sec-WebSocket-Key and -Version 13");
        }
        List<String> protocols = protocols(headers);
        if (command && protocols.contains(WebSocketStreams.PROTOCOL)) {
            return new Upgrade(Kind.STREAMS, request.head());
        }
        if (!command && protocols.contains(WebSocketTunnel.PROTOCOL)) {
            return new Upgrade(Kind.TUNNEL, request.head());
        }
        return new Upgrade(Kind.SAME, request.head());
    }

    private static List<String> protocols(HttpHeaders headers) {
        return headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(name -> !name.startsWith(TOKEN_PROTOCOL))
                .toList();
    }

    /** The request to the streaming server of the runtime. Has no header of the client but those of the protocol. */
    HttpRequest toRuntime(URI url) {
        String target = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
        HttpMethod method = kind == Kind.SAME ? head.method() : HttpMethod.POST;
        HttpRequest request = new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, target);
        HttpHeaders to = request.headers();
        to.set(HttpHeaderNames.HOST, url.getRawAuthority());
        to.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
        if (method.equals(HttpMethod.POST)) {
            to.set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
        }
        HttpHeaders from = head.headers();
        switch (kind) {
            case STREAMS -> spdy(to, List.of("v4.channel.k8s.io"));
            case TUNNEL -> spdy(to, List.of("portforward.k8s.io"));
            case SAME -> {
                if (from.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)) {
                    to.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET);
                    for (CharSequence name : List.of(
                            HttpHeaderNames.SEC_WEBSOCKET_KEY,
                            HttpHeaderNames.SEC_WEBSOCKET_VERSION,
                            HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS)) {
                        to.set(name, from.getAll(name));
                    }
                    List<String> protocols = protocols(from);
                    if (!protocols.isEmpty()) {
                        to.set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, String.join(", ", protocols));
                    }
                } else {
                    spdy(to, from.getAll(STREAM_PROTOCOL));
                }
            }
        }
        return request;
    }

    private static void spdy(HttpHeaders to, List<String> protocols) {
        to.set(HttpHeaderNames.UPGRADE, SPDY);
        to.set(STREAM_PROTOCOL, protocols);
    }
}
