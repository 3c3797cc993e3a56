/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One container in a list.
 *
 * @param imageRef the image as the runtime names it: an id, or a reference with a digest
 * @param createdAt the time of its creation; null if unknown
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param imageId the id of the image; empty if the runtime does not report it
 */
public record Container(
        ContainerId id,
        PodSandboxId podSandboxId,
        ContainerMetadata metadata,
        ImageSpec image,
        String imageRef,
        ContainerState state,
        @Nullable Instant createdAt,
        Map<String, String> labels,
        Map<String, String> annotations,
        String imageId) {
    public Container {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(podSandboxId, "podSandboxId");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imageRef, "imageRef");
        Objects.requireNonNull(state, "state");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(imageId, "imageId");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds a {@link Container}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private @Nullable ContainerId id;
        private @Nullable PodSandboxId podSandboxId;
        private @Nullable ContainerMetadata metadata;
        private @Nullable ImageSpec image;
        private String imageRef = "";
        private ContainerState state = ContainerState.CREATED;
        private @Nullable Instant createdAt;
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private String imageId = "";

        private Builder() {}

        public Builder id(ContainerId value) {
            this.id = value;
            return this;
        }

        public Builder podSandboxId(PodSandboxId value) {
            this.podSandboxId = value;
            return this;
        }

        public Builder metadata(ContainerMetadata value) {
            this.metadata = value;
            return this;
        }

        public Builder image(ImageSpec value) {
            this.image = value;
            return this;
        }

        public Builder imageRef(String value) {
            this.imageRef = value;
            return this;
        }

        public Builder state(ContainerState value) {
            this.state = value;
            return this;
        }

        public Builder createdAt(@Nullable Instant value) {
            this.createdAt = value;
            return this;
        }

        public Builder labels(Map<String, String> value) {
            this.labels = value;
            return this;
        }

        public Builder annotations(Map<String, String> value) {
            this.annotations = value;
            return this;
        }

        public Builder imageId(String value) {
            this.imageId = value;
            return this;
        }

        public Container build() {
            return new Container(
                    Objects.requireNonNull(id, "id"),
                    Objects.requireNonNull(podSandboxId, "podSandboxId"),
                    Objects.requireNonNull(metadata, "metadata"),
                    Objects.requireNonNull(image, "image"),
                    imageRef,
                    state,
                    createdAt,
                    labels,
                    annotations,
                    imageId);
        }
    }
}
