package io.jubelet.cluster;

import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.mirror.MirrorPodManager;
import io.jubelet.mirror.MirrorSource;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything that is kept in a cluster, each concern by a loop of its own. */
public final class Cluster implements AutoCloseable {

    private final KubeApi api;
    private final ClusterSettings settings;
    private final EventRecorder events;
    private final NodeRegistrar node;
    private final NodeLease lease;
    private final MirrorPodManager mirrors;
    private final ClusterEvents clusterEvents;

    /**
     * Makes the parts.
     *
     * @param api owned by this from now on
     * @param source tells of the node; may block
     * @param eventJson of this node
     */
    public Cluster(
            KubeApi api,
            ClusterSettings settings,
            Supplier<NodeReport> source,
            MirrorSource pods,
            EventJson eventJson,
            InstantSource clock) {
        this.api = api;
        this.settings = settings;
        this.events = pods.events();
        this.node = new NodeRegistrar(
                api,
                settings,
                () -> source.get().withPodsNotRun(clusterPods()),
                this::nodeChanged,
                this::nodeEvent,
                clock);
        this.lease = new NodeLease(api, settings, node::node, clock);
        this.mirrors = new MirrorPodManager(
                api, settings.nodeName(), this::mirrorOwner, pods, this::clusterPodsChanged, clock);
        this.clusterEvents = new ClusterEvents(api, settings, events::snapshot, eventJson, clock);
    }

    /** Begins to talk to the API server. */
    public Cluster start() {
        nodeEvent(false, "Starting", "Starting jubelet.");
        api.start();
        node.start();
        lease.start();
        mirrors.start();
        clusterEvents.start();
        return this;
    }

    /** Says that the node has other news than before; never blocks. */
    public void reportChanged() {
        node.reportChanged();
    }

    /** Says that something happened; never blocks. */
    public void eventsChanged() {
        clusterEvents.changed();
    }

    private Optional<String> mirrorOwner() {
        return node.node().filter(its -> !its.deleting()).map(ClusterNode::uid);
    }

    private void clusterPodsChanged() {
        node.reportChanged();
    }

    private void nodeEvent(boolean warning, String reason, String message) {
        if (warning) {
            events.warning(settings.nodeName(), reason, message);
        } else {
            events.normal(settings.nodeName(), reason, message);
        }
    }

    private void nodeChanged() {
        lease.nodeChanged();
        mirrors.nodeChanged();
    }

    /** How a static pod is shown. Any thread. */
    public Optional<MirrorState> mirror(PodName pod) {
        return mirrors.state(pod);
    }

    /** What the cluster has scheduled to this node and is not run here, {@code namespace/name}, sorted. Any thread. */
    public List<String> clusterPods() {
        return mirrors.clusterPods();
    }

    @Override
    public void close() {
        clusterEvents.close();
        mirrors.close();
        lease.close();
        node.close();
        api.close();
    }
}
