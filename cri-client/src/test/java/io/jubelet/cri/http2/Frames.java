/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

/** The numbers of HTTP/2 for a server that writes frames itself (RFC 9113, sections 6 and 7). */
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

    static final int END_STREAM = 0x1;
    static final int ACK = 0x1;
    static final int END_HEADERS = 0x4;
    static final int PADDED = 0x8;
    static final int PRIORITY = 0x20;

    static final int SETTINGS_ENABLE_PUSH = 2;
    static final int SETTINGS_MAX_CONCURRENT_STREAMS = 3;
    static final int SETTINGS_INITIAL_WINDOW_SIZE = 4;
    static final int SETTINGS_MAX_FRAME_SIZE = 5;

    static final int FLOW_CONTROL_ERROR = 3;
    static final int CANCEL = 8;

    static final int DEFAULT_WINDOW = 65_535;
    static final int DEFAULT_FRAME = 16_384;

    private Frames() {}
}
