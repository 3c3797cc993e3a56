/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Optional;

/** Executes what the planner decides. Implemented by {@code runtime}; every method may block. Safe for use by many threads. */
public interface ActionExecutor {

    /**
     * Executes one action. An action whose effect is already there succeeds.
     *
     * @param action what to do
     * @param before what is known to be on the runtime
     * @return what is known to be there afterwards
     * @throws io.jubelet.plan.ActionFailedException if it fails because of the pod or the node
     * @throws io.jubelet.cri.CriException if it fails because of the runtime
     */
    ObservedPod execute(PodAction action, ObservedPod before);

    /**
     * Returns a pod with those of its containers {@linkplain io.jubelet.observed.ObservedContainer.State.Starting starting} whose
     * postStart hook runs or has failed. Abandons hooks of the pod whose container does not run any more.
     */
    default ObservedPod withHooks(ObservedPod observed) {
        return observed;
    }

    /**
     * Returns the states of the images of some versions of a pod without querying the runtime. Forgets the images of other
     * versions of the pod, and cancels pulls that no other pod waits for.
     *
     * @param name the pod whose worker is woken when a pull ends that the result contains
     */
    ImageStates images(PodName name, List<Pod> versions);

    /** Returns the eviction of a version that exceeded the limit of a volume, until it may start again; otherwise empty. */
    default Optional<Eviction> eviction(String uid) {
        return Optional.empty();
    }

    /** Returns how a version has ended for good, as recorded by {@link PodAction.RecordEnd}; empty if it has not. */
    default Optional<PodEnd> end(String uid) {
        return Optional.empty();
    }

    /**
     * Returns why the node cannot run a version even without other pods; empty if it can. Queries the runtime only for pods that
     * use what not every runtime supports, and then once.
     */
    default Optional<AdmissionRejection> rejection(Pod pod) {
        return Optional.empty();
    }

    /** Returns why the network of the node is not ready, as far as is known without querying the runtime; empty if it is. */
    Optional<String> networkProblem();

    /** Loads the content of a version that was started earlier, as stored with its volumes; empty if it is lost. */
    Optional<Pod> loadPod(String uid);
}
