package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;

/**
 * Space and inodes used on one filesystem.
 *
 * @param timestamp when this was measured; null when unknown
 * @param fsId null when absent
 * @param usedBytes null when absent
 * @param inodesUsed null when absent
 */
public record FilesystemUsage(Instant timestamp, FilesystemIdentifier fsId, Long usedBytes, Long inodesUsed) {

    /** Names a filesystem. */
    public record FilesystemIdentifier(String mountpoint) {
        public FilesystemIdentifier {
            Objects.requireNonNull(mountpoint, "mountpoint");
        }
    }
}
