/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Selects containers; all conditions must match.
 *
 * @param id null for all
 * @param state null for all
 * @param podSandboxId null for all
 * @param labelSelector labels that must all be present with these values
 */
public record ContainerFilter(
        @Nullable ContainerId id,
        @Nullable ContainerState state,
        @Nullable PodSandboxId podSandboxId,
        Map<String, String> labelSelector) {
    private static final ContainerFilter ALL = new ContainerFilter(null, null, null, Map.of());

    public ContainerFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Returns the filter that matches all containers. */
    public static ContainerFilter all() {
        return ALL;
    }

    /** Returns the filter that matches the container with this id. */
    public static ContainerFilter id(ContainerId id) {
        return new ContainerFilter(id, null, null, Map.of());
    }

    /** Returns the filter that matches the containers in this state. */
    public static ContainerFilter state(ContainerState state) {
        return new ContainerFilter(null, state, null, Map.of());
    }

    /** Returns the filter that matches the containers of this sandbox. */
    public static ContainerFilter sandbox(PodSandboxId sandbox) {
        return new ContainerFilter(null, null, sandbox, Map.of());
    }

    /** Returns the filter that matches the containers with all these labels. */
    public static ContainerFilter labels(Map<String, String> labels) {
        return new ContainerFilter(null, null, null, labels);
    }
}
