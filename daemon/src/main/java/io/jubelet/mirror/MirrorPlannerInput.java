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
 * Everything that a plan of mirrors follows from.
 *
 * @param node the name of the node
 * @param nodeUid of the Node that is to own mirrors; empty while there is none, or somebody wants it gone
 * @param pods what the API server has for this node
 * @param version to which that is known
 * @param statics what is to be shown
 * @param alive the pods that are wanted or on the runtime; empty while that is not known for sure
 * @param memory of what was done lately
 * @param namespaces that the API server had not when a mirror was to be created in them
 * @param patches how many statuses may be written now
 */
record MirrorPlannerInput(
        String node,
        Optional<String> nodeUid,
        Collection<ApiPod> pods,
        long version,
        List<MirroredPod> statics,
        Optional<Set<PodName>> alive,
        Map<NamespacedName, MirrorRecord> memory,
        Map<String, MirrorFailure> namespaces,
        int patches,
        Instant now) {

    MirrorPlannerInput {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(nodeUid, "nodeUid");
        pods = List.copyOf(pods);
        statics = List.copyOf(statics);
        Objects.requireNonNull(alive, "alive");
        memory = Map.copyOf(memory);
        namespaces = Map.copyOf(namespaces);
        Objects.requireNonNull(now, "now");
    }
}
