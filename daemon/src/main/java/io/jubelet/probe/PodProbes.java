/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.RuntimeService;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The probes of all pods. Workers pass in each view that they publish; the current health of the
 * containers comes out.
 *
 * <p>Safe for use by many threads if the views of one pod name come from one thread at a time: its
 * worker. Until there is a container with probes, this class does nothing and loads no other class
 * of its package.
 */
public final class PodProbes implements AutoCloseable {

    /** The user agent of the kubelet of this version, because some servers check it. */
    public static final String USER_AGENT = "kube-probe/1.36";

    /**
     * A container that started this long before the daemon, and has no stored result, is
     * assumed to be ready, so that a restart of the daemon makes no pod unready. Source: the
     * kubelet, since 1.35.
     */
    private static final Duration MIN_UPTIME = Duration.ofSeconds(10);

    /** Queries a gRPC server for its health. */
    @FunctionalInterface
    public interface GrpcHealth {

        /**
         * Blocks until there is a response or {@code timeout} has passed.
         *
         * @param host an address
         * @param service may be empty
         * @return why it is not healthy; empty if it is
         */
        String trouble(String host, int port, String service, Duration timeout);
    }

    private final RuntimeService runtime;
    private final GrpcHealth grpc;
    private final Supplier<List<String>> hostIps;
    private final Consumer<PodName> wake;
    private final EventRecorder events;
    private final BiFunction<String, String, Optional<ContainerHealth>> storedHealth;
    /**
     * Caches {@link #storedHealth}, which reads a file, because {@link #health} is called in every
     * turn of a worker.
     */
    private final Map<ContainerId, Optional<ContainerHealth>> previous = new ConcurrentHashMap<>();

    private final NodeClock clock;
    private final Instant daemonStart;
    private final ReentrantLock creating = new ReentrantLock();

    /** The containers that are or were probed, by pod; only pods with probes. */
    private final Map<PodName, Set<ContainerId>> known = new ConcurrentHashMap<>();

    /** Null until there is a container to probe. */
    private volatile @Nullable ProbeScheduler scheduler;

    /**
     * Must be created when the daemon starts.
     *
     * @param runtime runs the commands of exec probes
     * @param grpc makes the attempts of grpc probes
     * @param hostIps the present addresses of pods on the host network, the primary first; may be empty
     * @param wake receives the pod when the health of a container has changed; called on any
     *     thread, must not block
     * @param events records failures
     * @param storedHealth the health of a container before the daemon started, by the UID of its
     *     pod and its name, if known; called once for each
     * @param clock its wall clock is that of the runtime
     */
    public PodProbes(
            RuntimeService runtime,
            GrpcHealth grpc,
            Supplier<List<String>> hostIps,
            Consumer<PodName> wake,
            EventRecorder events,
            BiFunction<String, String, Optional<ContainerHealth>> storedHealth,
            NodeClock clock) {
        this.runtime = runtime;
        this.grpc = grpc;
        this.hostIps = Objects.requireNonNull(hostIps, "hostIps");
        this.wake = wake;
        this.events = events;
        this.storedHealth = storedHealth;
        this.clock = clock;
        this.daemonStart = clock.steady();
    }

    /**
     * Returns the health of the containers of a pod by their IDs; containers without probes may be
     * absent. Does not block.
     */
    public Map<ContainerId, ContainerHealth> health(ObservedPod observed) {
        ProbeScheduler current = scheduler;
        Map<ContainerId, ContainerHealth> health = null;
        for (ObservedContainer container : observed.containers()) {
            ContainerHealth one = current == null ? null : current.health(container.id());
            if (one == null && container.state() instanceof State.Running running) {
                one = previous(container, running).orElse(null); // until the worker has published its first view
            }
            if (one != null) {
                health = health == null ? new HashMap<>(4) : health;
                health.put(container.id(), one);
            }
        }
        return health == null ? Map.of() : health;
    }

    /**
     * The health of a container that has been running since before the daemon started. A container
     * that started just before, and has no stored result, might still have been starting.
     */
    private Optional<ContainerHealth> previous(ObservedContainer container, State.Running running) {
        Instant started = started(running);
        if (!started.isBefore(daemonStart)) {
            return Optional.empty();
        }
        Optional<ContainerHealth> known =
                previous.computeIfAbsent(container.id(), _ -> storedHealth.apply(container.uid(), container.name()));
        return known.isEmpty() && started.isBefore(daemonStart.minus(MIN_UPTIME))
                ? Optional.of(ContainerHealth.WITHOUT_PROBES)
                : known;
    }

    /** When a container was started, by the steady clock; now if the runtime does not know it. */
    private Instant started(State.Running running) {
        Instant started = running.startedAt();
        return started == null ? clock.steady() : clock.steady().minus(clock.age(started));
    }

    /**
     * Starts, continues or ends probes according to a view.
     *
     * @param shown the version that the runtime has, if its content is known
     * @param ending whether that version is terminating
     */
    public void watch(Optional<Pod> shown, ObservedPod observed, boolean ending) {
        boolean probes = shown.isPresent() && shown.get().spec().hasProbes();
        if (!probes && (scheduler == null || !known.containsKey(observed.name()))) {
            return;
        }
        ProbeScheduler current = scheduler();
        Set<ContainerId> previous = known.getOrDefault(observed.name(), Set.of());
        Set<ContainerId> now = new HashSet<>();
        for (ObservedContainer container : observed.containers()) {
            if (container.state() instanceof State.Running running) {
                if (previous.contains(container.id())) {
                    current.observe(container.id(), ending);
                    now.add(container.id());
                } else if (probes && !ending && begin(shown.get(), observed, container, running, current)) {
                    now.add(container.id());
                }
            } else if (previous.contains(container.id())) {
                current.ended(container.id());
                now.add(container.id());
            }
        }
        for (ContainerId id : previous) {
            if (!now.contains(id)) {
                current.forget(id);
            }
        }
        if (now.isEmpty()) {
            known.remove(observed.name());
        } else {
            known.put(observed.name(), now);
        }
    }

    private boolean begin(
            Pod pod, ObservedPod observed, ObservedContainer container, State.Running running, ProbeScheduler current) {
        Optional<ContainerSpec> spec = pod.spec().container(container.name());
        if (!container.uid().equals(pod.uid())
                || spec.isEmpty()
                || !spec.get().probes().any()) {
            return false;
        }
        Instant started = started(running);
        Duration ranFor = Duration.between(started, clock.steady());
        boolean spread = started.isBefore(daemonStart);
        current.add(new ProbedContainer(
                pod,
                ProbeTarget.of(pod, spec.get(), container, observed, hostIps.get()),
                current.now(),
                ranFor.isNegative() ? Duration.ZERO : ranFor,
                // Otherwise all containers that ran before would be probed at the moment of the
                // start of the daemon.
                spread ? ThreadLocalRandom.current().nextDouble() : 0,
                previous(container, running)));
        return true;
    }

    private ProbeScheduler scheduler() {
        creating.lock();
        try {
            if (scheduler == null) {
                scheduler = new ProbeScheduler(
                        new ProbeExecutor(runtime, grpc), Threads::startVirtual, wake, events, System::nanoTime);
                scheduler.start();
            }
            return scheduler;
        } finally {
            creating.unlock();
        }
    }

    /** How the attempts of all probes of containers that exist ended so far; in no order. */
    public List<ProbeStatistics> statistics() {
        ProbeScheduler current = scheduler;
        return current == null ? List.of() : current.statistics();
    }

    /** How the attempts of all probes of a kind ended so far, those of containers that are gone included. */
    public ProbeStatistics.Results totals(Probe.Kind kind) {
        ProbeScheduler current = scheduler;
        return current == null ? new ProbeStatistics.Results(0, 0, 0) : current.totals(kind);
    }

    /** Makes no more attempts. Does not wait for those in progress. */
    @Override
    public void close() {
        if (scheduler != null) {
            scheduler.close();
        }
    }
}
