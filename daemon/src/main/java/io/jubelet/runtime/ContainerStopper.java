package io.jubelet.runtime;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Stops the containers of a pod side by side, so that each has the whole grace period. */
final class ContainerStopper {

    /** Even a pod without any grace gets to see its stop signal. Source: the kubelet's minimum grace period. */
    private static final Duration MIN_GRACE = Duration.ofSeconds(2);

    private final RuntimeService runtime;

    ContainerStopper(RuntimeService runtime) {
        this.runtime = runtime;
    }

    /** Returns when all have ended, or throws the first failure with the others suppressed, after waiting for all. */
    ObservedPod stop(List<ContainerId> ids, Duration gracePeriod, ObservedPod before) {
        Duration grace = gracePeriod.compareTo(MIN_GRACE) < 0 ? MIN_GRACE : gracePeriod;
        ConcurrentLinkedQueue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (ContainerId id : ids.subList(Math.min(1, ids.size()), ids.size())) {
            threads.add(Threads.startVirtual(name(before.name(), id), () -> stop(id, grace, failures)));
        }
        if (!ids.isEmpty()) {
            stop(ids.getFirst(), grace, failures); // the caller waits anyway
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

    private void stop(ContainerId id, Duration grace, ConcurrentLinkedQueue<RuntimeException> failures) {
        try {
            runtime.stopContainer(id, grace);
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
