/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a plan of mirror pods follows from. Immutable.
 *
 * @param node the name of the node
 * @param nodeUid of the Node that will own the mirror pods; empty while there is none, or while it is
 *     being deleted
 * @param api what the API server has for this node
 * @param staticPods the pods to mirror
 * @param alive the pods that are wanted or on the runtime; empty until both are known
 * @param history what was done before
 */
record MirrorPlannerInput(
        String node,
        Optional<String> nodeUid,
        ApiPods api,
        List<MirroredPod> staticPods,
        Optional<Set<PodName>> alive,
        History history,
        Instant now) {

    MirrorPlannerInput {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(nodeUid, "nodeUid");
        Objects.requireNonNull(api, "api");
        staticPods = List.copyOf(staticPods);
        Objects.requireNonNull(alive, "alive");
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(now, "now");
    }

    /**
     * The pods that the API server has for this node.
     *
     * @param version the resourceVersion up to which they are known
     */
    record ApiPods(Collection<ApiPod> pods, long version) {

        ApiPods {
            pods = List.copyOf(pods);
        }
    }

    /**
     * What was done before.
     *
     * @param records the latest requests, by the pod that they concern
     * @param missingNamespaces namespaces that did not exist when a mirror pod was to be created in
     *     them, with the last failure
     * @param patchBudget how many statuses may be written now
     */
    record History(
            Map<NamespacedName, MirrorRecord> records, Map<String, MirrorFailure> missingNamespaces, int patchBudget) {

        History {
            records = Map.copyOf(records);
            missingNamespaces = Map.copyOf(missingNamespaces);
        }
    }
}
