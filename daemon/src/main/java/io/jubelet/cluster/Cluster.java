/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.events.EventRecorder;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.mirror.MirrorPodManager;
import io.jubelet.mirror.MirrorSource;
import io.jubelet.objects.EventJson;
import io.jubelet.objects.MirrorState;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Keeps this node in a cluster: the Node, its lease, mirror pods and events, each with a loop of
 * its own. Safe for use by many threads.
 */
public final class Cluster implements AutoCloseable {

    private final KubeApi api;
    private final ClusterSettings settings;
    private final EventRecorder events;
    private final NodeRegistrar node;
    private final NodeLease lease;
    private final MirrorPodManager mirrors;
    private final ClusterEvents clusterEvents;

    /**
     * Creates the parts.
     *
     * @param api the client, which this closes
     * @param source returns the report of the node; may block
     * @param eventJson writes the events of this node
     */
    public Cluster(
            KubeApi api,
            ClusterSettings settings,
            Supplier<NodeReport> source,
            MirrorSource pods,
            EventJson eventJson,
            NodeClock clock) {
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
        this.clusterEvents = new ClusterEvents(api, settings, events::snapshot, eventJson, clock::steady);
    }

    /** Starts all loops. */
    public Cluster start() {
        nodeEvent(false, "Starting", "Starting jubelet.");
        api.start();
        node.start();
        lease.start();
        mirrors.start();
        clusterEvents.start();
        return this;
    }

    /** Reports that the report of the node has changed; never blocks. */
    public void reportChanged() {
        node.reportChanged();
    }

    /** Reports that there are new events; never blocks. */
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

    /** Returns the state of a static pod's mirror pod. Safe for use by any thread. */
    public Optional<MirrorState> mirror(PodName pod) {
        return mirrors.state(pod);
    }

    /** How long the API server has lacked something that this node wants to show there. Safe for use by any thread. */
    public Duration mirrorLag() {
        return mirrors.lag();
    }

    /**
     * Returns the pods that the cluster has scheduled to this node, which are not run, as sorted
     * {@code namespace/name}. Safe for use by any thread.
     */
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
