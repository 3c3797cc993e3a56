package io.jubelet.api;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** What is known of this node's cluster. */
public interface ClusterSource {

    /** Of a daemon that is in no cluster. */
    ClusterSource NONE = new ClusterSource() {
        @Override
        public Optional<MirrorState> mirror(PodName pod) {
            return Optional.empty();
        }

        @Override
        public List<String> podsNotRunHere() {
            return List.of();
        }
    };

    /** How a static pod is shown in the cluster; empty when there is no cluster. Does not block. */
    Optional<MirrorState> mirror(PodName pod);

    /** Pods that the cluster has scheduled to this node, which only runs static ones: {@code namespace/name}, sorted. */
    List<String> podsNotRunHere();
}
