package io.jubelet.admission;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Who stops what it runs, and so makes room for an update of another pod. Pure.
 *
 * <p>A version whose manifest went away goes, and so does one whose successor was admitted. One whose successor waits goes if
 * that could be admitted beside the update, which it may be waiting for itself: so two pods can change ports. If it could
 * not, the old version stays, and an update must not be begun that would have to wait for it: its pod would be down for as
 * long as that takes.
 *
 * @param held what each other pod holds
 * @param waiting of those that run a version which their manifest does not want, the one that it wants and that was not
 *     admitted
 * @param unable versions that this node cannot run at all
 */
record PlannedReleases(
        NodeAllocatable node,
        Map<PodName, List<NodeReservation>> held,
        Map<PodName, Pod> waiting,
        Map<PodName, String> unable,
        Function<Pod, NodeReservation> claims) {

    /** What will still be held of the node when all who can have given way to this claim. */
    Map<PodName, List<NodeReservation>> left(PodName name, NodeReservation claim) {
        Set<PodName> staying = new TreeSet<>();
        waiting.forEach((other, wanted) -> {
            if (wanted.uid().equals(unable.get(other))) {
                staying.add(other);
            }
        });
        boolean more = true;
        while (more) {
            more = false;
            for (Map.Entry<PodName, Pod> each : waiting.entrySet()) {
                PodName other = each.getKey();
                if (!staying.contains(other)) {
                    Map<PodName, List<NodeReservation>> beside = left(other, staying);
                    beside.put(name, List.of(claim));
                    if (new NodeFit(node, beside)
                            .check(each.getValue(), claims.apply(each.getValue()))
                            .isPresent()) {
                        staying.add(other);
                        more = true;
                    }
                }
            }
        }
        return left(name, staying);
    }

    /** What others than {@code name} hold then; of two who wait for the same, the first by name gets it. */
    private Map<PodName, List<NodeReservation>> left(PodName name, Set<PodName> staying) {
        Map<PodName, List<NodeReservation>> left = new TreeMap<>();
        held.forEach((other, all) -> {
            List<NodeReservation> then;
            if (staying.contains(other)) {
                then = all;
            } else if (waiting.containsKey(other)) {
                then = other.compareTo(name) < 0 ? List.of(claims.apply(waiting.get(other))) : List.of();
            } else {
                then = all.stream().filter(NodeReservation::wanted).toList();
            }
            if (!other.equals(name) && !then.isEmpty()) {
                left.put(other, then);
            }
        });
        return left;
    }
}
