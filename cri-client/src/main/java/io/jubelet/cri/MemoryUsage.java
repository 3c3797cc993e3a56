/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

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
        @Nullable Instant timestamp,
        @Nullable Long workingSetBytes,
        @Nullable Long availableBytes,
        @Nullable Long usageBytes,
        @Nullable Long rssBytes,
        @Nullable Long pageFaults,
        @Nullable Long majorPageFaults,
        @Nullable PsiStats psi) {}
