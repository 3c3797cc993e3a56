/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.pod.TerminationMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Observes one pod on the runtime.
 *
 * <p>Lists show IDs and states. The rest (times, exit codes, addresses) is queried once for each ID
 * and state, and cached while the object is listed. Safe for use by many threads if each pod name
 * is observed by one thread at a time: its worker.
 */
public final class PodObserver {

    /** The runtime records an exit within milliseconds after the process has ended. */
    private static final int END_POLLS = 20;

    private static final Duration END_POLL_PERIOD = Duration.ofMillis(2);

    /** How long after the runtime this daemon may have taken the time of a start. */
    private static final int START_UNCERTAINTY_NANOS = 100_000_000;

    /** After this time the runtime may know more. */
    private static final Duration RECHECK_DELAY = Duration.ofSeconds(1);

    /** After this time a log is complete, and the reason of a kill is recorded. */
    private static final Duration FINAL_AFTER = Duration.ofSeconds(3);

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    private final RuntimeService runtime;
    private final NodeNames nodes;
    private final NodeClock clock;
    private final Map<PodName, ObservedPod> last = new ConcurrentHashMap<>();
    private final Map<String, PodName> owners = new ConcurrentHashMap<>();
    /**
     * Containers whose status may change although their state does not, and when to query it again.
     * For a running container, the executor took the start time a moment after the runtime did, and
     * a second may have begun in between; the API shows whole seconds, and the next daemon will
     * show those of the runtime. For an exited container, the end of the log might not be written
     * yet, or an out-of-memory kill not be recorded.
     */
    private final Map<String, Instant> recheckAt = new ConcurrentHashMap<>();

    /**
     * Whether the last status of a running container had the user or the resources. A runtime that
     * does not report them is not queried for them after each start.
     */
    private volatile boolean factsReported = true;

    private final PendingExits exits = new PendingExits();
    private final OutOfMemoryKills memory;

    /** An observer that takes the reason of each end from the runtime. */
    public PodObserver(RuntimeService runtime, NodeNames nodes, NodeClock clock) {
        this(runtime, nodes, clock, OutOfMemoryKills.NONE);
    }

    /**
     * @param runtime the runtime to query
     * @param nodes the names of this node, which select its pods
     * @param clock the steady one times what is checked again
     * @param memory the kills that the runtime might not report
     */
    public PodObserver(RuntimeService runtime, NodeNames nodes, NodeClock clock, OutOfMemoryKills memory) {
        this.memory = Objects.requireNonNull(memory, "memory");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns everything that the runtime shows for this pod now. Blocks for two lists for each name
     * of the node, and for the statuses of new entries.
     *
     * @throws CriException if the runtime does not respond
     */
    public ObservedPod observe(PodName name) {
        ObservedPod before = last.getOrDefault(name, ObservedPod.none(name));
        Instant requested = clock.steady();
        Optional<ObservedPod> ended = awaitEnd(before, requested);
        if (ended.isPresent()) {
            return ended.get();
        }
        List<ObservedSandbox> sandboxes = new ArrayList<>();
        List<ObservedContainer> containers = new ArrayList<>();
        for (String node : nodes.all()) {
            observe(Labels.ofPod(name, node), before, sandboxes, containers);
        }
        if (before.isEmpty() && sandboxes.isEmpty() && containers.isEmpty()) {
            return before; // nothing to store, and nothing pending that a list would clear
        }
        ObservedPod now = new ObservedPod(name, sandboxes, containers);
        store(before, now);
        settle(before, now, requested);
        return now.equals(before) ? before : now;
    }

    /** Adds what the runtime shows with these labels. */
    private void observe(
            Map<String, String> selector,
            ObservedPod before,
            List<ObservedSandbox> sandboxes,
            List<ObservedContainer> containers) {
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(selector))) {
            if (Labels.owned(sandbox.labels(), sandbox.annotations(), nodes)) {
                observe(sandbox, before).ifPresent(sandboxes::add);
            }
        }
        // A container belongs to a sandbox and is removed with it, so the first observation of a
        // new pod is a single list.
        if (!sandboxes.isEmpty() || !before.isEmpty()) {
            for (Container container : runtime.listContainers(ContainerFilter.labels(selector))) {
                if (Labels.owned(container.labels(), container.annotations(), nodes)) {
                    observe(container, before).ifPresent(containers::add);
                }
            }
        }
    }

    /**
     * Stores what a worker has just done, so that events find their pod and the next observation
     * does not query it again. An exit event that came before stays pending.
     */
    public void update(ObservedPod now) {
        ObservedPod before = last.getOrDefault(now.name(), ObservedPod.none(now.name()));
        for (ObservedContainer container : now.containers()) {
            if (!before.containers().contains(container) && (mayChange(container.state()) || lacksFacts(container))) {
                recheckAt.put(container.id().value(), clock.steady().plus(RECHECK_DELAY));
            }
        }
        store(before, now);
    }

    /**
     * After an event that the task of a container was removed, the runtime is about to record its
     * exit. Waiting for that is faster than listing repeatedly. Returns empty if there is nothing
     * to wait for, or if the exit is not recorded soon; then lists are used.
     */
    private Optional<ObservedPod> awaitEnd(ObservedPod before, Instant requested) {
        for (ObservedContainer container : before.containers()) {
            if (container.live() && exits.takeRemoved(container.id().value())) {
                Optional<ObservedContainer> end = end(container);
                if (end.isEmpty()) {
                    return Optional.empty();
                }
                ObservedPod now = before.with(end.get());
                store(before, now);
                settle(before, now, requested);
                return Optional.of(now);
            }
        }
        return Optional.empty();
    }

    private Optional<ObservedContainer> end(ObservedContainer container) {
        ContainerId id = container.id();
        try {
            for (int look = 0; look < END_POLLS; look++) {
                ContainerStatus status = runtime.containerStatus(id);
                if (state(status) instanceof State.Exited exited) {
                    State.Exited explained = memory.explain(exited, container.uid(), id.value());
                    recheckKilled(status, explained);
                    return Optional.of(container.in(explained).with(RuntimeFacts.of(status, container.createdAt())));
                }
                Thread.sleep(END_POLL_PERIOD);
            }
        } catch (CriException.NotFound _) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("ContainerStatus", "interrupted while a container was ending", e);
        }
        return Optional.empty();
    }

    /**
     * When, by the steady clock, to observe a pod again without a signal: an event reported an exit that the last
     * observation does not show, or a status may change.
     */
    public Optional<Instant> recheckAt(PodName name) {
        ObservedPod seen = last.get(name);
        if (seen == null) {
            return Optional.empty();
        }
        return Stream.concat(
                        live(seen).map(exits::recheckAt).flatMap(Optional::stream),
                        seen.containers().stream()
                                .map(c -> recheckAt.get(c.id().value()))
                                .filter(Objects::nonNull))
                .min(Instant::compareTo);
    }

    /**
     * Records an event that says that this container or sandbox has ended; it need not be known.
     */
    void announceExit(String id) {
        ObservedPod pod = owner(id).map(last::get).orElse(null);
        if (pod != null) {
            pod.containers().stream()
                    .filter(container -> container.id().value().equals(id))
                    .forEach(container -> memory.ended(container.uid(), id));
        }
        exits.announce(id, clock.steady(), false);
    }

    /**
     * Records an event that says that the task of this container or sandbox was removed; it need
     * not be known.
     */
    void announceRelease(String id) {
        exits.announce(id, clock.steady(), true);
    }

    /** Records an event that says that the memory of this container was used up. */
    void announceKill(String id) {
        memory.reported(id);
    }

    /** The pods that had sandboxes or containers when they were last observed. */
    Set<PodName> knownPods() {
        return Set.copyOf(last.keySet());
    }

    /** The fingerprint of a pod when it was last observed; zero if nothing was there. */
    long fingerprint(PodName name) {
        ObservedPod seen = last.get(name);
        return seen == null ? 0 : PodFingerprint.of(seen);
    }

    /** The pod of a container, sandbox or UID; empty if it was never observed. */
    Optional<PodName> owner(String id) {
        return Optional.ofNullable(owners.get(id));
    }

    private void store(ObservedPod before, ObservedPod now) {
        Set<String> gone = ids(before);
        for (String id : ids(now)) {
            gone.remove(id);
            owners.put(id, now.name());
        }
        gone.forEach(owners::remove);
        gone.forEach(memory::gone);
        for (ObservedContainer container : now.containers()) {
            if (container.live()) {
                memory.running(container.uid());
            }
        }
        recheckAt.keySet().removeAll(gone);
        if (now.isEmpty()) {
            last.remove(now.name());
        } else if (!now.equals(before)) {
            last.put(now.name(), now);
        }
    }

    /** Clears the pending exits that a list requested after their events has shown. */
    private void settle(ObservedPod before, ObservedPod now, Instant requested) {
        Set<String> live = new HashSet<>(live(now).toList());
        Set<String> ids = ids(before);
        ids.addAll(ids(now));
        ids.forEach(id -> exits.listed(id, live.contains(id), requested));
    }

    private static Stream<String> live(ObservedPod pod) {
        return Stream.concat(
                pod.sandboxes().stream().filter(ObservedSandbox::ready).map(s -> s.id().value()),
                pod.containers().stream().filter(ObservedContainer::live).map(c -> c.id().value()));
    }

    private static Set<String> ids(ObservedPod pod) {
        Set<String> ids = new HashSet<>();
        pod.sandboxes().forEach(s -> {
            ids.add(s.id().value());
            ids.add(s.uid());
        });
        pod.containers().forEach(c -> ids.add(c.id().value()));
        return ids;
    }

    // --- sandboxes

    private Optional<ObservedSandbox> observe(PodSandbox listed, ObservedPod before) {
        boolean ready = listed.state() == PodSandboxState.READY;
        Optional<ObservedSandbox> known = before.sandboxes().stream()
                .filter(s -> s.id().equals(listed.id())
                        && s.ready() == ready
                        && s.uid().equals(listed.metadata().uid()))
                .findFirst();
        if (known.isPresent()) {
            // The executor knows the creation time only approximately.
            return Objects.equals(known.get().createdAt(), listed.createdAt())
                    ? known
                    : known.map(sandbox -> sandbox.madeAt(listed.createdAt()));
        }
        try {
            return Optional.of(new ObservedSandbox(
                    listed.id(),
                    listed.metadata().uid(),
                    listed.annotations().getOrDefault(Labels.HASH, ""),
                    listed.metadata().attempt(),
                    ready,
                    listed.createdAt(),
                    Labels.seconds(listed.annotations().get(Labels.GRACE_PERIOD), DEFAULT_GRACE),
                    ready ? addresses(runtime.podSandboxStatus(listed.id())) : List.of()));
        } catch (CriException.NotFound _) {
            return Optional.empty(); // gone since the list was made
        }
    }

    private static List<String> addresses(PodSandboxStatus status) {
        if (status.network() == null || status.network().ip().isEmpty()) {
            return List.of();
        }
        List<String> addresses = new ArrayList<>();
        addresses.add(status.network().ip());
        status.network().additionalIps().forEach(further -> addresses.add(further.ip()));
        return addresses;
    }

    // --- containers

    private Optional<ObservedContainer> observe(Container listed, ObservedPod before) {
        boolean certain = recheckAt.remove(listed.id().value()) == null;
        Optional<ObservedContainer> known = before.containers().stream()
                .filter(c -> c.id().equals(listed.id())
                        && PodFingerprint.state(c.state()) == listed.state()
                        && c.uid().equals(listed.labels().getOrDefault(Labels.POD_UID, "")))
                .findFirst();
        if (known.isPresent() && certain) {
            return known;
        }
        try {
            // The status may be newer than the list; the newer one counts.
            Optional<ContainerStatus> status = switch (listed.state()) {
                case CREATED, UNKNOWN -> Optional.empty();
                case RUNNING, EXITED -> Optional.of(runtime.containerStatus(listed.id()));
            };
            String uid = listed.labels().getOrDefault(Labels.POD_UID, "");
            RuntimeFacts facts = status.map(current -> RuntimeFacts.of(current, listed.createdAt()))
                    .orElseGet(() -> new RuntimeFacts(listed.imageRef(), listed.createdAt()));
            if (listed.state() == ContainerState.RUNNING) {
                factsReported = facts.reported();
            }
            Optional<State> reported = status.map(PodObserver::state);
            if (reported.isPresent() && reported.get() instanceof State.Exited exited) {
                State.Exited explained = memory.explain(exited, uid, listed.id().value());
                recheckKilled(status.get(), explained);
                reported = Optional.of(explained);
            }
            State absent = listed.state() == ContainerState.UNKNOWN ? new State.Unknown() : new State.Created();
            return Optional.of(new ObservedContainer(
                    listed.id(),
                    listed.podSandboxId(),
                    uid,
                    listed.metadata().name(),
                    reported.orElse(absent),
                    facts,
                    new ObservedContainer.Restarts(
                            listed.metadata().attempt(),
                            Labels.seconds(listed.annotations().get(Labels.BACKOFF), Duration.ZERO),
                            Labels.number(listed.annotations().get(Labels.ROUND)))));
        } catch (CriException.NotFound _) {
            return Optional.empty(); // gone since the list was made
        }
    }

    /**
     * Schedules another query of a container that has just ended. The runtime might still be
     * writing the end of the log, which can serve as termination message; and containerd learns
     * separately that a process was killed, and why.
     */
    private void recheckKilled(ContainerStatus status, State.Exited exited) {
        boolean log = TerminationMessage.Policy.FallbackToLogsOnError.name()
                .equals(status.annotations().get(Labels.TERMINATION_MESSAGE_POLICY));
        if ((log || OutOfMemoryKills.isUnexplained(exited)) && mayChange(exited)) {
            recheckAt.put(status.id().value(), clock.steady().plus(RECHECK_DELAY));
        }
    }

    /** Whether the user and the resources are not known yet, because only the status has them. */
    private boolean lacksFacts(ObservedContainer container) {
        return factsReported && container.live() && !container.facts().reported();
    }

    private boolean mayChange(State state) {
        return switch (state) {
            case State.Running running ->
                running.startedAt() != null && running.startedAt().getNano() < START_UNCERTAINTY_NANOS;
            case State.Exited exited -> {
                Instant finished = exited.finishedAt();
                yield finished != null && clock.age(finished).compareTo(FINAL_AFTER) < 0;
            }
            case State.Created _, State.Starting _, State.Unknown _ -> false;
        };
    }

    /**
     * The state that a status shows, with the termination message of a container that has ended.
     * May read its file or log.
     */
    public static State state(ContainerStatus status) {
        return switch (status.state()) {
            case CREATED -> new State.Created();
            case UNKNOWN -> new State.Unknown();
            case RUNNING -> new State.Running(status.startedAt());
            case EXITED ->
                new State.Exited(
                        status.startedAt(),
                        status.finishedAt(),
                        status.exitCode(),
                        status.reason(),
                        TerminationMessages.of(status));
        };
    }
}
