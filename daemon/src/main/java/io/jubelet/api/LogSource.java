package io.jubelet.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;

/** Where the logs of containers come from. Implemented by {@code runtime}. */
public interface LogSource {

    /**
     * Copies a log as plain text. Blocks until all is copied; when following, until the instance has ended and the rest
     * of its log is copied. The thread is interrupted when the reader goes away.
     *
     * @param live whether the instance may still write; cheap, may be asked often
     * @param out blocks while the reader is slow, throws when it is gone; what was written is sent on {@code flush}
     * @throws java.nio.file.NoSuchFileException when there is no such log
     */
    void copy(LogRequest request, BooleanSupplier live, OutputStream out) throws IOException, InterruptedException;
}
