/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import io.jubelet.admission.Admission;
import io.jubelet.admission.NodeAllocatable;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.CriException;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.PodPlanner;
import io.jubelet.plan.RestartBackoff;
import io.jubelet.pod.Pod;
import io.jubelet.reconcile.ActionExecutor;
import io.jubelet.reconcile.DeadContainerTracker;
import io.jubelet.reconcile.PodView;
import io.jubelet.reconcile.PodWorker;
import io.jubelet.reconcile.WorkerContext;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Lets a worker start and remove a pod that exists nowhere else, with an executor that does nothing. Confined to one thread.
 */
public final class WarmUpRun {

    private final WorkerContext context;
    private DesiredPods desired = DesiredPods.NONE;

    /**
     * @param observer one that never shows anything of the pod
     * @param executor reports actions as done
     * @param publish receives the views of the pod
     * @param events a recorder of its own
     */
    public WarmUpRun(
            PodObserver observer,
            ActionExecutor executor,
            Consumer<PodView> publish,
            EventRecorder events,
            NodeClock clock) {
        Admission admission = new Admission(new NodeAllocatable("", Map.of(), 1, Map::of), () -> desired, _ -> {});
        admission.listed(Set.of());
        this.context = new WorkerContext(
                new WorkerContext.Inputs(() -> desired, observer, _ -> Map.of()),
                new WorkerContext.Decisions(
                        new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX)),
                        admission,
                        new DeadContainerTracker(ContainerGcPolicy.DEFAULT, _ -> {})),
                executor,
                publish,
                () -> {},
                events,
                clock);
    }

    /**
     * Simulates the life of a pod once.
     *
     * @throws CriException if the observer's runtime does not answer
     */
    public void run(Pod pod) {
        PodWorker worker = new PodWorker(pod.name(), context);
        desired = new DesiredPods(Map.of(pod.name(), pod), List.of());
        worker.reconcile();
        desired = DesiredPods.NONE;
        worker.reconcile();
    }
}
