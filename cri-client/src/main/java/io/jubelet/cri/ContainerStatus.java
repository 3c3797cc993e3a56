/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The status of one container.
 *
 * @param createdAt the time of its creation; null if unknown
 * @param startedAt null if it was never started
 * @param finishedAt null until it exits
 * @param exitCode meaningful only after it has exited
 * @param imageRef the image as the runtime names it: an id, or a reference with a digest
 * @param reason why it is in this state, in CamelCase; can be empty
 * @param message a message for people; can be empty
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param logPath absolute path of the log file
 * @param resources null if the runtime does not report it
 * @param imageId the id of the image; empty if the runtime does not report it
 * @param user null if the runtime does not report it
 * @param stopSignal the signal that stops the container
 */
public record ContainerStatus(
        ContainerId id,
        ContainerMetadata metadata,
        ContainerState state,
        @Nullable Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        int exitCode,
        ImageSpec image,
        String imageRef,
        String reason,
        String message,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<Mount> mounts,
        String logPath,
        @Nullable ContainerResources resources,
        String imageId,
        @Nullable ContainerUser user,
        Signal stopSignal) {
    public ContainerStatus {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imageRef, "imageRef");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        mounts = List.copyOf(mounts);
        Objects.requireNonNull(logPath, "logPath");
        Objects.requireNonNull(imageId, "imageId");
        Objects.requireNonNull(stopSignal, "stopSignal");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The user that a container runs as.
     *
     * @param linux null on other operating systems
     */
    public record ContainerUser(@Nullable LinuxContainerUser linux) {}

    /** The user and groups of the first process of a container when it started. */
    public record LinuxContainerUser(long uid, long gid, List<Long> supplementalGroups) {
        public LinuxContainerUser {
            supplementalGroups = List.copyOf(supplementalGroups);
        }
    }

    /** Builds a {@link ContainerStatus}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private @Nullable ContainerId id;
        private @Nullable ContainerMetadata metadata;
        private ContainerState state = ContainerState.CREATED;
        private @Nullable Instant createdAt;
        private @Nullable Instant startedAt;
        private @Nullable Instant finishedAt;
        private int exitCode;
        private @Nullable ImageSpec image;
        private String imageRef = "";
        private String reason = "";
        private String message = "";
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private List<Mount> mounts = List.of();
        private String logPath = "";
        private @Nullable ContainerResources resources;
        private String imageId = "";
        private @Nullable ContainerUser user;
        private Signal stopSignal = Signal.RUNTIME_DEFAULT;

        private Builder() {}

        public Builder id(ContainerId value) {
            this.id = value;
            return this;
        }

        public Builder metadata(ContainerMetadata value) {
            this.metadata = value;
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

        public Builder startedAt(@Nullable Instant value) {
            this.startedAt = value;
            return this;
        }

        public Builder finishedAt(@Nullable Instant value) {
            this.finishedAt = value;
            return this;
        }

        public Builder exitCode(int value) {
            this.exitCode = value;
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

        public Builder reason(String value) {
            this.reason = value;
            return this;
        }

        public Builder message(String value) {
            this.message = value;
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

        public Builder mounts(List<Mount> value) {
            this.mounts = value;
            return this;
        }

        public Builder logPath(String value) {
            this.logPath = value;
            return this;
        }

        public Builder resources(@Nullable ContainerResources value) {
            this.resources = value;
            return this;
        }

        public Builder imageId(String value) {
            this.imageId = value;
            return this;
        }

        public Builder user(@Nullable ContainerUser value) {
            this.user = value;
            return this;
        }

        public Builder stopSignal(Signal value) {
            this.stopSignal = value;
            return this;
        }

        public ContainerStatus build() {
            return new ContainerStatus(
                    Objects.requireNonNull(id, "id"),
                    Objects.requireNonNull(metadata, "metadata"),
                    state,
                    createdAt,
                    startedAt,
                    finishedAt,
                    exitCode,
                    Objects.requireNonNull(image, "image"),
                    imageRef,
                    reason,
                    message,
                    labels,
                    annotations,
                    mounts,
                    logPath,
                    resources,
                    imageId,
                    user,
                    stopSignal);
        }
    }
}
