/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import java.util.Map;
import java.util.function.Function;

/** Stores the latest view of each pod for those that read it. Safe for use by many threads; no method blocks. */
public interface ViewStore {

    /** Stores the view of a pod. Called by the pod's worker only. */
    void publish(PodView view);

    /**
     * Stores a view once more with the results of probes by now, if they have changed since it was made. Called by the pod's
     * worker only.
     *
     * @param view the one that the worker published last
     * @param health returns the results of probes for the containers of a pod; does not block
     */
    void publishHealth(PodView view, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health);

    /**
     * Puts the results of probes by now into the stored view of a pod. Any thread may call it, because the pod's worker may
     * be busy.
     *
     * @param health returns the results of probes for the containers of a pod; does not block
     */
    void healthChanged(PodName name, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health);
}
