package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;

/**
 * The space and inodes in use on one filesystem.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param fsId null if not reported
 * @param usedBytes null if not reported
 * @param inodesUsed null if not reported
 */
public record FilesystemUsage(Instant timestamp, FilesystemIdentifier fsId, Long usedBytes, Long inodesUsed) {

    /** Identifies a filesystem by its mount point. */
    public record FilesystemIdentifier(String mountpoint) {
        public FilesystemIdentifier {
            Objects.requireNonNull(mountpoint, "mountpoint");
        }
    }
}
