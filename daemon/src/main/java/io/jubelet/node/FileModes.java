package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Path;

/** Tells modes of files, the bits of their types included. */
public interface FileModes {

    /**
     * The mode of a file, as {@code stat} has it.
     *
     * @param follow whether of what a symbolic link leads to
     * @throws java.nio.file.NoSuchFileException when there is none
     */
    int mode(Path path, boolean follow) throws IOException;
}
