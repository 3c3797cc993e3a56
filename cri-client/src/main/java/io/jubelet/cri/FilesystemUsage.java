/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The space and inodes in use on one filesystem.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param fsId null if not reported
 * @param usedBytes null if not reported
 * @param inodesUsed null if not reported
 */
public record FilesystemUsage(
        @Nullable Instant timestamp,
        @Nullable FilesystemIdentifier fsId,
        @Nullable Long usedBytes,
        @Nullable Long inodesUsed) {

    /** Identifies a filesystem by its mount point. */
    public record FilesystemIdentifier(String mountpoint) {
        public FilesystemIdentifier {
            Objects.requireNonNull(mountpoint, "mountpoint");
        }
    }
}
