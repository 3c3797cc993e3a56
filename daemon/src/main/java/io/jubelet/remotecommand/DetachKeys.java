/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Input from a terminal that ends when Ctrl-P and Ctrl-Q are typed one after the other. Other keys pass; a Ctrl-P waits for the
 * next key. Read by one thread.
 */
public final class DetachKeys extends FilterInputStream {

    private static final byte CTRL_P = 16;
    private static final byte CTRL_Q = 17;
    private static final int KEYS = 8 << 10;

    private ByteBuffer ready = ByteBuffer.allocate(0);
    /** Whether a Ctrl-P waits. */
    private boolean begun;

    private boolean ended;
    /** Written by the thread that reads, for any other. */
    private volatile boolean typed;

    public DetachKeys(InputStream in) {
        super(in);
    }

    /** Whether the keys were typed. */
    public boolean typed() {
        return typed;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ready.hasRemaining()) {
            if (ended) {
                return -1;
            }
            readKeys();
        }
        int read = Math.min(length, ready.remaining());
        ready.get(bytes, offset, read);
        return read;
    }

    private void readKeys() throws IOException {
        byte[] keys = new byte[KEYS];
        int read = in.read(keys);
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        ended = read < 0;
        for (int i = 0; i < read && !ended; i++) {
            if (begun && keys[i] == CTRL_Q) {
                typed = true;
                ended = true;
                begun = false;
            } else {
                if (begun) {
                    passed.write(CTRL_P);
                }
                begun = keys[i] == CTRL_P;
                if (!begun) {
                    passed.write(keys[i]);
                }
            }
        }
        if (ended && begun) {
            passed.write(CTRL_P);
        }
        ready = ByteBuffer.wrap(passed.toByteArray());
    }
}
