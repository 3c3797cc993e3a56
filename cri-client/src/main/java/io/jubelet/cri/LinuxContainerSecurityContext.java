/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The security settings of a container.
 *
 * @param capabilities null if not set
 * @param namespaceOptions null if not set
 * @param selinuxOptions null if not set
 * @param runAsUser null for the user of the image
 * @param runAsGroup null for the group of the image; requires a user
 * @param runAsUsername the name of a user of the image; empty if not set
 * @param seccomp null if not set
 * @param apparmor null if not set
 */
public record LinuxContainerSecurityContext(
        @Nullable Capability capabilities,
        boolean privileged,
        @Nullable NamespaceOption namespaceOptions,
        @Nullable SELinuxOption selinuxOptions,
        @Nullable Long runAsUser,
        @Nullable Long runAsGroup,
        String runAsUsername,
        boolean readonlyRootfs,
        List<Long> supplementalGroups,
        SupplementalGroupsPolicy supplementalGroupsPolicy,
        boolean noNewPrivs,
        List<String> maskedPaths,
        List<String> readonlyPaths,
        @Nullable SecurityProfile seccomp,
        @Nullable SecurityProfile apparmor) {
    public LinuxContainerSecurityContext {
        Objects.requireNonNull(runAsUsername, "runAsUsername");
        supplementalGroups = List.copyOf(supplementalGroups);
        Objects.requireNonNull(supplementalGroupsPolicy, "supplementalGroupsPolicy");
        maskedPaths = List.copyOf(maskedPaths);
        readonlyPaths = List.copyOf(readonlyPaths);
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.capabilities = capabilities;
        builder.privileged = privileged;
        builder.namespaceOptions = namespaceOptions;
        builder.selinuxOptions = selinuxOptions;
        builder.runAsUser = runAsUser;
        builder.runAsGroup = runAsGroup;
        builder.runAsUsername = runAsUsername;
        builder.readonlyRootfs = readonlyRootfs;
        builder.supplementalGroups = supplementalGroups;
        builder.supplementalGroupsPolicy = supplementalGroupsPolicy;
        builder.noNewPrivs = noNewPrivs;
        builder.maskedPaths = maskedPaths;
        builder.readonlyPaths = readonlyPaths;
        builder.seccomp = seccomp;
        builder.apparmor = apparmor;
        return builder;
    }

    /** The changes to the default set of Linux capabilities; the names have no CAP_ prefix. */
    public record Capability(
            List<String> addCapabilities, List<String> dropCapabilities, List<String> addAmbientCapabilities) {
        public Capability {
            addCapabilities = List.copyOf(addCapabilities);
            dropCapabilities = List.copyOf(dropCapabilities);
            addAmbientCapabilities = List.copyOf(addAmbientCapabilities);
        }
    }

    /**
     * Builds a {@link LinuxContainerSecurityContext}. A component that is not set is zero, empty or
     * null.
     */
    public static final class Builder {
        private @Nullable Capability capabilities;
        private boolean privileged;
        private @Nullable NamespaceOption namespaceOptions;
        private @Nullable SELinuxOption selinuxOptions;
        private @Nullable Long runAsUser;
        private @Nullable Long runAsGroup;
        private String runAsUsername = "";
        private boolean readonlyRootfs;
        private List<Long> supplementalGroups = List.of();
        private SupplementalGroupsPolicy supplementalGroupsPolicy = SupplementalGroupsPolicy.MERGE;
        private boolean noNewPrivs;
        private List<String> maskedPaths = List.of();
        private List<String> readonlyPaths = List.of();
        private @Nullable SecurityProfile seccomp;
        private @Nullable SecurityProfile apparmor;

        private Builder() {}

        public Builder capabilities(@Nullable Capability value) {
            this.capabilities = value;
            return this;
        }

        public Builder privileged(boolean value) {
            this.privileged = value;
            return this;
        }

        public Builder namespaceOptions(@Nullable NamespaceOption value) {
            this.namespaceOptions = value;
            return this;
        }

        public Builder selinuxOptions(@Nullable SELinuxOption value) {
            this.selinuxOptions = value;
            return this;
        }

        public Builder runAsUser(@Nullable Long value) {
            this.runAsUser = value;
            return this;
        }

        public Builder runAsGroup(@Nullable Long value) {
            this.runAsGroup = value;
            return this;
        }

        public Builder runAsUsername(String value) {
            this.runAsUsername = value;
            return this;
        }

        public Builder readonlyRootfs(boolean value) {
            this.readonlyRootfs = value;
            return this;
        }

        public Builder supplementalGroups(List<Long> value) {
            this.supplementalGroups = value;
            return this;
        }

        public Builder supplementalGroupsPolicy(SupplementalGroupsPolicy value) {
            this.supplementalGroupsPolicy = value;
            return this;
        }

        public Builder noNewPrivs(boolean value) {
            this.noNewPrivs = value;
            return this;
        }

        public Builder maskedPaths(List<String> value) {
            this.maskedPaths = value;
            return this;
        }

        public Builder readonlyPaths(List<String> value) {
            this.readonlyPaths = value;
            return this;
        }

        public Builder seccomp(@Nullable SecurityProfile value) {
            this.seccomp = value;
            return this;
        }

        public Builder apparmor(@Nullable SecurityProfile value) {
            this.apparmor = value;
            return this;
        }

        public LinuxContainerSecurityContext build() {
            return new LinuxContainerSecurityContext(
                    capabilities,
                    privileged,
                    namespaceOptions,
                    selinuxOptions,
                    runAsUser,
                    runAsGroup,
                    runAsUsername,
                    readonlyRootfs,
                    supplementalGroups,
                    supplementalGroupsPolicy,
                    noNewPrivs,
                    maskedPaths,
                    readonlyPaths,
                    seccomp,
                    apparmor);
        }
    }
}
