/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests the headers with the decoder of Netty, which validates them. */
class RequestHeadersTest {
    private static final MessageLimit ANY = MessageLimit.ofMessage(16 << 20);

    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE, true);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, 1 << 20);

    private Http2Headers decoded(String authority, Request request, int stream) throws Exception {
        ByteBuf out = Unpooled.buffer();
        encoder.encodeHeaders(stream, new RequestHeaders(authority, "jubelet").of(request), out);
        return decoder.decodeHeaders(stream, out);
    }

    @Test
    void sendsHeadersOfGrpc() throws Exception {
        Request request = new Request(
                "/s/M",
                new byte[0],
                Optional.of(Duration.ofSeconds(2)),
                Map.of("containerd-namespace", "k8s.io"),
                false,
                ANY);
        for (int stream = 1; stream <= 3; stream += 2) {
            Http2Headers headers = decoded("localhost", request, stream);
            assertEquals("POST", headers.method().toString());
            assertEquals("http", headers.scheme().toString());
            assertEquals("/s/M", headers.path().toString());
            assertEquals("localhost", headers.authority().toString());
            assertEquals("application/grpc", headers.get("content-type").toString());
            assertEquals("trailers", headers.get("te").toString());
            assertEquals("jubelet", headers.get("user-agent").toString());
            assertEquals("2000m", headers.get("grpc-timeout").toString());
            assertEquals("k8s.io", headers.get("containerd-namespace").toString());
            assertEquals(9, headers.size());
        }
    }

    @Test
    void writesValuesOfEveryLength() throws Exception {
        // A length of 127 is encoded in several bytes, and one of 127 + 128 in one more.
        for (int length : new int[] {0, 1, 126, 127, 128, 254, 255, 256, 4000, 127 + (1 << 14) - 1, 127 + (1 << 14)}) {
            String value = "v".repeat(length);
            Request request =
                    new Request("/" + value, new byte[0], Optional.empty(), Map.of("name", value), false, ANY);
            Http2Headers headers = decoded("a" + value, request, 1);
            assertEquals("/" + value, headers.path().toString());
            assertEquals("a" + value, headers.authority().toString());
            assertEquals(value, headers.get("name").toString());
        }
    }

    @Test
    void limitsTimeoutToEightDigits() {
        assertEquals("1m", RequestHeaders.timeout(Duration.ZERO));
        assertEquals("1m", RequestHeaders.timeout(Duration.ofNanos(1)));
        assertEquals("1500m", RequestHeaders.timeout(Duration.ofMillis(1500)));
        assertEquals("99999999m", RequestHeaders.timeout(Duration.ofMillis(99_999_999)));
        assertEquals("2m", RequestHeaders.timeout(Duration.ofNanos(1_000_001)));
        assertEquals("100000S", RequestHeaders.timeout(Duration.ofMillis(100_000_000)));
        assertEquals("100001S", RequestHeaders.timeout(Duration.ofMillis(100_000_001)));
        assertEquals("99999999S", RequestHeaders.timeout(Duration.ofDays(100_000)));
    }
}
