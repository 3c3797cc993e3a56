/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.admission.Admission;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.ContainerId;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.PodPlanner;
import io.jubelet.pod.ContainerHealth;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What all workers share. Several workers use every part of it at the same time.
 *
 * @param inputs what a worker reads
 * @param decisions what decides
 * @param executor executes actions
 * @param publish receives each new view of a pod; must not block
 * @param acted runs when a worker has executed a plan, so that a list can confirm the result
 * @param events records what happens to pods
 * @param clock its steady one is that of plans, its wall clock that of views
 * @param statistics counts what workers do
 */
public record WorkerContext(
        Inputs inputs,
        Decisions decisions,
        ActionExecutor executor,
        Consumer<PodView> publish,
        Runnable acted,
        EventRecorder events,
        NodeClock clock,
        WorkStatistics statistics) {

    /**
     * What a worker reads.
     *
     * @param desired returns the newest snapshot of what is wanted; does not block. The first must be complete, because pods
     *     that it lacks are stopped
     * @param observer reads the runtime
     * @param health returns the results of probes for the containers of a pod that run; does not block
     */
    public record Inputs(
            Supplier<DesiredPods> desired,
            PodObserver observer,
            Function<ObservedPod, Map<ContainerId, ContainerHealth>> health) {
        public Inputs {
            Objects.requireNonNull(desired, "desired");
            Objects.requireNonNull(observer, "observer");
            Objects.requireNonNull(health, "health");
        }
    }

    /**
     * What decides.
     *
     * @param planner makes plans
     * @param admission decides which versions may start
     * @param deadContainers decides which dead containers stay
     */
    public record Decisions(PodPlanner planner, Admission admission, DeadContainerTracker deadContainers) {
        public Decisions {
            Objects.requireNonNull(planner, "planner");
            Objects.requireNonNull(admission, "admission");
            Objects.requireNonNull(deadContainers, "deadContainers");
        }
    }

    public WorkerContext {
        Objects.requireNonNull(inputs, "inputs");
        Objects.requireNonNull(decisions, "decisions");
        Objects.requireNonNull(executor, "executor");
        Objects.requireNonNull(publish, "publish");
        Objects.requireNonNull(acted, "acted");
        Objects.requireNonNull(events, "events");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(statistics, "statistics");
    }

    /** A context whose counts are not shown. */
    public WorkerContext(
            Inputs inputs,
            Decisions decisions,
            ActionExecutor executor,
            Consumer<PodView> publish,
            Runnable acted,
            EventRecorder events,
            NodeClock clock) {
        this(inputs, decisions, executor, publish, acted, events, clock, new WorkStatistics());
    }
}
