/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.Mount;
import io.jubelet.pod.ContainerUser;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the runtime says of a container instance and never changes. Lists have the first two alone.
 *
 * @param imageId the runtime's reference of its image, by digest where it has one; may be empty
 * @param createdAt by the runtime's clock, for showing; null if the runtime does not know it
 * @param recursiveReadOnly whether its read-only mounts that ask for it include what is mounted below
 * @param user empty if the runtime does not report it
 * @param resources empty if the runtime does not report them
 */
public record RuntimeFacts(
        String imageId,
        @Nullable Instant createdAt,
        boolean recursiveReadOnly,
        Optional<ContainerUser> user,
        Optional<EnactedResources> resources) {

    /**
     * The limits that the runtime gave to a container; a value that it does not report is zero.
     *
     * @param cpuRequest in thousandths of a processor
     * @param cpuLimit in thousandths of a processor
     * @param memoryLimit in bytes
     */
    public record EnactedResources(long cpuRequest, long cpuLimit, long memoryLimit) {

        private static final long SHARES_PER_CPU = 1024;
        private static final long MILLI = 1000;

        /** Returns what CRI resources mean, rounded as the kubelet does; empty if they say nothing. */
        static Optional<EnactedResources> of(@Nullable ContainerResources resources) {
            LinuxContainerResources linux = resources == null ? null : resources.linux();
            if (linux == null) {
                return Optional.empty();
            }
            long request = Math.ceilDiv(Math.max(0, linux.cpuShares()) * MILLI, SHARES_PER_CPU);
            long limit =
                    linux.cpuPeriod() > 0 && linux.cpuQuota() > 0 ? linux.cpuQuota() * MILLI / linux.cpuPeriod() : 0;
            long memory = Math.max(0, linux.memoryLimitInBytes());
            return request == 0 && limit == 0 && memory == 0
                    ? Optional.empty()
                    : Optional.of(new EnactedResources(request, limit, memory));
        }
    }

    public RuntimeFacts {
        Objects.requireNonNull(imageId, "imageId");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(resources, "resources");
    }

    /** What a list shows. */
    public RuntimeFacts(String imageId, @Nullable Instant createdAt) {
        this(imageId, createdAt, false, Optional.empty(), Optional.empty());
    }

    /** What a status shows. */
    static RuntimeFacts of(ContainerStatus status, @Nullable Instant createdAt) {
        return new RuntimeFacts(
                status.imageRef(),
                createdAt,
                status.mounts().stream().anyMatch(Mount::recursiveReadOnly),
                Optional.ofNullable(status.user())
                        .flatMap(user -> Optional.ofNullable(user.linux()))
                        .map(user -> new ContainerUser(user.uid(), user.gid(), user.supplementalGroups())),
                EnactedResources.of(status.resources()));
    }

    /** Whether the runtime has reported more of a running container than its lists show. */
    boolean reported() {
        return user.isPresent() || resources.isPresent();
    }
}
