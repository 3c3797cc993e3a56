/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What a mount of a container takes its content from: a volume that has been set up, or a part of
 * one.
 */
public sealed interface MountSource {

    /**
     * A file or directory of the node.
     *
     * @param path absolute
     * @param readOnly whether containers must not write to it, whatever their mounts declare
     */
    record OnNode(Path path, boolean readOnly) implements MountSource {
        public OnNode {
            Objects.requireNonNull(path, "path");
        }
    }

    /**
     * An image, which the runtime has and mounts itself.
     *
     * @param reference as the manifest writes it
     * @param subPath the path in the image that is mounted; empty for the whole image
     */
    record InImage(String reference, String subPath) implements MountSource {
        public InImage {
            Objects.requireNonNull(reference, "reference");
            Objects.requireNonNull(subPath, "subPath");
        }
    }
}
