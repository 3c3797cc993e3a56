package io.jubelet.mirror;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be done now, and how things are until it is done.
 *
 * @param actions at most one for each pod of the API server
 * @param due when there may be more to do, though nothing happens
 * @param states of the static pods
 * @param clusterPods what the cluster has scheduled to this node and nobody runs, sorted
 */
record MirrorPlan(
        List<MirrorAction> actions,
        Optional<Instant> due,
        Map<PodName, MirrorState> states,
        List<NamespacedName> clusterPods) {

    MirrorPlan {
        actions = List.copyOf(actions);
        Objects.requireNonNull(due, "due");
        states = Map.copyOf(states);
        clusterPods = List.copyOf(clusterPods);
    }
}
