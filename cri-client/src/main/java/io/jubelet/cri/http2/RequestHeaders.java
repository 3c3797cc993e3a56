package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * Writes the headers of requests, none of them compressed beyond what the static table of HPACK (RFC 7541, appendix A) has:
 * they are short, and the socket is near.
 */
final class RequestHeaders {

    private static final int METHOD_POST = 0x80 | 3;
    private static final int SCHEME_HTTP = 0x80 | 6;
    /** The encoder keeps no table, whatever size the server would allow. */
    private static final int NO_TABLE = 0x20;

    private static final int NAME_AUTHORITY = 1;
    private static final int NAME_PATH = 4;
    private static final int NAME_CONTENT_TYPE = 31;
    private static final int NAME_USER_AGENT = 58;

    /** The most digits of a {@code grpc-timeout}. */
    private static final long MOST_UNITS = 99_999_999;

    private final String authority;
    private final String userAgent;

    RequestHeaders(String authority, String userAgent) {
        this.authority = authority;
        this.userAgent = userAgent;
    }

    /** Writes the frame of a request; the first stream of a connection has the number 1. */
    void write(ByteBuf out, Request request, int stream) {
        int at = out.writerIndex();
        Frames.head(out, 0, Frames.HEADERS, Frames.END_HEADERS, stream);
        int from = out.writerIndex();
        if (stream == 1) {
            out.writeByte(NO_TABLE);
        }
        out.writeByte(METHOD_POST).writeByte(SCHEME_HTTP);
        indexed(out, NAME_PATH, request.path());
        indexed(out, NAME_AUTHORITY, authority);
        indexed(out, NAME_CONTENT_TYPE, "application/grpc");
        named(out, "te", "trailers");
        indexed(out, NAME_USER_AGENT, userAgent);
        if (request.timeout().isPresent()) {
            named(out, "grpc-timeout", timeout(request.timeout().get()));
        }
        for (Map.Entry<String, String> header : request.headers().entrySet()) {
            named(out, header.getKey(), header.getValue());
        }
        out.setMedium(at, out.writerIndex() - from);
    }

    /** Rounded up: the server shall not give up before we do. */
    static String timeout(Duration timeout) {
        long millis = Math.max(1, timeout.plusNanos(999_999).toMillis());
        return millis <= MOST_UNITS
                ? millis + "m"
                : Math.min(timeout.plusMillis(999).toSeconds(), MOST_UNITS) + "S";
    }

    private static void indexed(ByteBuf out, int name, String value) {
        integer(out, 0, 4, name);
        string(out, value);
    }

    private static void named(ByteBuf out, String name, String value) {
        out.writeByte(0);
        string(out, name);
        string(out, value);
    }

    private static void string(ByteBuf out, String text) {
        integer(out, 0, 7, text.length());
        out.writeCharSequence(text, StandardCharsets.US_ASCII);
    }

    /** RFC 7541, section 5.1. */
    private static void integer(ByteBuf out, int pattern, int bits, int value) {
        int most = (1 << bits) - 1;
        if (value < most) {
            out.writeByte(pattern | value);
            return;
        }
        out.writeByte(pattern | most);
        int rest = value - most;
        for (; rest >= 0x80; rest >>>= 7) {
            out.writeByte((rest & 0x7f) | 0x80);
        }
        out.writeByte(rest);
    }
}
