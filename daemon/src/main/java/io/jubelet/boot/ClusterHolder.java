/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.api.ClusterSource;
import io.jubelet.cluster.Cluster;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the {@link Cluster}, which is joined after the local API is served, if ever. A daemon without
 * a cluster loads this class and none of the cluster packages. Safe for use by many threads.
 */
final class ClusterHolder implements ClusterSource {

    /** Null before a cluster is joined. */
    private volatile @Nullable Cluster cluster;

    /** Sets the cluster; called once. */
    void join(Cluster now) {
        cluster = now;
        now.eventsChanged();
    }

    /** Reports that there are new events; never blocks. */
    void eventsChanged() {
        Cluster now = cluster;
        if (now != null) {
            now.eventsChanged();
        }
    }

    @Override
    public Optional<MirrorState> mirror(PodName pod) {
        Cluster now = cluster;
        return now == null ? Optional.empty() : now.mirror(pod);
    }

    /** How long the API server has lacked something that this node wants to show there; empty without a cluster. */
    Optional<Duration> mirrorLag() {
        Cluster now = cluster;
        return now == null ? Optional.empty() : Optional.of(now.mirrorLag());
    }

    @Override
    public List<String> podsNotRunHere() {
        Cluster now = cluster;
        return now == null ? List.of() : now.clusterPods();
    }
}
