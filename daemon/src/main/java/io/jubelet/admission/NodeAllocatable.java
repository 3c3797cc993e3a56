package io.jubelet.admission;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * What the node has for pods.
 *
 * @param name of the node
 * @param labels all that it has
 * @param maxPods how many pods may run
 * @param allocatable thousandths of processors under {@code cpu}, and bytes of {@code memory} and
 *     {@code ephemeral-storage}; what is absent is not counted. Asked when a pod requests something
 */
public record NodeAllocatable(
        String name, Map<String, String> labels, int maxPods, Supplier<Map<String, Long>> allocatable) {

    public NodeAllocatable {
        Objects.requireNonNull(name, "name");
        labels = Map.copyOf(labels);
        Objects.requireNonNull(allocatable, "allocatable");
    }
}
