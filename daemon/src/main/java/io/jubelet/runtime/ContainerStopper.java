package io.jubelet.runtime;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodAction.StopContainers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;

/** Stops the containers of a pod side by side, so that each has the whole grace period. */
final class ContainerStopper {

    private final RuntimeService runtime;
    private final BiFunction<String, Runnable, Thread> startThread;
    private final Hooks hooks;

    /** @param startThread runs the stop of each container but the first, given a name and the work */
    ContainerStopper(RuntimeService runtime, BiFunction<String, Runnable, Thread> startThread, Hooks hooks) {
        this.runtime = runtime;
        this.startThread = startThread;
        this.hooks = hooks;
    }

    /** Returns when all have ended, or throws the first failure with the others suppressed, after waiting for all. */
    ObservedPod stop(StopContainers action, ObservedPod before) {
        List<ContainerId> ids = action.ids();
        Duration grace = action.gracePeriod();
        Hooks.BeforeStop beforeStop = hooks.beforeStop(ids, action.hooked(), grace, before);
        ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (ContainerId id : ids.subList(Math.min(1, ids.size()), ids.size())) {
            threads.add(startThread.apply(name(before.name(), id), () -> stop(id, grace, beforeStop, failures)));
        }
        if (!ids.isEmpty()) {
            stop(ids.getFirst(), grace, beforeStop, failures); // the caller waits anyway
        }
        join(threads);
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

    /** An interrupt cancels the stops that are under way; the threads are waited for all the same. */
    private static void join(List<Thread> threads) {
        boolean interrupted = Thread.interrupted();
        if (interrupted) {
            threads.forEach(Thread::interrupt);
        }
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException _) {
                    interrupted = true;
                    threads.forEach(Thread::interrupt);
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
