package io.jubelet.cluster;

import io.jubelet.kubeapi.KubeApi;
import java.time.InstantSource;
import java.util.function.Supplier;

/** Everything that is kept in a cluster, each concern by a loop of its own. */
public final class Cluster implements AutoCloseable {

    private final KubeApi api;
    private final NodeKeeper node;
    private final NodeLease lease;

    /**
     * Makes the parts.
     *
     * @param api owned by this from now on
     * @param source tells of the node; may block
     */
    public Cluster(KubeApi api, ClusterSettings settings, Supplier<NodeReport> source, InstantSource clock) {
        this.api = api;
        this.node = new NodeKeeper(api, settings, source, this::nodeChanged, clock);
        this.lease = new NodeLease(api, settings, node::node, clock);
    }

    /** Begins to talk to the API server. */
    public Cluster start() {
        api.start();
        node.start();
        lease.start();
        return this;
    }

    private void nodeChanged() {
        lease.nodeChanged();
    }

    @Override
    public void close() {
        lease.close();
        node.close();
        api.close();
    }
}
