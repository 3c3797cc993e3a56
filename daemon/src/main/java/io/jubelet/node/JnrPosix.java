/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import jnr.posix.FileStat;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * Reads file modes through jnr-posix. The only class that uses it; created by {@link
 * io.jubelet.optional.OptionalLibraries}.
 */
public final class JnrPosix implements FileModes {

    private final POSIX posix = POSIXFactory.getNativePOSIX();

    @Override
    public int mode(Path path, boolean follow) throws IOException {
        FileStat stat = posix.allocateStat();
        int result = follow ? posix.stat(path.toString(), stat) : posix.lstat(path.toString(), stat);
        if (result != 0) {
            throw new NoSuchFileException(path.toString(), null, posix.strerror(posix.errno()));
        }
        return stat.mode();
    }
}
