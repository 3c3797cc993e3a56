package io.jubelet.runtime;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import java.util.Optional;

/**
 * What the containers of a pod ask for or may take together, by the kubelet's arithmetic. Pure.
 *
 * <p>Main containers and sidecars run at the same time, so they add up; an init container runs alone but for the sidecars
 * before it. The larger counts. Source: the Kubernetes pages on init containers and sidecars, "resource sharing within
 * containers".
 */
final class PodResources {

    /** One request or limit of a container. */
    interface Part {
        Optional<Quantity> of(ContainerSpec container);
    }

    private PodResources() {}

    /** The sum; empty when no container names it. */
    static Optional<Quantity> together(PodSpec pod, Part part) {
        Optional<Quantity> sum = Optional.empty();
        for (ContainerSpec container : pod.containers()) {
            sum = sum(sum, part.of(container));
        }
        Optional<Quantity> sidecars = Optional.empty();
        Optional<Quantity> largest = Optional.empty();
        for (ContainerSpec init : pod.initContainers()) {
            if (pod.isSidecar(init)) {
                sum = sum(sum, part.of(init));
                sidecars = sum(sidecars, part.of(init));
                largest = max(largest, sidecars);
            } else {
                largest = max(largest, sum(sidecars, part.of(init)));
            }
        }
        return max(sum, largest);
    }

    /** How many bytes of memory a pod may take: what its containers may together, if all have a limit, or the node's. */
    static long memoryAtMost(PodSpec pod, long nodeMemory) {
        boolean limited = pod.allContainers()
                .allMatch(container -> container.resources().limit("memory").isPresent());
        long ofContainers = limited
                ? together(pod, c -> c.resources().limit("memory"))
                        .map(Quantity::value)
                        .orElse(0L)
                : 0;
        return ofContainers > 0 && (nodeMemory <= 0 || ofContainers < nodeMemory) ? ofContainers : nodeMemory;
    }

    private static Optional<Quantity> sum(Optional<Quantity> a, Optional<Quantity> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return Optional.of(new Quantity("sum", a.get().number().add(b.get().number())));
    }

    private static Optional<Quantity> max(Optional<Quantity> a, Optional<Quantity> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().compareTo(b.get()) >= 0 ? a : b;
    }
}
