package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * How many containers that have ended are kept on this node, and which of them are too many.
 *
 * <p>Source: the kubelet's container garbage collection and its three flags. Other than there, the newest instance of a
 * container is never collected while its pod is wanted, for it tells how far the pod is; and what goes is planned with the
 * rest of its pod, at once, and not each minute. Safe for use by many threads; the ledger is kept only where there is a limit
 * for the node.
 */
public final class DeadContainers {

    /**
     * The limits.
     *
     * @param minimumAge since it was made, before which an instance stays whatever else is said
     * @param perContainer how many instances are kept of each container beside its newest one; negative for all
     * @param total how many dead instances are kept on the node; negative for no limit
     */
    public record Limits(Duration minimumAge, int perContainer, int total) {

        /** The kubelet's defaults. */
        public static final Limits DEFAULT = new Limits(Duration.ZERO, 1, -1);

        public Limits {
            Objects.requireNonNull(minimumAge, "minimumAge");
        }
    }

    /**
     * What one pod may keep.
     *
     * @param surplus its instances that are too many for the node
     */
    public record Kept(Limits limits, Set<ContainerId> surplus) {

        static final Kept DEFAULT = new Kept(Limits.DEFAULT, Set.of());

        public Kept {
            Objects.requireNonNull(limits, "limits");
            surplus = Set.copyOf(surplus);
        }
    }

    /** A dead instance of the ledger; the newest of its container stays. */
    private record Dead(PodName pod, ContainerId id, Unit unit, Instant createdAt, boolean newest) {}

    /** A container of a version of a pod. */
    private record Unit(String uid, String container) {}

    private final Limits limits;
    private final Consumer<PodName> wake;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as is the next one. */
    private final Map<PodName, List<Dead>> dead = new HashMap<>();

    private Map<PodName, Set<ContainerId>> surplus = Map.of();

    /** @param wake tells a pod's worker that there is news to plan with; called without the lock */
    public DeadContainers(Limits limits, Consumer<PodName> wake) {
        this.limits = Objects.requireNonNull(limits, "limits");
        this.wake = Objects.requireNonNull(wake, "wake");
    }

    /** What a pod may keep; asked in every round of its worker, which so tells what there is of it. */
    public Kept of(PodName name, ObservedPod observed, Instant now) {
        if (limits.total() < 0) {
            return new Kept(limits, Set.of());
        }
        Set<PodName> others = new HashSet<>();
        Kept kept;
        lock.lock();
        try {
            List<Dead> known = dead(name, observed, now);
            if (known.isEmpty()) {
                dead.remove(name);
            } else {
                dead.put(name, known);
            }
            Map<PodName, Set<ContainerId>> before = surplus;
            surplus = surplus().stream()
                    .collect(Collectors.groupingBy(Dead::pod, Collectors.mapping(Dead::id, Collectors.toSet())));
            surplus.forEach((other, ids) -> {
                if (!other.equals(name) && !ids.equals(before.get(other))) {
                    others.add(other);
                }
            });
            kept = new Kept(limits, surplus.getOrDefault(name, Set.of()));
        } finally {
            lock.unlock();
        }
        others.forEach(wake);
        return kept;
    }

    /** Those that are old enough; a pod's containers come with the newest first. */
    private List<Dead> dead(PodName name, ObservedPod observed, Instant now) {
        Set<Unit> seen = new HashSet<>();
        List<Dead> found = new ArrayList<>();
        for (ObservedContainer container : observed.containers()) {
            Unit unit = new Unit(container.uid(), container.name());
            boolean newest = seen.add(unit);
            if (!container.live()
                    && !container.createdAt().plus(limits.minimumAge()).isAfter(now)) {
                found.add(new Dead(name, container.id(), unit, container.createdAt(), newest));
            }
        }
        return found;
    }

    /** First each container gives up what it has more than the others, then the oldest go. */
    private List<Dead> surplus() {
        List<Dead> left = dead.values().stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparing(Dead::createdAt).reversed())
                .collect(Collectors.toCollection(ArrayList::new));
        List<Dead> gone = new ArrayList<>();
        if (left.size() > limits.total()) {
            long units = left.stream().map(Dead::unit).distinct().count();
            long each = Math.max(1, limits.total() / units);
            Map<Unit, Integer> had = new HashMap<>();
            for (Dead one : List.copyOf(left)) {
                if (had.merge(one.unit(), 1, Integer::sum) > each && !one.newest()) {
                    gone.add(one);
                }
            }
            left.removeAll(gone);
        }
        left.reversed().stream()
                .filter(oldest -> !oldest.newest())
                .limit(Math.max(0, left.size() - limits.total()))
                .forEach(gone::add);
        return gone;
    }
}
