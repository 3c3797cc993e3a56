/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Selects the sandboxes to list statistics of; all conditions must match.
 *
 * @param id null for all
 * @param labelSelector labels that must all be present with these values
 */
public record PodSandboxStatsFilter(@Nullable PodSandboxId id, Map<String, String> labelSelector) {
    public PodSandboxStatsFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Returns the filter that matches all sandboxes. */
    public static PodSandboxStatsFilter all() {
        return new PodSandboxStatsFilter(null, Map.of());
    }

    /** Returns the filter that matches the sandboxes with all these labels. */
    public static PodSandboxStatsFilter labels(Map<String, String> labels) {
        return new PodSandboxStatsFilter(null, labels);
    }
}
