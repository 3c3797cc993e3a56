/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The CPU usage of a container or sandbox.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param usageCoreNanoSeconds the CPU time of all cores since the start, in nanoseconds; null if
 *     unknown
 * @param usageNanoCores the current usage in billionths of a core; null if unknown
 * @param psi null if not reported
 */
public record CpuUsage(
        @Nullable Instant timestamp,
        @Nullable Long usageCoreNanoSeconds,
        @Nullable Long usageNanoCores,
        @Nullable PsiStats psi) {}
