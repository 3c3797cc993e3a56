package io.jubelet.observed;

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
import io.jubelet.pod.PodName;
import io.jubelet.pod.TerminationMessage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
 * Looks at one pod on the runtime.
 *
 * <p>Lists tell ids and states; the rest (times, exit codes, addresses) is asked once for each id and state, and kept
 * for as long as the object is listed. Safe for use by many threads, as long as each pod name is observed by one of
 * them at a time: its worker.
 */
public final class PodObserver {

    /** The runtime notes an end within milliseconds after the process is gone. */
    private static final int END_LOOKS = 20;

    private static final Duration END_LOOK_PAUSE = Duration.ofMillis(2);

    /** So long after the runtime somebody may have taken the time of a start. */
    private static final int START_UNCERTAINTY_NANOS = 100_000_000;

    /** After so long it is worth asking again. */
    private static final Duration CERTAINTY = Duration.ofSeconds(1);

    /** After so long a log is complete, and it is noted why a process was killed. */
    private static final Duration ALL_TOLD = Duration.ofSeconds(3);

    /** By SIGKILL. */
    private static final int KILLED = 137;

    private static final String OUT_OF_MEMORY = "OOMKilled";

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    private final RuntimeService runtime;
    private final String node;
    private final InstantSource clock;
    private final Map<PodName, ObservedPod> last = new ConcurrentHashMap<>();
    private final Map<String, PodName> owners = new ConcurrentHashMap<>();
    /**
     * Containers of which the runtime may tell more, and when to ask. Of those that run, the time of the start was taken by
     * whoever started them, a moment after the runtime did, when a second may have begun between the two; whole seconds are
     * shown, and those of the runtime are what the next daemon will show. Of those that have ended, the end of the log may not
     * have been written yet, and of those that were killed it may not have been noted yet that memory was short.
     */
    private final Map<String, Instant> uncertain = new ConcurrentHashMap<>();

    private final PendingExits exits = new PendingExits();

    /**
     * @param runtime what is looked at
     * @param node name of this node, by which ours are known
     * @param clock of the moments to look again
     */
    public PodObserver(RuntimeService runtime, String node, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.node = Objects.requireNonNull(node, "node");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Everything of ours that the runtime shows for this name now. Blocks for two lists, and for the statuses of what is
     * new in them.
     *
     * @throws CriException the runtime does not answer
     */
    public ObservedPod observe(PodName name) {
        ObservedPod before = last.getOrDefault(name, ObservedPod.none(name));
        Instant asked = clock.instant();
        Optional<ObservedPod> ended = awaitEnd(before, asked);
        if (ended.isPresent()) {
            return ended.get();
        }
        Map<String, String> selector = Labels.ofPod(name, node);
        List<ObservedSandbox> sandboxes = new ArrayList<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(selector))) {
            observe(sandbox, before).ifPresent(sandboxes::add);
        }
        List<ObservedContainer> containers = new ArrayList<>();
        // A container lives in a sandbox and is removed with it: a new pod's first look is one list.
        if (!sandboxes.isEmpty() || !before.isEmpty()) {
            for (Container container : runtime.listContainers(ContainerFilter.labels(selector))) {
                observe(container, before).ifPresent(containers::add);
            }
        }
        if (before.isEmpty() && sandboxes.isEmpty() && containers.isEmpty()) {
            return before; // nothing to remember, and nothing that a list could settle
        }
        ObservedPod now = new ObservedPod(name, sandboxes, containers);
        remember(before, now);
        settle(before, now, asked);
        return now.equals(before) ? before : now;
    }

    /**
     * Takes what a worker knows because it was done: events about it find their pod, and the next look does not ask for it
     * again. An event of its end that came before counts.
     */
    public void known(ObservedPod now) {
        ObservedPod before = last.getOrDefault(now.name(), ObservedPod.none(now.name()));
        for (ObservedContainer container : now.containers()) {
            if (!before.containers().contains(container) && maySayMore(container.state())) {
                uncertain.put(container.id().value(), clock.instant().plus(CERTAINTY));
            }
        }
        remember(before, now);
    }

    /**
     * An event said that the process of a container is gone for good, and the runtime is about to note its end: that end is
     * waited for, which is quicker than to list again and again. Empty when there is nothing to wait for, or it does not
     * come soon; then lists tell.
     */
    private Optional<ObservedPod> awaitEnd(ObservedPod before, Instant asked) {
        for (ObservedContainer container : before.containers()) {
            if (container.live() && exits.takeReleased(container.id().value())) {
                Optional<State> end = end(container.id());
                if (end.isEmpty()) {
                    return Optional.empty();
                }
                ObservedPod now = before.with(container.in(end.get()));
                remember(before, now);
                settle(before, now, asked);
                return Optional.of(now);
            }
        }
        return Optional.empty();
    }

    private Optional<State> end(ContainerId id) {
        try {
            for (int look = 0; look < END_LOOKS; look++) {
                ContainerStatus status = runtime.containerStatus(id);
                if (state(status) instanceof State.Exited exited) {
                    noteDoubt(status, exited);
                    return Optional.of(exited);
                }
                Thread.sleep(END_LOOK_PAUSE);
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
     * When to look again although nobody signals: an event said that something has ended which the last observation
     * shows as live, or the time of a start is not certain.
     */
    public Optional<Instant> lookAgainAt(PodName name) {
        ObservedPod seen = last.get(name);
        if (seen == null) {
            return Optional.empty();
        }
        return Stream.concat(
                        live(seen).map(exits::lookAgainAt).flatMap(Optional::stream),
                        seen.containers().stream()
                                .map(c -> uncertain.get(c.id().value()))
                                .filter(Objects::nonNull))
                .min(Instant::compareTo);
    }

    /** An event says that this container or sandbox has ended; it need not be known. */
    void announceExit(String id) {
        exits.announce(id, clock.instant(), false);
    }

    /** An event says that nothing is left of the process of this container or sandbox; it need not be known. */
    void announceRelease(String id) {
        exits.announce(id, clock.instant(), true);
    }

    /** The pods of which something was there when they were last observed. */
    Set<PodName> known() {
        return Set.copyOf(last.keySet());
    }

    /** How lists showed a pod when it was last observed; zero when there was nothing. */
    long summary(PodName name) {
        ObservedPod seen = last.get(name);
        return seen == null ? 0 : PodFingerprint.of(seen);
    }

    /** Whose this container, sandbox or UID is; empty when it was never observed. */
    Optional<PodName> owner(String id) {
        return Optional.ofNullable(owners.get(id));
    }

    private void remember(ObservedPod before, ObservedPod now) {
        Set<String> gone = ids(before);
        for (String id : ids(now)) {
            gone.remove(id);
            owners.put(id, now.name());
        }
        gone.forEach(owners::remove);
        uncertain.keySet().removeAll(gone);
        if (now.isEmpty()) {
            last.remove(now.name());
        } else if (!now.equals(before)) {
            last.put(now.name(), now);
        }
    }

    /** A list that was asked for after an announcement settles it. */
    private void settle(ObservedPod before, ObservedPod now, Instant asked) {
        Set<String> live = new HashSet<>(live(now).toList());
        Set<String> ids = ids(before);
        ids.addAll(ids(now));
        ids.forEach(id -> exits.listed(id, live.contains(id), asked));
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
                .filter(s -> s.id().equals(listed.id()) && s.ready() == ready)
                .findFirst();
        if (known.isPresent()) {
            // Who made it knows only about when.
            Instant created = Objects.requireNonNullElse(listed.createdAt(), Instant.EPOCH);
            return known.get().createdAt().equals(created) ? known : known.map(sandbox -> sandbox.madeAt(created));
        }
        try {
            return Optional.of(new ObservedSandbox(
                    listed.id(),
                    listed.metadata().uid(),
                    listed.annotations().getOrDefault(Labels.HASH, ""),
                    listed.metadata().attempt(),
                    ready,
                    Objects.requireNonNullElse(listed.createdAt(), Instant.EPOCH),
                    seconds(listed.annotations().get(Labels.GRACE_PERIOD), DEFAULT_GRACE),
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
        boolean certain = uncertain.remove(listed.id().value()) == null;
        Optional<ObservedContainer> known = before.containers().stream()
                .filter(c -> c.id().equals(listed.id()) && PodFingerprint.state(c.state()) == listed.state())
                .findFirst();
        if (known.isPresent() && certain) {
            return known;
        }
        try {
            // The status may already be further than the list; the later one counts.
            Optional<ContainerStatus> status = switch (listed.state()) {
                case CREATED, UNKNOWN -> Optional.empty();
                case RUNNING, EXITED -> Optional.of(runtime.containerStatus(listed.id()));
            };
            Optional<State> told = status.map(PodObserver::state);
            if (told.isPresent() && told.get() instanceof State.Exited exited) {
                noteDoubt(status.get(), exited);
            }
            State otherwise = listed.state() == ContainerState.UNKNOWN ? new State.Unknown() : new State.Created();
            return Optional.of(new ObservedContainer(
                    listed.id(),
                    listed.podSandboxId(),
                    listed.labels().getOrDefault(Labels.POD_UID, ""),
                    listed.metadata().name(),
                    told.orElse(otherwise),
                    status.map(ContainerStatus::imageRef).orElse(listed.imageRef()),
                    Objects.requireNonNullElse(listed.createdAt(), Instant.EPOCH),
                    new ObservedContainer.Restarts(
                            listed.metadata().attempt(),
                            seconds(listed.annotations().get(Labels.BACKOFF), Duration.ZERO),
                            number(listed.annotations().get(Labels.ROUND)))));
        } catch (CriException.NotFound _) {
            return Optional.empty(); // gone since the list was made
        }
    }

    /**
     * When the runtime tells of the end, it may still be writing the end of a log, which stands in for last words; and containerd
     * hears on separate ways that a process was killed, and why.
     */
    private void noteDoubt(ContainerStatus status, State.Exited exited) {
        boolean log = TerminationMessage.Policy.FallbackToLogsOnError.name()
                .equals(status.annotations().get(Labels.TERMINATION_MESSAGE_POLICY));
        boolean killed = exited.exitCode() == KILLED && !exited.reason().equals(OUT_OF_MEMORY);
        if ((log || killed) && maySayMore(exited)) {
            uncertain.put(status.id().value(), clock.instant().plus(CERTAINTY));
        }
    }

    private boolean maySayMore(State state) {
        return switch (state) {
            case State.Running running -> running.startedAt().getNano() < START_UNCERTAINTY_NANOS;
            case State.Exited exited ->
                clock.instant().isBefore(exited.finishedAt().plus(ALL_TOLD));
            case State.Created _, State.Unknown _ -> false;
        };
    }

    /** The state that a status tells, with the last words of a container that has ended; may read its file or log. */
    public static State state(ContainerStatus status) {
        Instant created = Objects.requireNonNullElse(status.createdAt(), Instant.EPOCH);
        return switch (status.state()) {
            case CREATED -> new State.Created();
            case UNKNOWN -> new State.Unknown();
            case RUNNING -> new State.Running(Objects.requireNonNullElse(status.startedAt(), created));
            case EXITED ->
                new State.Exited(
                        status.startedAt(),
                        Objects.requireNonNullElse(status.finishedAt(), created),
                        status.exitCode(),
                        status.reason(),
                        TerminationMessages.of(status));
        };
    }

    private static int number(String text) {
        try {
            return text == null ? 0 : Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException _) {
            return 0; // written by somebody else
        }
    }

    private static Duration seconds(String text, Duration otherwise) {
        try {
            return text == null ? otherwise : Duration.ofSeconds(Math.max(0, Long.parseLong(text)));
        } catch (NumberFormatException _) {
            return otherwise; // written by somebody else; the default is what a pod without the field has
        }
    }
}
