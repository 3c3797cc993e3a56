/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.time.Duration;

/** Creates the headers of requests. */
final class RequestHeaders {

    private static final AsciiString METHOD = AsciiString.cached("POST");
    private static final AsciiString SCHEME = AsciiString.cached("http");
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");
    private static final AsciiString USER_AGENT = AsciiString.cached("user-agent");
    private static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");

    /** The largest value of {@code grpc-timeout}, which has at most eight digits. */
    private static final long MAX_UNITS = 99_999_999;

    private final AsciiString authority;
    private final AsciiString userAgent;

    RequestHeaders(String authority, String userAgent) {
        this.authority = new AsciiString(authority);
        this.userAgent = new AsciiString(userAgent);
    }

    Http2Headers of(Request request) {
        Http2Headers headers = new DefaultHttp2Headers(false, 8)
                .method(METHOD)
                .scheme(SCHEME)
                .path(request.path())
                .authority(authority)
                .set(CONTENT_TYPE, GRPC)
                .set(TE, TRAILERS)
                .set(USER_AGENT, userAgent);
        request.timeout().ifPresent(timeout -> headers.set(TIMEOUT, timeout(timeout)));
        request.headers().forEach(headers::set);
        return headers;
    }

    /**
     * Returns the value of {@code grpc-timeout}, rounded up so that the server does not time out
     * before the client.
     */
    static String timeout(Duration timeout) {
        long millis = Math.max(1, timeout.plusNanos(999_999).toMillis());
        return millis <= MAX_UNITS
                ? millis + "m"
                : Math.min(timeout.plusMillis(999).toSeconds(), MAX_UNITS) + "S";
    }
}
