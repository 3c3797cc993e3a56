/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.DeadContainer;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Keeps account of the dead containers of all pods if the policy limits their number on the whole node; otherwise it does
 * nothing. Safe for use by many threads.
 */
public final class DeadContainerTracker {

    private final ContainerGcPolicy policy;
    private final Consumer<PodName> wake;
    private final ContainerGcPolicy.Retention withoutSurplus;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final Map<PodName, List<DeadContainer>> dead = new HashMap<>();
    /** Guarded by the lock. */
    private Map<PodName, Set<ContainerId>> surplus = Map.of();

    /** @param wake requests a new plan from a pod's worker because its surplus changed; called without the lock */
    public DeadContainerTracker(ContainerGcPolicy policy, Consumer<PodName> wake) {
        this.policy = Objects.requireNonNull(policy, "policy");
        this.wake = Objects.requireNonNull(wake, "wake");
        this.withoutSurplus = new ContainerGcPolicy.Retention(policy, Set.of());
    }

    /**
     * Takes note of a pod's containers, and wakes the workers of other pods whose surplus changes.
     *
     * @param now by the wall clock
     */
    public void update(ObservedPod observed, Instant now) {
        if (!policy.limitsNode()) {
            return;
        }
        Set<PodName> changed = new HashSet<>();
        lock.lock();
        try {
            List<DeadContainer> its = DeadContainer.of(observed, policy, now);
            if (its.isEmpty()) {
                dead.remove(observed.name());
            } else {
                dead.put(observed.name(), its);
            }
            Map<PodName, Set<ContainerId>> before = surplus;
            surplus = policy
                    .surplus(dead.values().stream().flatMap(List::stream).toList())
                    .stream()
                    .collect(Collectors.groupingBy(
                            DeadContainer::pod, Collectors.mapping(DeadContainer::id, Collectors.toSet())));
            surplus.forEach((pod, ids) -> {
                if (!pod.equals(observed.name()) && !ids.equals(before.get(pod))) {
                    changed.add(pod);
                }
            });
        } finally {
            lock.unlock();
        }
        changed.forEach(wake);
    }

    /** What a pod may keep, by the last updates of all pods. */
    public ContainerGcPolicy.Retention retention(PodName pod) {
        if (!policy.limitsNode()) {
            return withoutSurplus;
        }
        lock.lock();
        try {
            Set<ContainerId> its = surplus.getOrDefault(pod, Set.of());
            return its.isEmpty() ? withoutSurplus : new ContainerGcPolicy.Retention(policy, its);
        } finally {
            lock.unlock();
        }
    }
}
