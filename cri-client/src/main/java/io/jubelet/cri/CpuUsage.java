package io.jubelet.cri;

import java.time.Instant;

/**
 * CPU time used.
 *
 * @param timestamp when this was measured; null when unknown
 * @param usageCoreNanoSeconds sum over all cores since start, in nanoseconds of CPU time; null when unknown
 * @param usageNanoCores billionths of a core used at this moment; null when unknown
 * @param psi null when absent
 */
public record CpuUsage(Instant timestamp, Long usageCoreNanoSeconds, Long usageNanoCores, PsiStats psi) {}
