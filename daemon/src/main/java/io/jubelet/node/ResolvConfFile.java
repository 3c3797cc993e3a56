/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A resolv.conf that is read again after it has changed. Safe for use by many threads. */
public final class ResolvConfFile {

    private final Path path;
    private volatile @Nullable Read last;

    /**
     * @param key identifies the inode, because a file that was renamed into place may have the old
     *     time
     */
    private record Read(
            FileTime modified, long size, @Nullable Object key, ResolvConf content) {}

    public ResolvConfFile(Path path) {
        this.path = Objects.requireNonNull(path, "path");
    }

    /**
     * Returns the current content.
     *
     * @throws NoSuchFileException if the file does not exist
     * @throws IOException if it cannot be read
     */
    public ResolvConf content() throws IOException {
        // Read before the content, so that a concurrent write is seen by the next call.
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        Read known = last;
        if (known == null
                || !known.modified.equals(now.lastModifiedTime())
                || known.size != now.size()
                || !Objects.equals(known.key, now.fileKey())) {
            known = new Read(now.lastModifiedTime(), now.size(), now.fileKey(), ResolvConf.read(path));
            last = known;
        }
        return known.content;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
