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
 * The order in which containers of a pod are stopped: sidecars after all others, and the last one first. Pure.
 *
 * <p>Source: the Kubernetes page on the pod life cycle, "pod shutdown and sidecar containers".
 */
final class StopOrder {

    private StopOrder() {}

    /**
     * Stops containers of one pod version.
     *
     * @param spec of that version; without it nobody knows the sidecars, and all are stopped side by side
     * @param gracePeriod for all together
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
