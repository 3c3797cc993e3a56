/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What this node has for pods. Immutable.
 *
 * @param name name of the node
 * @param labels all labels of the node
 * @param maxPods how many pods may run at the same time
 * @param allocatable returns millicores under {@code cpu}, and bytes of {@code memory} and {@code ephemeral-storage};
 *     requests for a resource that is absent are not limited. Called when a pod requests something; may read small files
 */
public record NodeAllocatable(
        String name, Map<String, String> labels, int maxPods, Supplier<Map<String, Long>> allocatable) {

    public NodeAllocatable {
        Objects.requireNonNull(name, "name");
        labels = Map.copyOf(labels);
        Objects.requireNonNull(allocatable, "allocatable");
    }
}
