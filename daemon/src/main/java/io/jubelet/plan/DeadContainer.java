/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An instance of a container that has ended and counts against {@link ContainerGcPolicy#maxContainers}.
 *
 * @param container the container that it is an instance of
 * @param attempt its restart count
 * @param createdAt when it was created, by the runtime's clock; null if the runtime does not know it
 * @param newest whether it is the newest instance of its container
 */
public record DeadContainer(
        PodName pod,
        ContainerId id,
        ContainerKey container,
        int attempt,
        @Nullable Instant createdAt,
        boolean newest) {

    /** A container of one version of a pod, which can have many instances. */
    public record ContainerKey(String uid, String container) {}

    /**
     * Returns the dead containers of a pod that are old enough to be removed.
     *
     * @param now by the wall clock
     */
    public static List<DeadContainer> of(ObservedPod pod, ContainerGcPolicy policy, Instant now) {
        // A pod lists the newest instance of each container first.
        Set<ContainerKey> seen = new HashSet<>();
        List<DeadContainer> dead = new ArrayList<>();
        for (ObservedContainer container : pod.containers()) {
            ContainerKey key = new ContainerKey(container.uid(), container.name());
            boolean newest = seen.add(key);
            if (!container.live() && !policy.protects(container.createdAt(), now)) {
                dead.add(new DeadContainer(
                        pod.name(), container.id(), key, container.attempt(), container.createdAt(), newest));
            }
        }
        return dead;
    }
}
