package io.jubelet.api;

import java.io.IOException;
import java.io.OutputStream;

/** Passes on so many bytes at most; who writes more is told by an exception that all is there. Used by one thread. */
final class LimitedOutputStream extends OutputStream {

    /** Everything that is wanted has been passed on. */
    static final class FullException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private final OutputStream out;
    private long left;

    LimitedOutputStream(OutputStream out, long most) {
        this.out = out;
        this.left = most;
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
