/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Mounts a host path or an image in a container.
 *
 * @param hostPath empty if an image is mounted
 * @param uidMappings the user ids of an id-mapped mount
 * @param gidMappings the group ids of an id-mapped mount
 * @param recursiveReadOnly requires {@code readonly} and private propagation
 * @param image the image to mount; null for a host path
 */
public record Mount(
        String containerPath,
        String hostPath,
        boolean readonly,
        boolean selinuxRelabel,
        MountPropagation propagation,
        List<IDMapping> uidMappings,
        List<IDMapping> gidMappings,
        boolean recursiveReadOnly,
        @Nullable ImageSpec image,
        String imageSubPath) {
    public Mount {
        Objects.requireNonNull(containerPath, "containerPath");
        Objects.requireNonNull(hostPath, "hostPath");
        Objects.requireNonNull(propagation, "propagation");
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
        Objects.requireNonNull(imageSubPath, "imageSubPath");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.containerPath = containerPath;
        builder.hostPath = hostPath;
        builder.readonly = readonly;
        builder.selinuxRelabel = selinuxRelabel;
        builder.propagation = propagation;
        builder.uidMappings = uidMappings;
        builder.gidMappings = gidMappings;
        builder.recursiveReadOnly = recursiveReadOnly;
        builder.image = image;
        builder.imageSubPath = imageSubPath;
        return builder;
    }

    /** Builds a {@link Mount}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private String containerPath = "";
        private String hostPath = "";
        private boolean readonly;
        private boolean selinuxRelabel;
        private MountPropagation propagation = MountPropagation.PRIVATE;
        private List<IDMapping> uidMappings = List.of();
        private List<IDMapping> gidMappings = List.of();
        private boolean recursiveReadOnly;
        private @Nullable ImageSpec image;
        private String imageSubPath = "";

        private Builder() {}

        public Builder containerPath(String value) {
            this.containerPath = value;
            return this;
        }

        public Builder hostPath(String value) {
            this.hostPath = value;
            return this;
        }

        public Builder readonly(boolean value) {
            this.readonly = value;
            return this;
        }

        public Builder selinuxRelabel(boolean value) {
            this.selinuxRelabel = value;
            return this;
        }

        public Builder propagation(MountPropagation value) {
            this.propagation = value;
            return this;
        }

        public Builder uidMappings(List<IDMapping> value) {
            this.uidMappings = value;
            return this;
        }

        public Builder gidMappings(List<IDMapping> value) {
            this.gidMappings = value;
            return this;
        }

        public Builder recursiveReadOnly(boolean value) {
            this.recursiveReadOnly = value;
            return this;
        }

        public Builder image(@Nullable ImageSpec value) {
            this.image = value;
            return this;
        }

        public Builder imageSubPath(String value) {
            this.imageSubPath = value;
            return this;
        }

        public Mount build() {
            return new Mount(
                    containerPath,
                    hostPath,
                    readonly,
                    selinuxRelabel,
                    propagation,
                    uidMappings,
                    gidMappings,
                    recursiveReadOnly,
                    image,
                    imageSubPath);
        }
    }
}
