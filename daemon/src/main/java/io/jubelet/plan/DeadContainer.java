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
public record DeadContainer(PodName pod, ContainerId id, Slot slot, Instant createdAt, boolean newest) {

    /** A container of a version of a pod, of which there may be many instances. */
    public record Slot(String uid, String container) {}

    /** The dead containers of a pod that are old enough to be removed; a pod lists each container's newest instance first. */
    public static List<DeadContainer> of(ObservedPod pod, ContainerGcPolicy policy, Instant now) {
        Set<Slot> seen = new HashSet<>();
        List<DeadContainer> dead = new ArrayList<>();
        for (ObservedContainer container : pod.containers()) {
            Slot slot = new Slot(container.uid(), container.name());
            boolean newest = seen.add(slot);
            if (!container.live() && !policy.protects(container.createdAt(), now)) {
                dead.add(new DeadContainer(pod.name(), container.id(), slot, container.createdAt(), newest));
            }
        }
        return dead;
    }
}
