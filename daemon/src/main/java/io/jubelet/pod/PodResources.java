/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Calculates the requests and limits of a whole pod as the scheduler and the kubelet do. Pure.
 *
 * <p>Main containers and sidecars run at the same time, so they add up; an init container runs
 * alone but for the sidecars before it. The larger counts. What the pod itself says takes the place
 * of that sum. Sources: the Kubernetes pages on init containers and sidecars, "resource sharing
 * within containers", on pod-level resources and on pod overhead.
 */
public final class PodResources {

    /** The resources, beside huge pages, that a pod can set itself. */
    private static final Set<String> POD_LEVEL = Set.of("cpu", "memory");

    /** One request or limit of a container. */
    public interface Part {
        Optional<Quantity> of(ContainerSpec container);
    }

    private PodResources() {}

    /** The request of the whole pod, overhead included; empty when there is none. */
    public static Optional<Quantity> request(PodSpec pod, String resource) {
        return sum(
                requestWithoutOverhead(pod, resource),
                Optional.ofNullable(pod.overhead().get(resource)));
    }

    /** The limit of the whole pod, overhead included; empty when there is none. */
    public static Optional<Quantity> limit(PodSpec pod, String resource) {
        return limitWithoutOverhead(pod, resource)
                .map(limit -> limit.number().signum() == 0
                        ? limit
                        : sum(
                                        Optional.of(limit),
                                        Optional.ofNullable(pod.overhead().get(resource)))
                                .orElseThrow());
    }

    /** The request of the pod itself if it has one, otherwise of its containers together. */
    public static Optional<Quantity> requestWithoutOverhead(PodSpec pod, String resource) {
        return pod.resources()
                .flatMap(whole -> whole.request(resource))
                .or(() -> together(pod, container -> container.resources().request(resource)));
    }

    /** The limit of the pod itself if it has one, otherwise of its containers together. */
    public static Optional<Quantity> limitWithoutOverhead(PodSpec pod, String resource) {
        return pod.resources()
                .flatMap(whole -> whole.limit(resource))
                .or(() -> together(pod, container -> container.resources().limit(resource)));
    }

    /**
     * Whether a limit applies to everything in the pod: the pod has one, or each of its containers.
     * An init container counts together with the sidecars before it.
     */
    public static boolean limited(PodSpec pod, String resource) {
        if (pod.resources()
                .flatMap(whole -> whole.limit(resource))
                .filter(PodResources::positive)
                .isPresent()) {
            return true;
        }
        Optional<Quantity> sidecars = Optional.empty();
        for (ContainerSpec init : pod.initContainers()) {
            Optional<Quantity> own = init.resources().limit(resource);
            if (pod.isSidecar(init)) {
                sidecars = sum(sidecars, own);
                own = sidecars;
            } else {
                own = sum(sidecars, own);
            }
            if (own.filter(PodResources::positive).isEmpty()) {
                return false;
            }
        }
        return pod.containers().stream()
                .allMatch(container -> container
                        .resources()
                        .limit(resource)
                        .filter(PodResources::positive)
                        .isPresent());
    }

    /** The names of the huge pages that a pod requests, such as {@code hugepages-2Mi}. */
    public static Set<String> hugePages(PodSpec pod) {
        Set<String> names = new TreeSet<>();
        pod.allContainers()
                .forEach(container -> addHugePages(container.resources().requests(), names));
        pod.resources().ifPresent(whole -> addHugePages(whole.requests(), names));
        addHugePages(pod.overhead(), names);
        return names;
    }

    private static void addHugePages(Map<String, Quantity> quantities, Set<String> names) {
        for (String name : quantities.keySet()) {
            if (name.startsWith(Resources.HUGE_PAGES)) {
                names.add(name);
            }
        }
    }

    /**
     * The requests and limits of the whole pod by resource, overhead included, as the status of a pod
     * has them.
     */
    public static Resources whole(PodSpec pod) {
        Set<String> names = new TreeSet<>(pod.overhead().keySet());
        Stream.concat(pod.allContainers().map(ContainerSpec::resources), pod.resources().stream())
                .forEach(part -> {
                    names.addAll(part.requests().keySet());
                    names.addAll(part.limits().keySet());
                });
        Map<String, Quantity> requests = new HashMap<>();
        Map<String, Quantity> limits = new HashMap<>();
        for (String name : names) {
            request(pod, name).ifPresent(quantity -> requests.put(name, quantity));
            limit(pod, name).ifPresent(quantity -> limits.put(name, quantity));
        }
        return new Resources(requests, limits);
    }

    /** Whether a pod itself can have a request or limit for a resource. */
    public static boolean isPodLevel(String resource) {
        return POD_LEVEL.contains(resource) || resource.startsWith(Resources.HUGE_PAGES);
    }

    /** The sum over the containers; empty when no container names it. */
    public static Optional<Quantity> together(PodSpec pod, Part part) {
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

    /** The smaller of the memory of the node and the limit of the pod, in bytes; 0 when neither is known. */
    public static long memoryAtMost(PodSpec pod, long nodeMemory) {
        long ofPod = limited(pod, "memory")
                ? limitWithoutOverhead(pod, "memory").map(Quantity::value).orElse(0L)
                : 0;
        return ofPod == 0 || (nodeMemory > 0 && nodeMemory < ofPod) ? nodeMemory : ofPod;
    }

    private static boolean positive(Quantity quantity) {
        return quantity.number().signum() > 0;
    }

    private static Optional<Quantity> sum(Optional<Quantity> a, Optional<Quantity> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return Optional.of(a.get().plus(b.get()));
    }

    private static Optional<Quantity> max(Optional<Quantity> a, Optional<Quantity> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.or(() -> b);
        }
        return a.get().compareTo(b.get()) >= 0 ? a : b;
    }
}
