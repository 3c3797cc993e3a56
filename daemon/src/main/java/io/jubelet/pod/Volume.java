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
     * @param type what must be there, or be made, before a container starts
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
     * @param medium where its content lies
     * @param sizeLimit upper bound of its content
     */
    record EmptyDir(String name, Medium medium, Optional<Quantity> sizeLimit) implements Volume {
        public EmptyDir {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(medium, "medium");
            Objects.requireNonNull(sizeLimit, "sizeLimit");
        }
    }

    /**
     * Files made of ConfigMaps, Secrets and facts of the pod, which no container can write to.
     *
     * @param form as what the manifest writes it
     * @param sources later ones win where two make the same file
     * @param defaultMode permission bits of files without a mode of their own
     */
    record Projected(String name, Form form, List<Projection> sources, int defaultMode) implements Volume {
        public Projected {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(form, "form");
            sources = List.copyOf(sources);
        }
    }

    /** The ways to write a {@link Projected}. */
    enum Form {
        CONFIG_MAP,
        SECRET,
        DOWNWARD_API,
        PROJECTED
    }

    /**
     * What is in an image, which nobody can write to.
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
         * @param pageSize empty when it is the only size that the pod requests
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
     * The {@code type} of a hostPath volume; the constants are spelt as in the API but for {@link
     * #UNSET}.
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
