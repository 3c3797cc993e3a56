/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A volume of a pod. */
public sealed interface Volume {

    /** The name by which containers mount it, unique in the pod. */
    String name();

    /**
     * A file or directory of the node.
     *
     * @param path absolute path on the node, without {@code ..}
     * @param type what must exist, or is created, before a container starts
     */
    record HostPath(String name, String path, HostPathType type) implements Volume {
        public HostPath {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(type, "type");
        }
    }

    /**
     * A directory that lives as long as the pod.
     *
     * @param medium where its content is stored
     * @param sizeLimit maximum size of its content
     */
    record EmptyDir(String name, Medium medium, Optional<Quantity> sizeLimit) implements Volume {
        public EmptyDir {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(medium, "medium");
            Objects.requireNonNull(sizeLimit, "sizeLimit");
        }
    }

    /**
     * Read-only files from ConfigMaps, Secrets and fields of the pod.
     *
     * @param form the kind of volume in the manifest
     * @param sources a later source wins when two have the same file
     * @param defaultMode permission bits of files without a mode of their own
     */
    record Projected(String name, Form form, List<Projection> sources, int defaultMode) implements Volume {
        public Projected {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(form, "form");
            sources = List.copyOf(sources);
        }
    }

    /** The kinds of volume that are a {@link Projected}. */
    enum Form {
        CONFIG_MAP,
        SECRET,
        DOWNWARD_API,
        PROJECTED
    }

    /**
     * The read-only content of an image.
     *
     * @param reference of the image as written
     * @param pullPolicy never null; defaulted from the tag
     */
    record Image(String name, String reference, ImagePullPolicy pullPolicy) implements Volume {
        public Image {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(reference, "reference");
            Objects.requireNonNull(pullPolicy, "pullPolicy");
        }
    }

    /** Medium of an emptyDir. */
    sealed interface Medium {
        Medium DISK = new Disk();
        Medium MEMORY = new Memory();

        /** The disk that holds the root directory of the daemon. */
        record Disk() implements Medium {}

        /** A tmpfs. */
        record Memory() implements Medium {}

        /**
         * Huge pages of the node.
         *
         * @param pageSize empty for the only size that the pod requests
         */
        record HugePages(Optional<Quantity> pageSize) implements Medium {
            public HugePages {
                Objects.requireNonNull(pageSize, "pageSize");
            }

            /** As in the manifest. */
            public String text() {
                return "HugePages" + pageSize.map(size -> "-" + size.text()).orElse("");
            }
        }
    }

    /**
     * The {@code type} of a hostPath volume; the constants are spelled as in the API, except {@link #UNSET}.
     */
    enum HostPathType {
        UNSET,
        DirectoryOrCreate,
        Directory,
        FileOrCreate,
        File,
        Socket,
        CharDevice,
        BlockDevice
    }
}
