/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Linux part of a sandbox configuration.
 *
 * @param cgroupParent in the form of the cgroup driver: a path, or the name of a slice
 * @param securityContext null if not set
 * @param overhead the resources of the sandbox itself; null if unknown
 * @param resources the sum of the resources of the containers; null if unknown
 */
public record LinuxPodSandboxConfig(
        String cgroupParent,
        @Nullable LinuxSandboxSecurityContext securityContext,
        Map<String, String> sysctls,
        @Nullable LinuxContainerResources overhead,
        @Nullable LinuxContainerResources resources) {
    public LinuxPodSandboxConfig {
        Objects.requireNonNull(cgroupParent, "cgroupParent");
        sysctls = Map.copyOf(sysctls);
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.cgroupParent = cgroupParent;
        builder.securityContext = securityContext;
        builder.sysctls = sysctls;
        builder.overhead = overhead;
        builder.resources = resources;
        return builder;
    }

    /**
     * Builds a {@link LinuxPodSandboxConfig}. A component that is not set is zero, empty or null.
     */
    public static final class Builder {
        private String cgroupParent = "";
        private @Nullable LinuxSandboxSecurityContext securityContext;
        private Map<String, String> sysctls = Map.of();
        private @Nullable LinuxContainerResources overhead;
        private @Nullable LinuxContainerResources resources;

        private Builder() {}

        public Builder cgroupParent(String value) {
            this.cgroupParent = value;
            return this;
        }

        public Builder securityContext(@Nullable LinuxSandboxSecurityContext value) {
            this.securityContext = value;
            return this;
        }

        public Builder sysctls(Map<String, String> value) {
            this.sysctls = value;
            return this;
        }

        public Builder overhead(@Nullable LinuxContainerResources value) {
            this.overhead = value;
            return this;
        }

        public Builder resources(@Nullable LinuxContainerResources value) {
            this.resources = value;
            return this;
        }

        public LinuxPodSandboxConfig build() {
            return new LinuxPodSandboxConfig(cgroupParent, securityContext, sysctls, overhead, resources);
        }
    }
}
