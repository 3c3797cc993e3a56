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

    /**
     * An image, which the runtime has and mounts itself.
     *
     * @param reference as the manifest writes it
     * @param subPath the part that is mounted; empty for the whole
     */
    record InImage(String reference, String subPath) implements VolumeSource {
        public InImage {
            Objects.requireNonNull(reference, "reference");
            Objects.requireNonNull(subPath, "subPath");
        }
    }
}
