/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many dead containers stay on the node. Pure.
 *
 * <p>The source is the kubelet's container garbage collection with its flags {@code minimum-container-ttl-duration},
 * {@code maximum-dead-containers-per-container} and {@code maximum-dead-containers}. Unlike there, the newest instance of a
 * container is never removed while its pod is wanted, because it shows how far the pod is; and the planner removes instances
 * together with the rest of its work instead of once a minute.
 *
 * @param minimumAge an instance that was created more recently than this stays in any case; not negative
 * @param maxPerContainer how many dead instances of each container stay in addition to its newest one; negative for all
 * @param maxContainers how many dead instances stay on the node; negative for no limit
 */
public record ContainerGcPolicy(Duration minimumAge, int maxPerContainer, int maxContainers) {

    /** The kubelet's defaults. */
    public static final ContainerGcPolicy DEFAULT = new ContainerGcPolicy(Duration.ZERO, 1, -1);

    public ContainerGcPolicy {
        Objects.requireNonNull(minimumAge, "minimumAge");
    }

    /**
     * What the policy allows one pod to keep.
     *
     * @param surplus the pod's instances that exceed {@code maxContainers} of the node
     */
    public record Retention(ContainerGcPolicy policy, Set<ContainerId> surplus) {

        static final Retention DEFAULT = new Retention(ContainerGcPolicy.DEFAULT, Set.of());

        public Retention {
            Objects.requireNonNull(policy, "policy");
            surplus = Set.copyOf(surplus);
        }
    }

    /** Whether the number of dead containers on the node is limited. */
    public boolean limitsNode() {
        return maxContainers >= 0;
    }

    /**
     * Whether an instance is too young to be removed now. One whose age is not known is not, because the clock was set back since
     * its creation, or the runtime shows no time.
     *
     * @param now by the wall clock
     */
    public boolean protects(@Nullable Instant createdAt, Instant now) {
        return !protectedFor(createdAt, now).isZero();
    }

    /** For how long an instance is too young to be removed; zero if it is not. */
    Duration protectedFor(@Nullable Instant createdAt, Instant now) {
        if (createdAt == null || createdAt.isAfter(now)) {
            return Duration.ZERO;
        }
        Duration left = minimumAge.minus(Duration.between(createdAt, now));
        return left.isPositive() ? left : Duration.ZERO;
    }

    /**
     * Returns the instances that exceed {@code maxContainers}: first those that a container has beyond an equal share, then the
     * oldest ones; one without a time counts as the oldest. The newest instance of a container always stays.
     */
    public List<DeadContainer> surplus(Collection<DeadContainer> dead) {
        List<DeadContainer> left = dead.stream()
                .sorted(Comparator.comparing(ContainerGcPolicy::age).reversed())
                .collect(Collectors.toCollection(ArrayList::new));
        List<DeadContainer> surplus = new ArrayList<>();
        if (left.size() > maxContainers) {
            long containers =
                    left.stream().map(DeadContainer::container).distinct().count();
            long share = Math.max(1, maxContainers / containers);
            Map<DeadContainer.ContainerKey, Integer> seen = new HashMap<>();
            List<DeadContainer> byAttempt = new ArrayList<>(left);
            byAttempt.sort(Comparator.comparing(DeadContainer::attempt).reversed());
            for (DeadContainer instance : byAttempt) {
                if (seen.merge(instance.container(), 1, Integer::sum) > share && !instance.newest()) {
                    surplus.add(instance);
                }
            }
            left.removeAll(surplus);
        }
        left.reversed().stream()
                .filter(oldest -> !oldest.newest())
                .limit(Math.max(0, left.size() - maxContainers))
                .forEach(surplus::add);
        return surplus;
    }

    private static Instant age(DeadContainer instance) {
        return Objects.requireNonNullElse(instance.createdAt(), Instant.MIN);
    }
}
