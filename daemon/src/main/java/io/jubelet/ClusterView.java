package io.jubelet;

import io.jubelet.api.ClusterSource;
import io.jubelet.cluster.Cluster;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** What is told of and to the cluster, which is joined after that API is served, if ever. Safe for use by many threads. */
final class ClusterView implements ClusterSource {

    /** Null before a cluster is joined. */
    private volatile Cluster cluster;

    void joined(Cluster now) {
        cluster = now;
        now.eventsChanged();
    }

    /** Says that something happened; never blocks. */
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

    @Override
    public List<String> podsNotRunHere() {
        Cluster now = cluster;
        return now == null ? List.of() : now.clusterPods();
    }
}
