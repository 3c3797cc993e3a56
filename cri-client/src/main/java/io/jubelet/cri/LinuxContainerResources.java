/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The resource limits of a Linux container or sandbox; 0 and empty mean not set.
 *
 * @param cpuPeriod in microseconds
 * @param cpuQuota in microseconds per period; -1 for no limit
 * @param cpuShares the relative weight, from 2 to 262144
 * @param oomScoreAdj from -1000 to 1000
 * @param unified the values of cgroup v2 files by file name
 * @param memorySwapLimitInBytes the limit of memory and swap together, in bytes
 */
public record LinuxContainerResources(
        long cpuPeriod,
        long cpuQuota,
        long cpuShares,
        long memoryLimitInBytes,
        long oomScoreAdj,
        String cpusetCpus,
        String cpusetMems,
        List<HugepageLimit> hugepageLimits,
        Map<String, String> unified,
        long memorySwapLimitInBytes) {
    public LinuxContainerResources {
        Objects.requireNonNull(cpusetCpus, "cpusetCpus");
        Objects.requireNonNull(cpusetMems, "cpusetMems");
        hugepageLimits = List.copyOf(hugepageLimits);
        unified = Map.copyOf(unified);
    }

    /** Returns a builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The limit of memory in huge pages of one size.
     *
     * @param limit in bytes
     */
    public record HugepageLimit(String pageSize, long limit) {
        public HugepageLimit {
            Objects.requireNonNull(pageSize, "pageSize");
        }
    }

    /**
     * Builds a {@link LinuxContainerResources}. A component that is not set is zero, empty or null.
     */
    public static final class Builder {
        private long cpuPeriod;
        private long cpuQuota;
        private long cpuShares;
        private long memoryLimitInBytes;
        private long oomScoreAdj;
        private String cpusetCpus = "";
        private String cpusetMems = "";
        private List<HugepageLimit> hugepageLimits = List.of();
        private Map<String, String> unified = Map.of();
        private long memorySwapLimitInBytes;

        private Builder() {}

        public Builder cpuPeriod(long value) {
            this.cpuPeriod = value;
            return this;
        }

        public Builder cpuQuota(long value) {
            this.cpuQuota = value;
            return this;
        }

        public Builder cpuShares(long value) {
            this.cpuShares = value;
            return this;
        }

        public Builder memoryLimitInBytes(long value) {
            this.memoryLimitInBytes = value;
            return this;
        }

        public Builder oomScoreAdj(long value) {
            this.oomScoreAdj = value;
            return this;
        }

        public Builder cpusetCpus(String value) {
            this.cpusetCpus = value;
            return this;
        }

        public Builder cpusetMems(String value) {
            this.cpusetMems = value;
            return this;
        }

        public Builder hugepageLimits(List<HugepageLimit> value) {
            this.hugepageLimits = value;
            return this;
        }

        public Builder unified(Map<String, String> value) {
            this.unified = value;
            return this;
        }

        public Builder memorySwapLimitInBytes(long value) {
            this.memorySwapLimitInBytes = value;
            return this;
        }

        public LinuxContainerResources build() {
            return new LinuxContainerResources(
                    cpuPeriod,
                    cpuQuota,
                    cpuShares,
                    memoryLimitInBytes,
                    oomScoreAdj,
                    cpusetCpus,
                    cpusetMems,
                    hugepageLimits,
                    unified,
                    memorySwapLimitInBytes);
        }
    }
}
