/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Passes each view that a worker publishes to the store that readers read, and to the parts of the daemon that act on it,
 * such as probes and volumes. Safe for use by many threads; a pod's views come from its worker, one after the other.
 */
public final class ViewPublisher {

    private final ViewStore store;
    private final Function<ObservedPod, Map<ContainerId, ContainerHealth>> health;
    private final List<Consumer<PodView>> listeners;

    /**
     * @param store receives each view before the listeners do
     * @param health returns the results of probes for the containers of a pod; does not block
     * @param listeners receive each view, in this order; they must not block
     */
    public ViewPublisher(
            ViewStore store,
            Function<ObservedPod, Map<ContainerId, ContainerHealth>> health,
            List<Consumer<PodView>> listeners) {
        this.store = Objects.requireNonNull(store, "store");
        this.health = Objects.requireNonNull(health, "health");
        this.listeners = List.copyOf(listeners);
    }

    /** Passes a view on. Called by the pod's worker only; what a listener throws fails the worker's turn. */
    public void publish(PodView view) {
        store.publish(view);
        for (Consumer<PodView> listener : listeners) {
            listener.accept(view);
        }
        // A listener may just have begun to probe a container of this view.
        store.publishHealth(view, health);
    }

    /** Puts the results of probes by now into the stored view of a pod. Any thread. */
    public void healthChanged(PodName name) {
        store.healthChanged(name, health);
    }
}
