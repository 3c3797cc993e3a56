package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.nio.charset.StandardCharsets;

/** How frames of HTTP/2 look; RFC 9113, sections 4, 6 and 7. */
final class Frames {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    /** Of DATA and HEADERS. */
    static final int END_STREAM = 0x1;
    /** Of SETTINGS and PING. */
    static final int ACK = 0x1;

    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int PRIORITY = 0x20;
    static final int PRIORITY_BYTES = 5;

    static final int SETTINGS_ENABLE_PUSH = 2;
    static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    static final int SETTINGS_MAX_FRAME_SIZE = 5;

    static final int NO_ERROR = 0;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;
    static final int INADEQUATE_SECURITY = 12;

    /** What either side begins with, in bytes, both for a connection and for each stream. */
    static final int DEFAULT_WINDOW = 65_535;

    static final int DEFAULT_FRAME = 16_384;
    static final int LONGEST_FRAME = (1 << 24) - 1;

    static final int SETTING_BYTES = 6;

    private static final int HEAD = 9;

    private Frames() {}

    /** Cuts what comes into frames, with their heads; longer ones than we allow are an error. */
    static LengthFieldBasedFrameDecoder decoder() {
        int lengthField = 3;
        return new LengthFieldBasedFrameDecoder(HEAD + DEFAULT_FRAME, 0, lengthField, HEAD - lengthField, 0);
    }

    /** What each frame has to be by its type alone. */
    static void check(int type, int flags, int stream, int length) throws Http2Exception {
        boolean isRight = switch (type) {
            case RST_STREAM, WINDOW_UPDATE -> length == 4;
            case SETTINGS -> length % SETTING_BYTES == 0 && (length == 0 || (flags & ACK) == 0);
            case PING -> length == 8;
            case GOAWAY -> length >= 8;
            default -> true;
        };
        if (!isRight) {
            throw Http2Exception.connectionError(
                    Http2Error.FRAME_SIZE_ERROR, "a frame of type %s of %s bytes", type, length);
        }
        boolean isOfRightOne = switch (type) {
            case DATA, HEADERS, RST_STREAM, CONTINUATION -> stream != 0;
            case SETTINGS, PING, GOAWAY -> stream == 0;
            default -> true;
        };
        if (!isOfRightOne) {
            throw Http2Exception.connectionError(
                    Http2Error.PROTOCOL_ERROR, "a frame of type %s on stream %s", type, stream);
        }
    }

    /** What is in DATA or HEADERS. */
    static ByteBuf unpadded(ByteBuf in, int flags) throws Http2Exception {
        if ((flags & PADDED) == 0) {
            return in;
        }
        int bytes = in.isReadable() ? in.readableBytes() - 1 - in.readUnsignedByte() : -1;
        if (bytes < 0) {
            throw violation("a padding longer than its frame");
        }
        return in.readSlice(bytes);
    }

    static Http2Exception violation(String what) {
        return Http2Exception.connectionError(Http2Error.PROTOCOL_ERROR, what);
    }

    static Http2Exception overflow(String what) {
        return Http2Exception.connectionError(Http2Error.FLOW_CONTROL_ERROR, what);
    }

    /** What a client begins with; the windows of each stream and of all of them, in bytes. */
    static void preface(ByteBuf out, int window, int connectionWindow) {
        out.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
        head(out, 2 * SETTING_BYTES, SETTINGS, 0, 0);
        setting(out, SETTINGS_ENABLE_PUSH, 0);
        setting(out, SETTINGS_INITIAL_WINDOW_SIZE, window);
        windowUpdate(out, 0, connectionWindow - DEFAULT_WINDOW);
    }

    static void head(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    private static void setting(ByteBuf out, int name, int value) {
        out.writeShort(name).writeInt(value);
    }

    static void windowUpdate(ByteBuf out, int stream, int bytes) {
        head(out, 4, WINDOW_UPDATE, 0, stream);
        out.writeInt(bytes);
    }

    static void reset(ByteBuf out, int stream, int reason) {
        head(out, 4, RST_STREAM, 0, stream);
        out.writeInt(reason);
    }

    static void goAway(ByteBuf out, long reason) {
        head(out, 8, GOAWAY, 0, 0);
        out.writeInt(0).writeInt((int) reason);
    }
}
