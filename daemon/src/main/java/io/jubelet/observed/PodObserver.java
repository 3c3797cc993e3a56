package io.jubelet.observed;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at one pod: two lists, and a status for each thing whose state is new.
 *
 * <p>Any number of threads may observe different pods at once; one pod is observed by one thread at a time, its worker's.
 */
public final class PodObserver {

    /** After an announced exit the runtime's lists catch up within milliseconds; later they are believed. */
    private static final Duration BELIEVE_EXIT_FOR = Duration.ofSeconds(2);

    private static final Duration FIRST_LOOK = Duration.ofMillis(2);
    private static final Duration MAX_LOOK = Duration.ofMillis(64);
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    private final RuntimeService runtime;
    private final String node;
    private final InstantSource clock;
    private final Map<PodName, ObservedPod> last = new ConcurrentHashMap<>();
    private final Map<String, PodName> owners = new ConcurrentHashMap<>();
    private final Map<String, Instant> announcedExits = new ConcurrentHashMap<>();

    /** @param node the node's name: what does not bear it as its owner is not seen */
    public PodObserver(RuntimeService runtime, String node, InstantSource clock) {
        this.runtime = runtime;
        this.node = node;
        this.clock = clock;
    }

    /**
     * What the runtime shows of a pod now.
     *
     * @throws CriException when it cannot be asked
     */
    public ObservedPod observe(PodName name) {
        Map<String, String> labels =
                Map.of(Labels.OWNER, node, Labels.POD_NAMESPACE, name.namespace(), Labels.POD_NAME, name.onNode(node));
        ObservedPod before = last.getOrDefault(name, ObservedPod.none(name));
        List<ObservedSandbox> sandboxes = new ArrayList<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(PodSandboxFilter.labels(labels))) {
            sandbox(sandbox, before).ifPresent(sandboxes::add);
        }
        List<ObservedContainer> containers = new ArrayList<>();
        if (!sandboxes.isEmpty() || !before.isEmpty()) {
            for (Container container : runtime.listContainers(ContainerFilter.labels(labels))) {
                container(container, before).ifPresent(containers::add);
            }
        }
        ObservedPod now = new ObservedPod(name, sandboxes, containers);
        remember(before, now);
        return now;
    }

    private void remember(ObservedPod before, ObservedPod now) {
        ids(before).forEach(owners::remove);
        ids(now).forEach(id -> owners.put(id, now.name()));
        before.containers().forEach(c -> {
            boolean running =
                    now.containers().stream().anyMatch(other -> other.id().equals(c.id()) && other.live());
            if (!running) {
                announcedExits.remove(c.id().value());
            }
        });
        if (now.isEmpty()) {
            last.remove(now.name());
        } else {
            last.put(now.name(), now);
        }
    }

    private static List<String> ids(ObservedPod pod) {
        List<String> ids = new ArrayList<>();
        pod.sandboxes().forEach(s -> ids.add(s.id().value()));
        pod.containers().forEach(c -> ids.add(c.id().value()));
        return ids;
    }

    private Optional<ObservedSandbox> sandbox(PodSandbox sandbox, ObservedPod before) {
        boolean ready = sandbox.state() == PodSandboxState.READY;
        for (ObservedSandbox known : before.sandboxes()) {
            if (known.id().equals(sandbox.id()) && known.ready() == ready) {
                return Optional.of(known);
            }
        }
        try {
            List<String> ips = ready ? ips(runtime.podSandboxStatus(sandbox.id())) : List.of();
            return Optional.of(new ObservedSandbox(
                    sandbox.id(),
                    sandbox.metadata().uid(),
                    sandbox.annotations().getOrDefault(Labels.HASH, ""),
                    sandbox.metadata().attempt(),
                    ready,
                    known(sandbox.createdAt()),
                    seconds(sandbox.annotations().get(Labels.GRACE_PERIOD), DEFAULT_GRACE),
                    ips));
        } catch (CriException.NotFound e) {
            return Optional.empty();
        }
    }

    private static List<String> ips(PodSandboxStatus status) {
        if (status.network() == null || status.network().ip().isEmpty()) {
            return List.of();
        }
        List<String> ips = new ArrayList<>();
        ips.add(status.network().ip());
        status.network().additionalIps().forEach(ip -> ips.add(ip.ip()));
        return ips;
    }

    private Optional<ObservedContainer> container(Container container, ObservedPod before) {
        for (ObservedContainer known : before.containers()) {
            if (known.id().equals(container.id()) && same(known.state(), container)) {
                return Optional.of(known);
            }
        }
        try {
            return Optional.of(new ObservedContainer(
                    container.id(),
                    container.podSandboxId(),
                    container.labels().getOrDefault(Labels.POD_UID, ""),
                    container.metadata().name(),
                    container.metadata().attempt(),
                    state(container),
                    container.imageRef(),
                    known(container.createdAt()),
                    seconds(container.annotations().get(Labels.BACKOFF), Duration.ZERO)));
        } catch (CriException.NotFound e) {
            return Optional.empty();
        }
    }

    private static boolean same(State known, Container container) {
        return switch (container.state()) {
            case CREATED -> known instanceof State.Created;
            case RUNNING -> known instanceof State.Running;
            case EXITED -> known instanceof State.Exited;
            case UNKNOWN -> known instanceof State.Unknown;
        };
    }

    private State state(Container container) {
        return switch (container.state()) {
            case CREATED -> new State.Created();
            case UNKNOWN -> new State.Unknown();
            case RUNNING, EXITED -> state(runtime.containerStatus(container.id()));
        };
    }

    /** The status may be newer than the list; it is the one to believe. */
    private static State state(ContainerStatus status) {
        return switch (status.state()) {
            case CREATED -> new State.Created();
            case UNKNOWN -> new State.Unknown();
            case RUNNING -> new State.Running(known(status.startedAt()));
            case EXITED ->
                new State.Exited(
                        status.startedAt(),
                        status.finishedAt() != null ? status.finishedAt() : known(status.createdAt()),
                        status.exitCode(),
                        status.reason(),
                        status.message());
        };
    }

    private static Instant known(Instant moment) {
        return moment != null ? moment : Instant.EPOCH;
    }

    private static Duration seconds(String text, Duration otherwise) {
        try {
            return text == null ? otherwise : Duration.ofSeconds(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    // --- hints

    /** The pod that a sandbox or container of ours belongs to, as far as it was observed. */
    Optional<PodName> owner(String id) {
        return Optional.ofNullable(owners.get(id));
    }

    /** An event told that a container or sandbox has ended; the lists may not show it yet. */
    void announceExit(String id) {
        announcedExits.putIfAbsent(id, clock.instant());
    }

    /**
     * When to look at a pod again because an end was announced that the last observation does not show: after 2 ms, and
     * then in steps that grow with the time that has passed. Empty when the observation can be believed.
     */
    public Optional<Instant> lookAgainAt(PodName name) {
        if (announcedExits.isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        ObservedPod observed = last.getOrDefault(name, ObservedPod.none(name));
        Optional<Instant> soonest = Optional.empty();
        for (ObservedContainer container : observed.containers()) {
            Instant announced = announcedExits.get(container.id().value());
            if (announced == null || !container.live()) {
                continue;
            }
            Duration waited = Duration.between(announced, now);
            if (waited.compareTo(BELIEVE_EXIT_FOR) > 0) {
                announcedExits.remove(container.id().value());
                continue;
            }
            Instant next = now.plus(step(waited));
            soonest = soonest.filter(next::isAfter).or(() -> Optional.of(next));
        }
        return soonest;
    }

    private static Duration step(Duration waited) {
        Duration half = waited.dividedBy(2);
        if (half.compareTo(FIRST_LOOK) < 0) {
            return FIRST_LOOK;
        }
        return half.compareTo(MAX_LOOK) < 0 ? half : MAX_LOOK;
    }
}
