package io.jubelet.cri;

import java.time.Instant;

/**
 * The memory usage of a container or sandbox, in bytes.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param workingSetBytes null if not reported
 * @param availableBytes null if not reported
 * @param usageBytes null if not reported
 * @param rssBytes null if not reported
 * @param pageFaults null if not reported
 * @param majorPageFaults null if not reported
 * @param psi null if not reported
 */
public record MemoryUsage(
        Instant timestamp,
        Long workingSetBytes,
        Long availableBytes,
        Long usageBytes,
        Long rssBytes,
        Long pageFaults,
        Long majorPageFaults,
        PsiStats psi) {}
