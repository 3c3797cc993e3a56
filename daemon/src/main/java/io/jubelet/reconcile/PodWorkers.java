/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.Threads;
import io.jubelet.desired.DesiredPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Runs one worker, on a virtual thread of its own, for each pod that is wanted or present on the runtime.
 *
 * <p>Safe for use by many threads.
 */
public final class PodWorkers {

    /** How many of the workers that wait start together, and how long after those before them. */
    private static final int GROUP = 64;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final WorkerContext context;
    private final int atOnce;
    private final Consumer<PodName> retired;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PodName, Running> workers = new HashMap<>();
    /** Those that are started later. */
    private final Queue<Thread> waiting = new ArrayDeque<>();

    private boolean waitingAreStarted;
    private DesiredPods lastDesired = DesiredPods.NONE;
    private boolean stopped;
    private boolean wasListed;
    private boolean manifestsRead;

    private record Running(PodWorker worker, Thread thread) {}

    /**
     * Starts no worker yet.
     *
     * @param atOnce how many new pods begin together, which is how many the node can run: the others will not fit, and their
     *     turns must not keep the first ones from starting
     * @param retired receives the name of each pod that is not wanted and has nothing left
     */
    public PodWorkers(WorkerContext context, int atOnce, Consumer<PodName> retired) {
        this.context = Objects.requireNonNull(context, "context");
        this.atOnce = atOnce;
        this.retired = Objects.requireNonNull(retired, "retired");
    }

    /** Starts or wakes a worker for each pod that a list shows, at the start or because it changed. */
    public void listed(Collection<PodName> names) {
        context.decisions().admission().listed(names);
        lock.lock();
        try {
            for (PodName name : names) {
                ensure(name, true).turnRequests.requestObservation();
            }
            wasListed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Reads the newest snapshot of what is wanted, starts workers for new pods and wakes those whose version changed. */
    public void desiredChanged() {
        lock.lock();
        try {
            DesiredPods now = context.inputs().desired().get();
            int changed = 0;
            for (PodName name : changed(lastDesired, now)) {
                ensure(name, changed++ < atOnce).turnRequests.requestPlan();
            }
            if (!waiting.isEmpty() && !waitingAreStarted) {
                waitingAreStarted = true;
                Threads.startVirtual("pods-waiting", this::startWaiting);
            }
            lastDesired.pods().keySet().forEach(name -> {
                if (now.pod(name).isEmpty() && workers.containsKey(name)) {
                    workers.get(name).worker().turnRequests.requestPlan();
                }
            });
            if (now.localConfig() != lastDesired.localConfig()) {
                workers.values().forEach(running -> running.worker().configChanged());
            }
            lastDesired = now;
            manifestsRead = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The pods with a new version, in the order of admission: where not all of them fit, those that do begin before thousands
     * that do not.
     */
    static List<PodName> changed(DesiredPods before, DesiredPods now) {
        List<PodName> changed = new ArrayList<>();
        for (Map.Entry<PodName, Pod> each : now.pods().entrySet()) {
            Pod old = before.pods().get(each.getKey());
            if (old == null || !old.uid().equals(each.getValue().uid())) {
                changed.add(each.getKey());
            }
        }
        changed.sort(null);
        return changed;
    }

    private void startWaiting() {
        boolean more = true;
        while (more) {
            LockSupport.parkNanos(PAUSE.toNanos());
            lock.lock();
            try {
                for (int i = 0; i < GROUP && !waiting.isEmpty(); i++) {
                    start(waiting.remove());
                }
                more = !waiting.isEmpty() && !stopped;
                waitingAreStarted = more;
            } finally {
                lock.unlock();
            }
        }
    }

    private void start(Thread thread) {
        if (!stopped && thread.getState() == Thread.State.NEW) {
            thread.start();
        }
    }

    /** The pods that are wanted or on the runtime; empty until the manifests were read and the runtime was listed. */
    public Optional<Set<PodName>> known() {
        lock.lock();
        try {
            return wasListed && manifestsRead ? Optional.of(Set.copyOf(workers.keySet())) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the worker of a pod, if it has one, because the pod may have changed on the runtime. */
    public void observe(PodName name) {
        request(name, TurnRequests::requestObservation);
    }

    /** Wakes the worker of a pod, if it has one, because another input of its plan changed. */
    public void plan(PodName name) {
        request(name, TurnRequests::requestPlan);
    }

    private void request(PodName name, Consumer<TurnRequests> kind) {
        lock.lock();
        try {
            Running running = workers.get(name);
            if (running != null) {
                kind.accept(running.worker().turnRequests);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Wakes every worker to observe its pod. */
    public void wakeAll() {
        lock.lock();
        try {
            workers.values().forEach(running -> running.worker().turnRequests.requestObservation());
        } finally {
            lock.unlock();
        }
    }

    /** Ends all workers but no pods; returns when their threads have ended, or after {@code atMost}. */
    public void stop(Duration atMost) throws InterruptedException {
        List<Thread> threads;
        lock.lock();
        try {
            stopped = true;
            threads = workers.values().stream()
                    .map(Running::thread)
                    .filter(thread -> thread.getState() != Thread.State.NEW)
                    .toList();
        } finally {
            lock.unlock();
        }
        threads.forEach(Thread::interrupt);
        long begin = System.nanoTime();
        for (Thread thread : threads) {
            Duration left = atMost.minusNanos(System.nanoTime() - begin);
            if (left.isPositive()) {
                thread.join(left);
            }
        }
    }

    /** @param now whether a worker that has not started does so now */
    private PodWorker ensure(PodName name, boolean now) {
        Running running = workers.get(name);
        if (running == null) {
            PodWorker worker = new PodWorker(name, context);
            running = new Running(worker, Threads.unstartedVirtual("pod/" + name, () -> worker.run(this::retire)));
            if (!stopped) {
                workers.put(name, running);
            }
            if (!now) {
                waiting.add(running.thread());
            }
        }
        if (now) {
            start(running.thread());
        }
        return running.worker();
    }

    /** Removes a worker unless its pod is wanted again; under the lock, so that {@link #desiredChanged} cannot come between. */
    private boolean retire(PodWorker worker) {
        lock.lock();
        try {
            if (context.inputs().desired().get().pod(worker.name()).isPresent()) {
                return false;
            }
            workers.remove(worker.name());
            retired.accept(worker.name());
            return true;
        } finally {
            lock.unlock();
        }
    }
}
