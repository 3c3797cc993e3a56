/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The security settings of a sandbox.
 *
 * @param namespaceOptions null if not set
 * @param selinuxOptions null if not set
 * @param runAsUser null for the user of the image
 * @param runAsGroup null for the group of the image; requires a user
 * @param seccomp null if not set
 * @param apparmor null if not set
 */
public record LinuxSandboxSecurityContext(
        @Nullable NamespaceOption namespaceOptions,
        @Nullable SELinuxOption selinuxOptions,
        @Nullable Long runAsUser,
        @Nullable Long runAsGroup,
        boolean readonlyRootfs,
        List<Long> supplementalGroups,
        SupplementalGroupsPolicy supplementalGroupsPolicy,
        boolean privileged,
        @Nullable SecurityProfile seccomp,
        @Nullable SecurityProfile apparmor) {
    public LinuxSandboxSecurityContext {
        supplementalGroups = List.copyOf(supplementalGroups);
        Objects.requireNonNull(supplementalGroupsPolicy, "supplementalGroupsPolicy");
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** Returns a builder with the values of this record. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.namespaceOptions = namespaceOptions;
        builder.selinuxOptions = selinuxOptions;
        builder.runAsUser = runAsUser;
        builder.runAsGroup = runAsGroup;
        builder.readonlyRootfs = readonlyRootfs;
        builder.supplementalGroups = supplementalGroups;
        builder.supplementalGroupsPolicy = supplementalGroupsPolicy;
        builder.privileged = privileged;
        builder.seccomp = seccomp;
        builder.apparmor = apparmor;
        return builder;
    }

    /**
     * Builds a {@link LinuxSandboxSecurityContext}. A component that is not set is zero, empty or
     * null.
     */
    public static final class Builder {
        private @Nullable NamespaceOption namespaceOptions;
        private @Nullable SELinuxOption selinuxOptions;
        private @Nullable Long runAsUser;
        private @Nullable Long runAsGroup;
        private boolean readonlyRootfs;
        private List<Long> supplementalGroups = List.of();
        private SupplementalGroupsPolicy supplementalGroupsPolicy = SupplementalGroupsPolicy.MERGE;
        private boolean privileged;
        private @Nullable SecurityProfile seccomp;
        private @Nullable SecurityProfile apparmor;

        private Builder() {}

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

        public Builder privileged(boolean value) {
            this.privileged = value;
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

        public LinuxSandboxSecurityContext build() {
            return new LinuxSandboxSecurityContext(
                    namespaceOptions,
                    selinuxOptions,
                    runAsUser,
                    runAsGroup,
                    readonlyRootfs,
                    supplementalGroups,
                    supplementalGroupsPolicy,
                    privileged,
                    seccomp,
                    apparmor);
        }
    }
}
