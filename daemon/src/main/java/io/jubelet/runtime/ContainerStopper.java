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
 * Stops the containers of a pod: first those that are no sidecars, in parallel, then the sidecars, one after the other. All share
 * one grace period. When it is over, those that still wait for their turn are stopped at once, so that a pod is stopped
 * {@link Hooks#MIN_GRACE} after its grace period, whatever its containers do.
 *
 * <p>Safe for use by many threads.
 */
public final class ContainerStopper {

    private final RuntimeService runtime;
    private final BackgroundTask.Starter beside;
    private final Hooks hooks;
    private final InstantSource clock;

    /**
     * @param beside runs the stop of each container; without sidecars, of each one except the first
     * @param clock measures the grace period
     */
    public ContainerStopper(RuntimeService runtime, BackgroundTask.Starter beside, Hooks hooks, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.beside = Objects.requireNonNull(beside, "beside");
        this.hooks = Objects.requireNonNull(hooks, "hooks");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Stops the containers of an action and returns when all have ended. All preStop hooks run at once; only the signals wait for
     * their turn.
     *
     * @throws CriException if a container cannot be stopped, the first of such failures with the others suppressed; the sidecars
     *     whose turn has not come by then keep running
     */
    public ObservedPod stop(StopContainers action, ObservedPod before) {
        List<ContainerId> all = new ArrayList<>(action.ids());
        all.addAll(action.sidecars());
        all.forEach(hooks::abandon);
        Hooks.BeforeStop beforeStop = hooks.beforeStop(all, action.withHooks(), action.gracePeriod(), before);
        Stop stop = new Stop(before.name(), action.gracePeriod(), beforeStop);
        if (action.sidecars().isEmpty()) {
            stop.inParallel(action.ids());
        } else {
            stop.inOrder(action.ids(), action.sidecars());
        }
        stop.join();
        ObservedPod after = before;
        for (ContainerId id : all) {
            after = refreshed(id, after);
        }
        return after;
    }

    /** The stop of the containers of a pod. Confined to one thread, except for {@link #stop}. */
    private final class Stop {
        private final PodName pod;
        private final Duration grace;
        private final Hooks.BeforeStop beforeStop;
        private final Instant begin = clock.instant();
        private final List<BackgroundTask> tasks = new ArrayList<>();
        private final ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

        Stop(PodName pod, Duration grace, Hooks.BeforeStop beforeStop) {
            this.pod = pod;
            this.grace = grace;
            this.beforeStop = beforeStop;
        }

        void inParallel(List<ContainerId> ids) {
            for (ContainerId id : ids.subList(Math.min(1, ids.size()), ids.size())) {
                start(id, grace);
            }
            if (!ids.isEmpty()) {
                stop(ids.getFirst(), grace); // on this thread, which would only wait
            }
        }

        void inOrder(List<ContainerId> first, List<ContainerId> sidecars) {
            for (ContainerId id : first) {
                start(id, grace);
            }
            for (ContainerId sidecar : sidecars) {
                if (!awaitTurn()) {
                    return;
                }
                start(sidecar, left());
            }
        }

        /** Waits until what was started has ended or the grace period is over; returns whether the next one is to be stopped. */
        private boolean awaitTurn() {
            try {
                for (BackgroundTask task : tasks) {
                    task.awaitEnd(left());
                }
                return failures.isEmpty();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // join() sees it
                return false;
            }
        }

        /** What is left of the grace period, zero or more. */
        private Duration left() {
            Duration used = Duration.between(begin, clock.instant());
            return used.compareTo(grace) < 0 ? grace.minus(used) : Duration.ZERO;
        }

        private void start(ContainerId id, Duration left) {
            tasks.add(beside.start(threadName(pod, id), () -> stop(id, left)));
        }

        private void stop(ContainerId id, Duration left) {
            try {
                runtime.stopContainer(id, beforeStop.await(id, left));
            } catch (CriException.NotFound _) {
                // stopped and removed already
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }

        /** Waits for all stops. An interrupt cancels those under way, and their ends are still awaited. */
        void join() {
            boolean interrupted = Thread.interrupted();
            if (interrupted) {
                tasks.forEach(BackgroundTask::interrupt);
            }
            for (BackgroundTask task : tasks) {
                boolean ended = false;
                while (!ended) {
                    try {
                        task.awaitEnd();
                        ended = true;
                    } catch (InterruptedException _) {
                        interrupted = true;
                        tasks.forEach(BackgroundTask::interrupt);
                    }
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
                throw new CriException.Cancelled("StopContainer", "interrupted while containers were stopped");
            }
            RuntimeException failure = failures.poll();
            if (failure != null) {
                failures.forEach(failure::addSuppressed);
                throw failure;
            }
        }
    }

    private static String threadName(PodName pod, ContainerId id) {
        return "stop/" + pod + "/"
                + id.value().substring(0, Math.min(12, id.value().length()));
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
