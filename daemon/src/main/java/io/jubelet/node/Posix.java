/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import io.jubelet.optional.OptionalLibraries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * POSIX facts about files for which the JDK has no portable call.
 *
 * <p>The JDK on Linux offers them as the file attribute view {@code unix}, which is not part of its
 * specification. While that view exists it is used, and jnr-posix is not loaded: loading it takes
 * 126 ms and 27 MB of resident memory with an AOT cache, 380 ms and 36 MB without one (JDK 25,
 * SerialGC, C1 only), which is a third of the memory that the daemon may use. Without the view,
 * jnr-posix is used.
 */
public final class Posix {

    private static final int TYPE_MASK = 0170000;

    /** Type of a file. */
    public enum FileType {
        REGULAR(0100000),
        DIRECTORY(0040000),
        SYMBOLIC_LINK(0120000),
        SOCKET(0140000),
        FIFO(0010000),
        CHARACTER_DEVICE(0020000),
        BLOCK_DEVICE(0060000);

        private final int bits;

        FileType(int bits) {
            this.bits = bits;
        }

        private static FileType of(int mode) throws IOException {
            for (FileType type : values()) {
                if (type.bits == (mode & TYPE_MASK)) {
                    return type;
                }
            }
            throw new IOException("unknown file type in mode 0" + Integer.toOctalString(mode));
        }
    }

    private Posix() {}

    /**
     * The type of a file; symbolic links are followed.
     *
     * @throws NoSuchFileException if there is no such file
     */
    public static FileType fileType(Path path) throws IOException {
        try {
            return FileType.of((int) Files.getAttribute(path, "unix:mode"));
        } catch (UnsupportedOperationException | IllegalArgumentException _) {
            return FileType.of(Jnr.mode(path, true));
        }
    }

    /** As {@link #fileType(Path)}, but without following a symbolic link. */
    public static FileType linkType(Path path) throws IOException {
        try {
            return FileType.of((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS));
        } catch (UnsupportedOperationException | IllegalArgumentException _) {
            return FileType.of(Jnr.mode(path, false));
        }
    }

    /** Loaded only when it is called. */
    static final class Jnr {

        private static final FileModes MODES = OptionalLibraries.load(FileModes.class, "io.jubelet.node.JnrPosix");

        private Jnr() {}

        static int mode(Path path, boolean follow) throws IOException {
            return MODES.mode(path, follow);
        }
    }
}
