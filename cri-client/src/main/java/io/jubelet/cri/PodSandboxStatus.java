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
 * The status of one sandbox.
 *
 * @param createdAt the time of its creation; null if unknown
 * @param network null until the network is set up
 * @param linux null on other operating systems
 * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
 * @param runtimeHandler empty for the default handler
 */
public record PodSandboxStatus(
        PodSandboxId id,
        PodSandboxMetadata metadata,
        PodSandboxState state,
        @Nullable Instant createdAt,
        @Nullable PodSandboxNetworkStatus network,
        @Nullable LinuxPodSandboxStatus linux,
        Map<String, String> labels,
        Map<String, String> annotations,
        String runtimeHandler) {
    public PodSandboxStatus {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(state, "state");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        Objects.requireNonNull(runtimeHandler, "runtimeHandler");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The addresses of a sandbox.
     *
     * @param ip the first address; empty for host network
     */
    public record PodSandboxNetworkStatus(String ip, List<PodIP> additionalIps) {
        public PodSandboxNetworkStatus {
            Objects.requireNonNull(ip, "ip");
            additionalIps = List.copyOf(additionalIps);
        }
    }

    /** An additional address of a sandbox. */
    public record PodIP(String ip) {
        public PodIP {
            Objects.requireNonNull(ip, "ip");
        }
    }

    /**
     * The Linux part of a sandbox status.
     *
     * @param namespaces null if not set
     */
    public record LinuxPodSandboxStatus(@Nullable Namespace namespaces) {}

    /**
     * The namespaces of a sandbox.
     *
     * @param options null if not set
     */
    public record Namespace(@Nullable NamespaceOption options) {}

    /** Builds a {@link PodSandboxStatus}. A component that is not set is zero, empty or null. */
    public static final class Builder {
        private @Nullable PodSandboxId id;
        private @Nullable PodSandboxMetadata metadata;
        private PodSandboxState state = PodSandboxState.READY;
        private @Nullable Instant createdAt;
        private @Nullable PodSandboxNetworkStatus network;
        private @Nullable LinuxPodSandboxStatus linux;
        private Map<String, String> labels = Map.of();
        private Map<String, String> annotations = Map.of();
        private String runtimeHandler = "";

        private Builder() {}

        public Builder id(PodSandboxId value) {
            this.id = value;
            return this;
        }

        public Builder metadata(PodSandboxMetadata value) {
            this.metadata = value;
            return this;
        }

        public Builder state(PodSandboxState value) {
            this.state = value;
            return this;
        }

        public Builder createdAt(@Nullable Instant value) {
            this.createdAt = value;
            return this;
        }

        public Builder network(@Nullable PodSandboxNetworkStatus value) {
            this.network = value;
            return this;
        }

        public Builder linux(@Nullable LinuxPodSandboxStatus value) {
            this.linux = value;
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

        public Builder runtimeHandler(String value) {
            this.runtimeHandler = value;
            return this;
        }

        public PodSandboxStatus build() {
            return new PodSandboxStatus(
                    Objects.requireNonNull(id, "id"),
                    Objects.requireNonNull(metadata, "metadata"),
                    state,
                    createdAt,
                    network,
                    linux,
                    labels,
                    annotations,
                    runtimeHandler);
        }
    }
}
