/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.PodAction.StopContainers;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stops the containers of a pod: one group after another, and the containers of a group in
 * parallel. All share one grace period; each group gets what the groups before it have left.
 *
 * <p>Safe for use by many threads.
 */
public final class ContainerStopper {

    private final RuntimeService runtime;
    private final BackgroundTask.Starter beside;
    private final Hooks hooks;
    private final InstantSource clock;

    /**
     * @param beside runs the stop of each container of a group except the first
     * @param clock measures the grace period
     */
    public ContainerStopper(RuntimeService runtime, BackgroundTask.Starter beside, Hooks hooks, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.beside = Objects.requireNonNull(beside, "beside");
        this.hooks = Objects.requireNonNull(hooks, "hooks");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Stops the containers of an action and returns when all have ended. All preStop hooks run at
     * once; only the signals wait for the groups before.
     *
     * @throws CriException if a group cannot be stopped; the groups after it keep running
     */
    ObservedPod stop(StopContainers action, ObservedPod before) {
        Instant begin = clock.instant();
        List<ContainerId> all = new ArrayList<>(action.ids());
        all.addAll(action.sidecars());
        all.forEach(hooks::abandon);
        Hooks.BeforeStop beforeStop = hooks.beforeStop(all, action.withHooks(), action.gracePeriod(), before);
        ObservedPod after = stop(action.ids(), action.gracePeriod(), beforeStop, before);
        for (ContainerId sidecar : action.sidecars()) {
            Duration used = Duration.between(begin, clock.instant());
            // If the clock was set back, the group gets the whole grace period and no more.
            Duration left = used.isNegative()
                    ? action.gracePeriod()
                    : action.gracePeriod().minus(used);
            after = stop(List.of(sidecar), left, beforeStop, after);
        }
        return after;
    }

    /**
     * Stops one group. Waits for all of it and then throws the first failure, with the others
     * suppressed.
     */
    private ObservedPod stop(List<ContainerId> ids, Duration grace, Hooks.BeforeStop beforeStop, ObservedPod before) {
        ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<BackgroundTask> others = new ArrayList<>();
        for (ContainerId id : ids.subList(Math.min(1, ids.size()), ids.size())) {
            others.add(beside.start(name(before.name(), id), () -> stop(id, grace, beforeStop, failures)));
        }
        if (!ids.isEmpty()) {
            stop(ids.getFirst(), grace, beforeStop, failures); // on this thread, which would only wait
        }
        join(others);
        RuntimeException first = failures.poll();
        if (first != null) {
            failures.forEach(first::addSuppressed);
            throw first;
        }
        ObservedPod after = before;
        for (ContainerId id : ids) {
            after = refreshed(id, after);
        }
        return after;
    }

    private static String name(PodName pod, ContainerId id) {
        return "stop/" + pod + "/"
                + id.value().substring(0, Math.min(12, id.value().length()));
    }

    private void stop(
            ContainerId id,
            Duration grace,
            Hooks.BeforeStop beforeStop,
            ConcurrentLinkedQueue<RuntimeException> failures) {
        try {
            runtime.stopContainer(id, beforeStop.await(id, grace));
        } catch (CriException.NotFound _) {
            // stopped and removed already
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    /**
     * Waits for all stops. An interrupt cancels those under way, and their ends are still awaited.
     */
    private static void join(List<BackgroundTask> others) {
        boolean interrupted = Thread.interrupted();
        if (interrupted) {
            others.forEach(BackgroundTask::interrupt);
        }
        for (BackgroundTask other : others) {
            boolean ended = false;
            while (!ended) {
                try {
                    other.awaitEnd();
                    ended = true;
                } catch (InterruptedException _) {
                    interrupted = true;
                    others.forEach(BackgroundTask::interrupt);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("StopContainer", "interrupted while containers were stopped");
        }
    }

    /** The pod with the present state of one container, which may be gone by now. */
    ObservedPod refreshed(ContainerId id, ObservedPod before) {
        return before.containers().stream()
                .filter(container -> container.id().equals(id))
                .findFirst()
                .map(container -> {
                    try {
                        return before.with(container.in(PodObserver.state(runtime.containerStatus(id))));
                    } catch (CriException.NotFound _) {
                        return before.without(id);
                    }
                })
                .orElse(before);
    }
}
