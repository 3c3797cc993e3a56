package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;

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

    static final int SETTINGS_ENABLE_PUSH = 2;
    static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    static final int SETTINGS_MAX_FRAME_SIZE = 5;

    static final int NO_ERROR = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int FLOW_CONTROL_ERROR = 3;
    static final int REFUSED_STREAM = 7;
    static final int CANCEL = 8;
    static final int ENHANCE_YOUR_CALM = 11;
    static final int INADEQUATE_SECURITY = 12;

    /** What either side begins with, in bytes, both for a connection and for each stream. */
    static final int DEFAULT_WINDOW = 65_535;

    static final int DEFAULT_FRAME = 16_384;

    private static final int HEAD = 9;

    private Frames() {}

    /** Cuts what comes into frames, with their heads; longer ones than we allow are an error. */
    static LengthFieldBasedFrameDecoder decoder() {
        int lengthField = 3;
        return new LengthFieldBasedFrameDecoder(HEAD + DEFAULT_FRAME, 0, lengthField, HEAD - lengthField, 0);
    }

    static void head(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    static void setting(ByteBuf out, int name, int value) {
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

    static void goAway(ByteBuf out, int reason) {
        head(out, 8, GOAWAY, 0, 0);
        out.writeInt(0).writeInt(reason);
    }
}
