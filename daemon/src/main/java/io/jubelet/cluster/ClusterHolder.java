package io.jubelet.cluster;

import io.jubelet.api.ClusterSource;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** What is told of and to the cluster, which is joined after that API is served, if ever. Safe for use by many threads. */
public final class ClusterHolder implements ClusterSource {

    /** Null before a cluster is joined. */
    private volatile Cluster cluster;

    public void join(Cluster now) {
        cluster = now;
        now.eventsChanged();
    }

    /** Says that something happened; never blocks. */
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
