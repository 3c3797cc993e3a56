/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Orders the stop of a pod's containers: sidecars stop after all others, the last one first. Pure.
 *
 * <p>Source: the Kubernetes page on the pod life cycle, "pod shutdown and sidecar containers".
 */
final class StopOrder {

    private StopOrder() {}

    /**
     * Returns the stop of containers of one version.
     *
     * @param spec of that version; if it is empty, the sidecars are not known, and all containers stop at the same time
     * @param gracePeriod for all containers together
     */
    static PodAction.StopContainers stop(
            Optional<PodSpec> spec, List<ObservedContainer> containers, Duration gracePeriod, String reason) {
        List<ContainerSpec> inits = spec.map(PodSpec::initContainers).orElse(List.of());
        List<ContainerId> first = new ArrayList<>(containers.size());
        containers.forEach(container -> first.add(container.id()));
        List<ContainerId> sidecars = new ArrayList<>();
        for (ContainerSpec init : inits.reversed()) {
            if (spec.get().isSidecar(init)) {
                for (ObservedContainer container : containers) {
                    if (container.name().equals(init.name())) {
                        first.remove(container.id());
                        sidecars.add(container.id());
                    }
                }
            }
        }
        return new PodAction.StopContainers(first, sidecars, gracePeriod, reason);
    }
}
