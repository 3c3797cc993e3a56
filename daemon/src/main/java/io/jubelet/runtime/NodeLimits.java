package io.jubelet.runtime;

import java.time.Duration;

/**
 * Sizes and policies of the node that shape containers.
 *
 * @param memoryBytes memory of the node, positive
 * @param cpuQuota whether CPU limits are enforced by CFS quota
 * @param cpuPeriod the CFS period
 */
public record NodeLimits(long memoryBytes, boolean cpuQuota, Duration cpuPeriod) {

    public NodeLimits {
        if (memoryBytes <= 0) {
            throw new IllegalArgumentException("memoryBytes is " + memoryBytes);
        }
    }
}
