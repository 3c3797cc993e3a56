package io.jubelet.volume;

import java.nio.file.Path;
import java.util.Objects;

/** Where a volume is that has been made ready. */
public sealed interface VolumeSource {

    /**
     * A file or directory of the node.
     *
     * @param path absolute
     * @param readOnly whether no container may write to it, whatever its mount says
     */
    record OnNode(Path path, boolean readOnly) implements VolumeSource {
        public OnNode {
            Objects.requireNonNull(path, "path");
        }
    }
}
