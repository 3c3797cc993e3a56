package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Exception;
import java.util.Collection;

/** What the server lets us send on one connection; RFC 9113, sections 5.1.2, 5.2 and 6.5. For the connection's thread. */
final class Limits {

    /** More is of no use, in bytes. */
    private static final int MOST_FRAME = 1 << 20;
    /** How many calls there may be as long as the server did not say how many; what Netty takes, too. */
    private static final int STREAMS_UNTIL_TOLD = 100;

    private boolean told;
    private long streams = STREAMS_UNTIL_TOLD;
    private int frame = Frames.DEFAULT_FRAME;
    private int streamWindow = Frames.DEFAULT_WINDOW;
    private int window = Frames.DEFAULT_WINDOW;

    /** Whether the server sent settings. */
    boolean isTold() {
        return told;
    }

    /** How many calls there may be side by side. */
    long streams() {
        return streams;
    }

    /** How long a frame may be, in bytes. */
    int frame() {
        return frame;
    }

    /** How much of a new call may be sent, in bytes. */
    int streamWindow() {
        return streamWindow;
    }

    /** How much of all calls may be sent, in bytes. */
    int window() {
        return window;
    }

    void sent(int bytes) {
        window -= bytes;
    }

    void widen(int bytes) throws Http2Exception {
        if (bytes == 0 || bytes > Integer.MAX_VALUE - window) {
            throw Frames.overflow("a window that is wider by " + bytes + " bytes");
        }
        window += bytes;
    }

    /** Reads SETTINGS; the windows of calls under way change with them. */
    void read(ByteBuf in, Collection<Http2Stream> calls) throws Http2Exception {
        if (!told) {
            told = true;
            streams = Integer.MAX_VALUE;
        }
        while (in.isReadable()) {
            read(in.readUnsignedShort(), in.readUnsignedInt(), calls);
        }
    }

    private void read(int setting, long value, Collection<Http2Stream> calls) throws Http2Exception {
        switch (setting) {
            case Frames.SETTINGS_ENABLE_PUSH -> {
                if (value != 0) {
                    throw Frames.violation("a server that would take pushes");
                }
            }
            case Frames.SETTINGS_MAX_CONCURRENT_STREAMS -> streams = value;
            case Frames.SETTINGS_MAX_FRAME_SIZE -> {
                if (value < Frames.DEFAULT_FRAME || value > Frames.LONGEST_FRAME) {
                    throw Frames.violation("frames of at most " + value + " bytes");
                }
                frame = (int) Math.min(value, MOST_FRAME);
            }
            case Frames.SETTINGS_INITIAL_WINDOW_SIZE -> {
                long wider = value - streamWindow;
                boolean fits = value <= Integer.MAX_VALUE;
                for (Http2Stream call : calls) {
                    fits = fits && call.widen(wider);
                }
                if (!fits) {
                    throw Frames.overflow("a window for each stream of " + value + " bytes");
                }
                streamWindow = (int) value;
            }
            default -> {
                // Of no interest to a client that sends little.
            }
        }
    }
}
