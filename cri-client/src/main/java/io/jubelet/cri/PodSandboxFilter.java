/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Selects sandboxes; all conditions must match.
 *
 * @param id null for all
 * @param state null for all
 * @param labelSelector labels that must all be present with these values
 */
public record PodSandboxFilter(
        @Nullable PodSandboxId id, @Nullable PodSandboxState state, Map<String, String> labelSelector) {
    private static final PodSandboxFilter ALL = new PodSandboxFilter(null, null, Map.of());

    public PodSandboxFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Returns the filter that matches all sandboxes. */
    public static PodSandboxFilter all() {
        return ALL;
    }

    /** Returns the filter that matches the sandbox with this id. */
    public static PodSandboxFilter id(PodSandboxId id) {
        return new PodSandboxFilter(id, null, Map.of());
    }

    /** Returns the filter that matches the sandboxes in this state. */
    public static PodSandboxFilter state(PodSandboxState state) {
        return new PodSandboxFilter(null, state, Map.of());
    }

    /** Returns the filter that matches the sandboxes with all these labels. */
    public static PodSandboxFilter labels(Map<String, String> labels) {
        return new PodSandboxFilter(null, null, labels);
    }
}
