package io.jubelet.cluster;

import io.jubelet.api.ClusterSource;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/**
 * Holds the {@link Cluster}, which is joined after the local API is served, if ever. Safe for use
 * by many threads.
 */
public final class ClusterHolder implements ClusterSource {

    /** Null before a cluster is joined. */
    private volatile Cluster cluster;

    /** Sets the cluster; called once. */
    public void join(Cluster now) {
        cluster = now;
        now.eventsChanged();
    }

    /** Reports that there are new events; never blocks. */
    public void eventsChanged() {
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

    @Override
    public List<String> podsNotRunHere() {
        Cluster now = cluster;
        return now == null ? List.of() : now.clusterPods();
    }
}
