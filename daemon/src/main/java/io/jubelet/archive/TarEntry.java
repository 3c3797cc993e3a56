/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import java.util.Objects;

/**
 * The head of one entry of a tar archive.
 *
 * @param name with {@code /} between segments
 * @param mode the permission bits
 * @param size of the content, in bytes
 * @param modified in seconds since 1970
 * @param link the target of a link; empty for others
 */
record TarEntry(String name, Kind kind, int mode, Owner owner, long size, long modified, String link) {

    /** What an entry is. */
    enum Kind {
        FILE,
        DIRECTORY,
        SYMBOLIC_LINK,
        /** Another name of a file that came before. */
        HARD_LINK,
        /** A device, a pipe, or something that this version of tar invented. */
        OTHER
    }

    /** The numbers of user and group. */
    record Owner(long user, long group) {
        static final Owner ROOT = new Owner(0, 0);
    }

    TarEntry {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(link, "link");
    }
}
