/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** The state of this node in its cluster. */
public interface ClusterSource {

    /** For a daemon that has not joined a cluster. */
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

    /**
     * The state of the mirror pod of a static pod; empty if there is no cluster. Does not block.
     */
    Optional<MirrorState> mirror(PodName pod);

    /**
     * The pods that the cluster has scheduled to this node, which runs only static pods: {@code
     * namespace/name}, sorted.
     */
    List<String> podsNotRunHere();
}
