/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.cgroup.CgroupUsage.Pressure;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the node, a pod, a container or a group of processes uses. A value is empty if neither the runtime nor the kernel
 * reports it.
 */
public record Usage(Optional<Cpu> cpu, Optional<Memory> memory, Optional<Swap> swap, Optional<Io> io) {

    /** Nothing is known. */
    static final Usage UNKNOWN = new Usage(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public Usage {
        Objects.requireNonNull(cpu, "cpu");
        Objects.requireNonNull(memory, "memory");
        Objects.requireNonNull(swap, "swap");
        Objects.requireNonNull(io, "io");
    }

    /**
     * Processor time.
     *
     * @param time when it was measured
     * @param usageNanoCores the rate of late, in billionths of a core
     * @param usageCoreNanoSeconds the time of all cores since the start, in nanoseconds
     */
    public record Cpu(
            Instant time, OptionalLong usageNanoCores, OptionalLong usageCoreNanoSeconds, Optional<Pressure> pressure) {
        public Cpu {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(usageNanoCores, "usageNanoCores");
            Objects.requireNonNull(usageCoreNanoSeconds, "usageCoreNanoSeconds");
            Objects.requireNonNull(pressure, "pressure");
        }

        Cpu withRate(OptionalLong rate) {
            return new Cpu(time, rate, usageCoreNanoSeconds, pressure);
        }

        Cpu withPressure(Optional<Pressure> measured) {
            return new Cpu(time, usageNanoCores, usageCoreNanoSeconds, measured);
        }
    }

    /**
     * Memory, in bytes.
     *
     * @param time when it was measured
     * @param available the limit less the working set; empty if there is no limit
     * @param usage all of it
     * @param workingSet all but the pages of files that were not used lately
     * @param rss anonymous memory
     * @param faults how many page faults there were since the start
     */
    public record Memory(
            Instant time,
            OptionalLong available,
            OptionalLong usage,
            OptionalLong workingSet,
            OptionalLong rss,
            PageFaults faults,
            Optional<Pressure> pressure) {
        public Memory {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(available, "available");
            Objects.requireNonNull(usage, "usage");
            Objects.requireNonNull(workingSet, "workingSet");
            Objects.requireNonNull(rss, "rss");
            Objects.requireNonNull(faults, "faults");
            Objects.requireNonNull(pressure, "pressure");
        }

        Memory withPressure(Optional<Pressure> measured) {
            return new Memory(time, available, usage, workingSet, rss, faults, measured);
        }
    }

    /**
     * Page faults.
     *
     * @param all all of them
     * @param major those that needed the disk
     */
    public record PageFaults(OptionalLong all, OptionalLong major) {
        public PageFaults {
            Objects.requireNonNull(all, "all");
            Objects.requireNonNull(major, "major");
        }
    }

    /**
     * Swap space, in bytes.
     *
     * @param time when it was measured
     * @param available the limit less the usage; empty if there is no limit
     */
    public record Swap(Instant time, OptionalLong available, OptionalLong usage) {
        public Swap {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(available, "available");
            Objects.requireNonNull(usage, "usage");
        }
    }

    /**
     * Input and output.
     *
     * @param time when it was measured
     */
    public record Io(Instant time, Optional<Pressure> pressure) {
        public Io {
            Objects.requireNonNull(time, "time");
            Objects.requireNonNull(pressure, "pressure");
        }
    }

    Usage withCpu(Optional<Cpu> measured) {
        return new Usage(measured, memory, swap, io);
    }
}
