/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The actions to take now, and the state of mirror pods until they are done. Immutable.
 *
 * @param actions the actions, at most one per pod
 * @param due when to plan again even if nothing changes; empty for never
 * @param states the states by static pod
 * @param clusterPods the pods that the cluster has scheduled to this node, which are not run,
 *     sorted
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
