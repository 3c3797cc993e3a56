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
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stops the containers of a pod: group after group, and those of one group side by side. All share one grace period; a
 * group has what those before it have left.
 */
final class ContainerStopper {

    private final RuntimeService runtime;
    private final BackgroundTask.Starter beside;
    private final Hooks hooks;
    private final InstantSource clock;

    /**
     * @param beside runs the stop of each container but the first
     * @param clock of the grace period
     */
    ContainerStopper(RuntimeService runtime, BackgroundTask.Starter beside, Hooks hooks, InstantSource clock) {
        this.runtime = runtime;
        this.beside = beside;
        this.hooks = hooks;
        this.clock = clock;
    }

    /**
     * Returns when all have ended; a group that cannot be stopped keeps those after it running, and is thrown. All hooks run
     * at once: only the signals wait for each other.
     */
    ObservedPod stop(StopContainers action, ObservedPod before) {
        Instant begin = clock.instant();
        List<ContainerId> all = new ArrayList<>(action.ids());
        all.addAll(action.sidecars());
        Hooks.BeforeStop beforeStop = hooks.beforeStop(all, action.hooked(), action.gracePeriod(), before);
        ObservedPod after = stop(action.ids(), action.gracePeriod(), beforeStop, before);
        for (ContainerId sidecar : action.sidecars()) {
            Duration used = Duration.between(begin, clock.instant());
            // A clock that was set back gives no more than the whole.
            Duration left = used.isNegative()
                    ? action.gracePeriod()
                    : action.gracePeriod().minus(used);
            after = stop(List.of(sidecar), left, beforeStop, after);
        }
        return after;
    }

    /** One group. Throws the first failure with the others suppressed, after waiting for all. */
    private ObservedPod stop(List<ContainerId> ids, Duration grace, Hooks.BeforeStop beforeStop, ObservedPod before) {
        ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<BackgroundTask> others = new ArrayList<>();
        for (ContainerId id : ids.subList(Math.min(1, ids.size()), ids.size())) {
            others.add(beside.start(name(before.name(), id), () -> stop(id, grace, beforeStop, failures)));
        }
        if (!ids.isEmpty()) {
            stop(ids.getFirst(), grace, beforeStop, failures); // the caller waits anyway
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
            // stopped, and removed as well
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    /** An interrupt cancels the stops that are under way; their ends are waited for all the same. */
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

    /** The pod with what the runtime now says of one container: how it ended, or that it is gone. */
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
