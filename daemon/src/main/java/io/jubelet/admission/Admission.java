package io.jubelet.admission;

import io.jubelet.desired.DesiredPods;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The ledger of what pods take of this node: each worker asks it before it starts a version, and is told yes or why not.
 *
 * <p>Properties: what is on the runtime already is never refused, in whatever order workers ask after a restart; of
 * those that are new and cannot all run, the first by namespace and name may; two versions of one pod are not in each
 * other's way; whoever was refused is woken when anything changes. Other than with the kubelet, a refusal is not for good.
 *
 * <p>Safe for use by many threads. Nothing blocks under its lock, but for some small files that tell what the node has.
 */
public final class Admission {

    private final NodeAllocatable node;
    private final Supplier<DesiredPods> desired;
    private final Consumer<PodName> wake;
    private final ReentrantLock lock = new ReentrantLock();

    /** What is held, by pod; an update has two claims, the old version and the new one. Guarded, as are the others. */
    private final Map<PodName, List<NodeReservation>> held = new HashMap<>();

    /** Versions that have ended for good, by pod: they hold nothing, and do not ask again. */
    private final Map<PodName, String> ended = new HashMap<>();

    /** Versions that this node cannot run, by pod: they are in nobody's way. */
    private final Map<PodName, String> unable = new HashMap<>();

    /** Versions that were refused, by pod. */
    private final Map<PodName, String> refused = new HashMap<>();

    private final ReservationConflicts rivalry;
    /** Pods on the runtime at the start whose workers have not looked yet; null before there is a list. */
    private Set<PodName> unknown;

    /**
     * @param node what there is to share
     * @param desired the newest snapshot of what is wanted
     * @param wake tells a pod's worker that there is news to plan with; called without the lock
     */
    public Admission(NodeAllocatable node, Supplier<DesiredPods> desired, Consumer<PodName> wake) {
        this.node = Objects.requireNonNull(node, "node");
        this.rivalry = new ReservationConflicts(node);
        this.desired = Objects.requireNonNull(desired, "desired");
        this.wake = Objects.requireNonNull(wake, "wake");
    }

    /** Tells of a list of the runtime. The first counts: before it nobody knows what runs here. */
    public void listed(Collection<PodName> present) {
        lock.lock();
        try {
            if (unknown != null) {
                return;
            }
            unknown = new HashSet<>(present);
            unknown.removeAll(held.keySet());
        } finally {
            lock.unlock();
        }
        wakeRefused();
    }

    /**
     * Whether a version may be started; asked in every round of a worker, which so tells what it holds.
     *
     * @param running content of a version other than the wanted one that lives, if it is known
     * @param alone why the node cannot run a pod whoever else is there; may block, and is not asked for what runs already
     */
    public Optional<AdmissionRejection> ask(
            PodName name,
            Optional<Pod> wanted,
            Optional<Pod> running,
            ObservedPod observed,
            Function<Pod, Optional<AdmissionRejection>> alone) {
        Optional<AdmissionRejection> never =
                wanted.filter(pod -> observed.version(pod.uid()).isEmpty()).flatMap(alone);
        Optional<AdmissionRejection> beside = ask(name, wanted, running, observed, never.isPresent());
        return never.or(() -> beside);
    }

    private Optional<AdmissionRejection> ask(
            PodName name, Optional<Pod> wanted, Optional<Pod> running, ObservedPod observed, boolean cannot) {
        boolean changed;
        boolean newlyRefused = false;
        Optional<AdmissionRejection> answer = Optional.empty();
        lock.lock();
        try {
            rivalry.take(desired.get(), held);
            List<NodeReservation> before = held.getOrDefault(name, List.of());
            List<NodeReservation> now = new ArrayList<>(2);
            boolean otherLives = wanted.map(pod -> observed.otherVersions(pod.uid()))
                    .orElse(observed)
                    .live();
            if (otherLives) {
                now.add(running.map(pod -> NodeReservation.of(pod, false)).orElseGet(NodeReservation::unknown));
            }
            if (wanted.isPresent() && !cannot && !over(name, wanted.get(), observed)) {
                NodeReservation claim = rivalry.claim(wanted.get());
                boolean promised = before.contains(claim);
                boolean present = !observed.version(claim.uid()).isEmpty();
                if (!present) {
                    answer = promised && otherLives
                            ? Optional.empty()
                            : judge(name, wanted.get(), claim, promised, otherLives);
                }
                // Who was to give way may want to stay by now; then the promise keeps others off for nothing.
                boolean lapsed = promised
                        && answer.isPresent()
                        && judge(name, wanted.get(), claim, false, true).isPresent();
                if (present || (promised && !lapsed) || answer.isEmpty()) {
                    now.add(claim);
                }
            }
            changed = !before.equals(now);
            if (changed) {
                hold(name, now);
            }
            if (wanted.isEmpty()) {
                ended.remove(name);
            }
            changed |= cannot
                    ? !wanted.get().uid().equals(unable.put(name, wanted.get().uid()))
                    : unable.remove(name) != null;
            if (answer.isPresent()) {
                String uid = wanted.get().uid();
                newlyRefused = !uid.equals(refused.put(name, uid));
            } else {
                changed |= refused.remove(name) != null;
            }
        } finally {
            lock.unlock();
        }
        if (changed) {
            wakeRefused();
        } else if (newlyRefused) {
            wakeRefused(name); // others may have been promised what it does not give up
        }
        return answer;
    }

    /**
     * A plan was made of what {@link #ask} was told: now it is known what of the pod runs.
     *
     * @param over whether the wanted version has ended for good; then it holds nothing any more
     */
    public void planned(PodName name, Optional<Pod> wanted, boolean over) {
        boolean changed;
        lock.lock();
        try {
            changed = unknown != null && unknown.remove(name);
            if (over && wanted.isPresent()) {
                String uid = wanted.get().uid();
                changed |= !uid.equals(ended.put(name, uid)) && held.containsKey(name);
                hold(name, List.of());
            } else {
                changed |= ended.remove(name) != null;
            }
        } finally {
            lock.unlock();
        }
        if (changed) {
            wakeRefused();
        }
    }

    private void hold(PodName name, List<NodeReservation> claims) {
        if (claims.isEmpty()) {
            held.remove(name);
        } else {
            held.put(name, claims);
        }
        rivalry.holds(name, claims);
    }

    private boolean over(PodName name, Pod wanted, ObservedPod observed) {
        return wanted.uid().equals(ended.get(name))
                && !observed.version(wanted.uid()).live();
    }

    /**
     * @param promised it may run as soon as versions have ended whose manifests do not want them any more
     * @param replaces an older version of the pod lives, and is stopped if the answer is yes
     */
    private Optional<AdmissionRejection> judge(
            PodName name, Pod pod, NodeReservation claim, boolean promised, boolean replaces) {
        boolean mayMeet = unknown == null || !unknown.isEmpty();
        if (!mayMeet && rivalry.none(name, claim)) {
            return new NodeFit(node, Map.of()).place(pod);
        }
        Map<PodName, List<NodeReservation>> others = new TreeMap<>(held);
        others.remove(name);
        if (replaces) {
            others = new PlannedReleases(node, others, waiting(others), unable, rivalry::claim).left(name, claim);
        }
        NodeFit fit = new NodeFit(node, others);
        if (promised) {
            return fit.check(pod, claim);
        }
        int unseen = unknown == null ? node.maxPods() : unknown.size();
        if (mayMeet && (claim.scarce() || others.size() + unseen + 1 > node.maxPods())) {
            return Optional.of(AdmissionRejection.UNDECIDED);
        }
        Map<PodName, Pod> earlier = new TreeMap<>();
        desired.get().pods().forEach((other, wanted) -> {
            if (other.compareTo(name) < 0
                    && !held.containsKey(other)
                    && !wanted.uid().equals(ended.get(other))
                    && !wanted.uid().equals(unable.get(other))) {
                earlier.put(other, wanted);
            }
        });
        // They are new, so what this pod holds is in their way, too: who waits for it must not be waited for.
        Map<PodName, List<NodeReservation>> all = new TreeMap<>(held);
        if (!replaces) {
            all.remove(name);
        }
        NodeFit beside = new NodeFit(node, all);
        for (Map.Entry<PodName, Pod> each : earlier.entrySet()) {
            NodeReservation rival = rivalry.claim(each.getValue());
            if (beside.check(each.getValue(), rival).isEmpty()) {
                all.put(each.getKey(), List.of(rival));
                others.put(each.getKey(), List.of(rival));
            }
        }
        return fit.check(pod, claim);
    }

    /** Of these, those that hold only what their manifest does not want any more, and the version that it wants instead. */
    private Map<PodName, Pod> waiting(Map<PodName, List<NodeReservation>> others) {
        Map<PodName, Pod> waiting = new TreeMap<>();
        others.forEach((other, claims) -> {
            if (claims.stream().noneMatch(NodeReservation::wanted)) {
                desired.get().pod(other).ifPresent(wanted -> waiting.put(other, wanted));
            }
        });
        return waiting;
    }

    private void wakeRefused(PodName... not) {
        List<PodName> names;
        lock.lock();
        try {
            names = new ArrayList<>(refused.keySet());
        } finally {
            lock.unlock();
        }
        names.removeAll(List.of(not));
        names.forEach(wake);
    }
}
