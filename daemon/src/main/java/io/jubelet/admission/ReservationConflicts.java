package io.jubelet.admission;

import io.jubelet.desired.DesiredPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether any two of the pods that are wanted, or still hold something, can be in each other's way. Mostly none can, and a
 * pod is admitted without a look at every other one.
 *
 * <p>Not safe for use by many threads: guarded by the lock of {@link Admission}.
 */
final class ReservationConflicts {

    private final NodeAllocatable node;

    private DesiredPods snapshot = DesiredPods.NONE;
    private Map<PodName, NodeReservation> wanted = Map.of();
    private boolean allFit = true;

    /** Names that hold something else than what is wanted in the snapshot. */
    private final Set<PodName> strangers = new HashSet<>();

    ReservationConflicts(NodeAllocatable node) {
        this.node = node;
    }

    /** Takes the newest snapshot of what is wanted. */
    void take(DesiredPods now, Map<PodName, List<NodeReservation>> held) {
        if (now == snapshot) {
            return;
        }
        Map<PodName, NodeReservation> claims = HashMap.newHashMap(now.pods().size());
        now.pods().forEach((name, pod) -> {
            NodeReservation before = wanted.get(name);
            claims.put(name, before != null && before.uid().equals(pod.uid()) ? before : NodeReservation.of(pod, true));
        });
        snapshot = now;
        wanted = claims;
        allFit = claims.size() <= node.maxPods() && requestsFit() && noPortsMeet();
        strangers.clear();
        held.forEach(this::holds);
    }

    /** What a name holds from now on; an empty list for nothing. */
    void holds(PodName name, List<NodeReservation> claims) {
        NodeReservation claim = wanted.get(name);
        if (claims.stream().allMatch(held -> held.equals(claim))) {
            strangers.remove(name);
        } else {
            strangers.add(name);
        }
    }

    /** What a wanted pod takes of the node. */
    NodeReservation claim(Pod pod) {
        NodeReservation known = wanted.get(pod.name());
        return known != null && known.uid().equals(pod.uid()) ? known : NodeReservation.of(pod, true);
    }

    /** Whether a claim is among those that all fit side by side, and nobody holds anything else. */
    boolean none(PodName name, NodeReservation claim) {
        boolean alone = strangers.isEmpty() || strangers.equals(Set.of(name));
        return allFit && alone && claim.equals(wanted.get(name));
    }

    private boolean requestsFit() {
        Map<String, Long> sums = new HashMap<>();
        for (NodeReservation claim : wanted.values()) {
            claim.requests().forEach((resource, amount) -> sums.merge(resource, amount, Long::sum));
        }
        if (sums.isEmpty()) {
            return true;
        }
        Map<String, Long> allocatable = node.allocatable().get();
        return sums.entrySet().stream()
                .allMatch(sum -> sum.getValue() <= allocatable.getOrDefault(sum.getKey(), Long.MAX_VALUE));
    }

    private boolean noPortsMeet() {
        Map<Integer, List<NodeReservation.HostPort>> taken = new HashMap<>();
        for (NodeReservation claim : wanted.values()) {
            for (NodeReservation.HostPort port : claim.ports()) {
                if (taken.getOrDefault(port.port(), List.of()).stream().anyMatch(port::meets)) {
                    return false;
                }
            }
            for (NodeReservation.HostPort port : claim.ports()) {
                taken.computeIfAbsent(port.port(), _ -> new ArrayList<>(1)).add(port);
            }
        }
        return true;
    }
}
