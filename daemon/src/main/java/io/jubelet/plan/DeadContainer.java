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

/**
 * An instance of a container that has ended and counts against {@link ContainerGcPolicy#maxContainers}.
 *
 * @param newest whether it is the newest instance of its container
 */
public record DeadContainer(PodName pod, ContainerId id, ContainerKey container, Instant createdAt, boolean newest) {

    /** A container of a version of a pod, of which there may be many instances. */
    public record ContainerKey(String uid, String container) {}

    /** The dead containers of a pod that are old enough to be removed; a pod lists each container's newest instance first. */
    public static List<DeadContainer> of(ObservedPod pod, ContainerGcPolicy policy, Instant now) {
        Set<ContainerKey> seen = new HashSet<>();
        List<DeadContainer> dead = new ArrayList<>();
        for (ObservedContainer container : pod.containers()) {
            ContainerKey key = new ContainerKey(container.uid(), container.name());
            boolean newest = seen.add(key);
            if (!container.live() && !policy.protects(container.createdAt(), now)) {
                dead.add(new DeadContainer(pod.name(), container.id(), key, container.createdAt(), newest));
            }
        }
        return dead;
    }
}
