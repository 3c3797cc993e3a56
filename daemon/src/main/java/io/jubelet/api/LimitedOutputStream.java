/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Passes on a limited number of bytes, and then throws {@link FullException}. Used by one thread.
 */
final class LimitedOutputStream extends OutputStream {

    /** The limit is reached, and all bytes up to it were passed on. */
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private final OutputStream out;
    private long left;

    LimitedOutputStream(OutputStream out, long limit) {
        this.out = out;
        this.left = limit;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int part = (int) Math.min(length, left);
        out.write(bytes, offset, part);
        left -= part;
        if (left == 0) {
            throw new FullException();
        }
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }
}
