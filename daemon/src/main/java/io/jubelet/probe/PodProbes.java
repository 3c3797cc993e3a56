package io.jubelet.probe;

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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * The probes of all pods: told of each view that a worker publishes, asked for the health of what runs.
 *
 * <p>Safe for use by many threads, as long as the views of one pod name are told by one thread at a time: its worker.
 * Until there is a container with probes it does nothing and has nothing else of its package loaded.
 */
public final class PodProbes implements AutoCloseable {

    /** As the kubelet of that version, for there are servers that look at it. */
    public static final String USER_AGENT = "kube-probe/1.36";

    /**
     * Of what started so long before the daemon, and nothing is known of, it is taken that it got ready: a restart of the
     * daemon turns no pod unready. Source: the kubelet, since 1.35.
     */
    private static final Duration WELL_BEFORE = Duration.ofSeconds(10);

    /** Asks a gRPC server for its health. */
    @FunctionalInterface
    public interface GrpcHealth {

        /**
         * Blocks until there is an answer or {@code timeout} is over.
         *
         * @param host an address
         * @param service may be empty
         * @return why it is not healthy; empty when it is
         */
        String trouble(String host, int port, String service, Duration timeout);
    }

    private final RuntimeService runtime;
    private final GrpcHealth grpc;
    private final List<String> hostIps;
    private final Consumer<PodName> wake;
    private final EventRecorder events;
    private final BiFunction<String, String, Optional<ContainerHealth>> memory;
    /** Answers of {@link #memory}, which reads a file, while {@link #health} is asked in every turn of a worker. */
    private final Map<ContainerId, Optional<ContainerHealth>> before = new ConcurrentHashMap<>();

    private final InstantSource clock;
    private final Instant daemonStart;
    private final ReentrantLock making = new ReentrantLock();

    /** By pod, the containers that are probed or were; of pods with probes alone. */
    private final Map<PodName, Set<ContainerId>> known = new ConcurrentHashMap<>();

    /** Null until there is something to probe. */
    private volatile ProbeScheduler probing;

    /**
     * To be made when the daemon starts.
     *
     * @param runtime runs the commands of exec probes
     * @param grpc asks for grpc probes
     * @param hostIps where pods on the host network are reached, the primary first; may be empty
     * @param wake takes the pod of which a container's health has changed; any thread, must not block
     * @param events told of what is wrong
     * @param memory what a container, by the UID of its pod and by its name, was before the daemon started, if that is known;
     *     asked once for each
     * @param clock that of the runtime
     */
    public PodProbes(
            RuntimeService runtime,
            GrpcHealth grpc,
            List<String> hostIps,
            Consumer<PodName> wake,
            EventRecorder events,
            BiFunction<String, String, Optional<ContainerHealth>> memory,
            InstantSource clock) {
        this.runtime = runtime;
        this.grpc = grpc;
        this.hostIps = List.copyOf(hostIps);
        this.wake = wake;
        this.events = events;
        this.memory = memory;
        this.clock = clock;
        this.daemonStart = clock.instant();
    }

    /** What the probes say of the containers of a pod, by their ids; those without probes may be absent. Does not block. */
    public Map<ContainerId, ContainerHealth> health(ObservedPod observed) {
        ProbeScheduler current = probing;
        Map<ContainerId, ContainerHealth> health = null;
        for (ObservedContainer container : observed.containers()) {
            ContainerHealth one = current == null ? null : current.health(container.id());
            if (one == null && container.state() instanceof State.Running running) {
                one = before(container, running).orElse(null); // until the first view is told
            }
            if (one != null) {
                health = health == null ? new HashMap<>(4) : health;
                health.put(container.id(), one);
            }
        }
        return health == null ? Map.of() : health;
    }

    /**
     * What a container was that has been running since before the daemon started. One that started just before, and nothing
     * is known of, may still have been starting.
     */
    private Optional<ContainerHealth> before(ObservedContainer container, State.Running running) {
        if (!running.startedAt().isBefore(daemonStart)) {
            return Optional.empty();
        }
        Optional<ContainerHealth> known =
                before.computeIfAbsent(container.id(), _ -> memory.apply(container.uid(), container.name()));
        return known.isEmpty() && running.startedAt().isBefore(daemonStart.minus(WELL_BEFORE))
                ? Optional.of(ContainerHealth.WITHOUT_PROBES)
                : known;
    }

    /**
     * Takes what a worker has published.
     *
     * @param shown the version that the runtime holds, if its content is known
     * @param ending whether that version is being ended
     */
    public void watch(Optional<Pod> shown, ObservedPod observed, boolean ending) {
        boolean probes = shown.isPresent() && shown.get().spec().hasProbes();
        if (!probes && (probing == null || !known.containsKey(observed.name()))) {
            return;
        }
        ProbeScheduler current = made();
        Set<ContainerId> before = known.getOrDefault(observed.name(), Set.of());
        Set<ContainerId> now = new HashSet<>();
        for (ObservedContainer container : observed.containers()) {
            if (container.state() instanceof State.Running running) {
                if (before.contains(container.id())) {
                    current.seen(container.id(), ending);
                    now.add(container.id());
                } else if (probes && !ending && begin(shown.get(), observed, container, running, current)) {
                    now.add(container.id());
                }
            } else if (before.contains(container.id())) {
                current.ended(container.id());
                now.add(container.id());
            }
        }
        for (ContainerId id : before) {
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
        Duration ranFor = Duration.between(running.startedAt(), clock.instant());
        boolean spread = running.startedAt().isBefore(daemonStart);
        current.add(new ProbedContainer(
                pod,
                ProbeTarget.of(pod, spec.get(), container, observed, hostIps),
                current.now(),
                ranFor.isNegative() ? Duration.ZERO : ranFor,
                // Those that ran before would otherwise all be asked in the moment of the daemon's start.
                spread ? ThreadLocalRandom.current().nextDouble() : 0,
                before(container, running)));
        return true;
    }

    private ProbeScheduler made() {
        making.lock();
        try {
            if (probing == null) {
                probing = new ProbeScheduler(
                        new ProbeExecutor(runtime, grpc), Threads::startVirtual, wake, events, System::nanoTime);
                probing.start();
            }
            return probing;
        } finally {
            making.unlock();
        }
    }

    /** Makes no more attempts; those under way are not waited for. */
    @Override
    public void close() {
        if (probing != null) {
            probing.close();
        }
    }
}
