package io.jubelet.cri;

import java.time.Instant;

/**
 * Memory used, in bytes.
 *
 * @param timestamp when this was measured; null when unknown
 * @param workingSetBytes null when absent
 * @param availableBytes null when absent
 * @param usageBytes null when absent
 * @param rssBytes null when absent
 * @param pageFaults null when absent
 * @param majorPageFaults null when absent
 * @param psi null when absent
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
