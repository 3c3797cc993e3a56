/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a scheduler looks at, and the kubelet at admission, beside the containers.
 *
 * @param nodes where the pod may run
 * @param priorityClassName empty for none
 * @param resources requests and limits of the pod as a whole; empty when only its containers have any
 * @param overhead what running the pod takes beside its containers, by resource
 */
public record PodScheduling(
        NodeSelection nodes, String priorityClassName, Optional<Resources> resources, Map<String, Quantity> overhead) {

    public PodScheduling {
        Objects.requireNonNull(nodes, "nodes");
        Objects.requireNonNull(priorityClassName, "priorityClassName");
        Objects.requireNonNull(resources, "resources");
        overhead = Map.copyOf(overhead);
    }
}
