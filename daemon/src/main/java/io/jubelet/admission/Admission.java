/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import org.jspecify.annotations.Nullable;

/**
 * Keeps account of what pods reserve on this node, and decides which wanted versions may start.
 *
 * <p>A pod's worker calls {@link #update} before each plan, which notes what the pod reserves and decides whether its wanted
 * version may start. {@link #rejection} returns that decision and changes nothing.
 *
 * <p>Admission keeps these properties. It never rejects a version that is on the runtime already, in whatever order the
 * workers call it after a restart. Of new pods that cannot all run, it admits the first by namespace and name. Two versions
 * of one pod do not conflict with each other. It wakes the worker of a rejected pod whenever anything changes, because a
 * rejection is not final here, unlike with the kubelet.
 *
 * <p>Safe for use by many threads. The only calls under its lock that block read a few small files with the node's
 * resources.
 */
public final class Admission {

    private final NodeAllocatable node;
    private final Supplier<DesiredPods> desired;
    private final Consumer<PodName> wake;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * What each pod reserves. During an update these are two reservations, for the old and the new version. Guarded by the
     * lock, as are the fields below.
     */
    private final Map<PodName, List<NodeReservation>> reserved = new HashMap<>();

    /** The UIDs of versions that have ended for good: they reserve nothing, and are admitted. */
    private final Map<PodName, String> finished = new HashMap<>();

    /** Versions that this node cannot run even without other pods: they keep no other pod from running. */
    private final Map<PodName, Rejected> unfit = new HashMap<>();

    /** Versions that cannot run beside the other pods. */
    private final Map<PodName, Rejected> rejected = new HashMap<>();

    private final ReservationConflicts conflicts;
    /** Pods on the runtime at the start whose workers have not made a plan yet; null before the first list. */
    private @Nullable Set<PodName> unobserved;

    /** A version that must not start. */
    private record Rejected(String uid, AdmissionRejection why) {}

    /** What a pod reserves after an update, and why its wanted version must not start, if so. */
    private record Decision(List<NodeReservation> reservations, Optional<AdmissionRejection> rejection) {}

    /**
     * @param node what pods may take of this node
     * @param desired returns the newest snapshot of what is wanted; must not block
     * @param wake asks a pod's worker for a new plan; called without the lock
     */
    public Admission(NodeAllocatable node, Supplier<DesiredPods> desired, Consumer<PodName> wake) {
        this.node = Objects.requireNonNull(node, "node");
        this.conflicts = new ReservationConflicts(node);
        this.desired = Objects.requireNonNull(desired, "desired");
        this.wake = Objects.requireNonNull(wake, "wake");
    }

    /**
     * Takes note of the pods that a list of the runtime shows. Only the first list counts; until it arrives, Admission does
     * not know what already runs here, and admits no new pod that could conflict with another.
     */
    public void listed(Collection<PodName> present) {
        lock.lock();
        try {
            if (unobserved != null) {
                return;
            }
            unobserved = new HashSet<>(present);
            unobserved.removeAll(reserved.keySet());
        } finally {
            lock.unlock();
        }
        wakeRejected();
    }

    /**
     * Takes note of what a pod reserves, decides whether its wanted version may start, and wakes the workers of other pods
     * whose rejection may change by it. Called by the pod's worker only.
     *
     * @param observed what the runtime shows of the pod
     * @param wanted the version that its manifest asks for; empty if there is none
     * @param running content of a live version that is not the wanted one; empty if there is none or its content is lost
     * @param unsupported why the node cannot run a version even without other pods; not called for a version that is on the
     *     runtime already; may block
     */
    public void update(
            ObservedPod observed,
            Optional<Pod> wanted,
            Optional<Pod> running,
            Function<Pod, Optional<AdmissionRejection>> unsupported) {
        PodName name = observed.name();
        Optional<AdmissionRejection> never =
                wanted.filter(pod -> observed.version(pod.uid()).isEmpty()).flatMap(unsupported);
        boolean changed;
        boolean newlyRejected;
        lock.lock();
        try {
            conflicts.update(desired.get(), reserved);
            Decision decision = decide(observed, never.isPresent() ? Optional.empty() : wanted, wanted, running);
            changed = reserve(name, decision.reservations());
            if (wanted.isEmpty()) {
                finished.remove(name);
            }
            changed |= never.isPresent() ? put(unfit, wanted, never) : unfit.remove(name) != null;
            newlyRejected = decision.rejection().isPresent() && put(rejected, wanted, decision.rejection());
            changed |= decision.rejection().isEmpty() && rejected.remove(name) != null;
        } finally {
            lock.unlock();
        }
        if (changed) {
            wakeRejected();
        } else if (newlyRejected) {
            wakeRejected(name); // other pods may have been promised what this one does not release
        }
    }

    /** Why the wanted version of a pod must not start, according to the pod's last update; empty if it may. */
    public Optional<AdmissionRejection> rejection(PodName name) {
        lock.lock();
        try {
            Rejected last = unfit.containsKey(name) ? unfit.get(name) : rejected.get(name);
            return Optional.ofNullable(last).map(Rejected::why);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes note that a plan was made with the last update, from which on Admission knows what of the pod runs. Called by
     * the pod's worker only.
     *
     * @param over whether the wanted version has ended for good; it reserves nothing from then on
     */
    public void planned(PodName name, Optional<Pod> wanted, boolean over) {
        boolean changed;
        lock.lock();
        try {
            changed = unobserved != null && unobserved.remove(name);
            if (over && wanted.isPresent()) {
                String uid = wanted.get().uid();
                changed |= !uid.equals(finished.put(name, uid)) && reserved.containsKey(name);
                reserve(name, List.of());
            } else {
                changed |= finished.remove(name) != null;
            }
        } finally {
            lock.unlock();
        }
        if (changed) {
            wakeRejected();
        }
    }

    /** @param candidate the wanted version; empty if the node cannot run it even without other pods */
    private Decision decide(
            ObservedPod observed, Optional<Pod> candidate, Optional<Pod> wanted, Optional<Pod> running) {
        List<NodeReservation> reservations = new ArrayList<>(2);
        boolean otherLives = wanted.map(pod -> observed.otherVersions(pod.uid()))
                .orElse(observed)
                .live();
        if (otherLives) {
            reservations.add(running.map(pod -> NodeReservation.of(pod, false)).orElseGet(NodeReservation::unknown));
        }
        if (candidate.isEmpty() || over(candidate.get(), observed)) {
            return new Decision(reservations, Optional.empty());
        }
        Pod pod = candidate.get();
        NodeReservation reservation = conflicts.reservation(pod);
        boolean promised = reserved.getOrDefault(pod.name(), List.of()).contains(reservation);
        boolean present = !observed.version(pod.uid()).isEmpty();
        Optional<AdmissionRejection> rejection =
                present || (promised && otherLives) ? Optional.empty() : check(pod, reservation, promised, otherLives);
        // A pod that was to release something may have been given a manifest that keeps it. Then the promise would only
        // keep other pods from running.
        boolean lapsed = promised
                && rejection.isPresent()
                && check(pod, reservation, false, true).isPresent();
        if (rejection.isEmpty() || (promised && !lapsed)) {
            reservations.add(reservation);
        }
        return new Decision(reservations, rejection);
    }

    /** Returns whether another version was there before, or none. */
    private static boolean put(
            Map<PodName, Rejected> versions, Optional<Pod> version, Optional<AdmissionRejection> why) {
        Pod pod = version.orElseThrow();
        Rejected before = versions.put(pod.name(), new Rejected(pod.uid(), why.orElseThrow()));
        return before == null || !before.uid().equals(pod.uid());
    }

    /** Returns whether the pod reserved something else before. */
    private boolean reserve(PodName name, List<NodeReservation> reservations) {
        List<NodeReservation> before =
                reservations.isEmpty() ? reserved.remove(name) : reserved.put(name, reservations);
        boolean changed = !(before == null ? List.of() : before).equals(reservations);
        if (changed) {
            conflicts.reserved(name, reservations);
        }
        return changed;
    }

    private boolean over(Pod wanted, ObservedPod observed) {
        return wanted.uid().equals(finished.get(wanted.name()))
                && !observed.version(wanted.uid()).live();
    }

    private boolean unfit(Pod wanted) {
        Rejected version = unfit.get(wanted.name());
        return version != null && version.uid().equals(wanted.uid());
    }

    /**
     * @param promised the version may run as soon as those versions have ended that their manifests no longer ask for
     * @param replaces an older version of the pod lives, and is stopped if this one is admitted
     */
    private Optional<AdmissionRejection> check(
            Pod pod, NodeReservation reservation, boolean promised, boolean replaces) {
        PodName name = pod.name();
        boolean complete = unobserved != null && unobserved.isEmpty();
        if (complete && conflicts.none(name, reservation)) {
            return new NodeFit(node, Map.of()).placement(pod);
        }
        Map<PodName, List<NodeReservation>> others = new TreeMap<>(reserved);
        others.remove(name);
        if (replaces) {
            others = new PlannedReleases(node, others, waiting(others), this::unfit, conflicts::reservation)
                    .remaining(name, reservation);
        }
        NodeFit fit = new NodeFit(node, others);
        if (promised) {
            return fit.check(pod, reservation);
        }
        int unseen = unobserved == null ? node.maxPods() : unobserved.size();
        if (!complete && (reservation.limited() || others.size() + unseen + 1 > node.maxPods())) {
            return Optional.of(AdmissionRejection.UNDECIDED);
        }
        Map<PodName, Pod> earlier = new TreeMap<>();
        desired.get().pods().forEach((other, wanted) -> {
            if (other.compareTo(name) < 0
                    && !reserved.containsKey(other)
                    && !wanted.uid().equals(finished.get(other))
                    && !unfit(wanted)) {
                earlier.put(other, wanted);
            }
        });
        // Those pods are new, so they conflict with what this pod reserves, too. A pod that waits for
        // this one cannot also be one that this one waits for.
        Map<PodName, List<NodeReservation>> all = new TreeMap<>(reserved);
        if (!replaces) {
            all.remove(name);
        }
        NodeFit beside = new NodeFit(node, all);
        for (Map.Entry<PodName, Pod> each : earlier.entrySet()) {
            NodeReservation rival = conflicts.reservation(each.getValue());
            if (beside.check(each.getValue(), rival).isEmpty()) {
                all.put(each.getKey(), List.of(rival));
                others.put(each.getKey(), List.of(rival));
            }
        }
        return fit.check(pod, reservation);
    }

    /** Those pods whose every reservation is for a version that is no longer wanted, with the version that is. */
    private Map<PodName, Pod> waiting(Map<PodName, List<NodeReservation>> others) {
        Map<PodName, Pod> waiting = new TreeMap<>();
        others.forEach((other, reservations) -> {
            if (reservations.stream().noneMatch(NodeReservation::wanted)) {
                desired.get().pod(other).ifPresent(wanted -> waiting.put(other, wanted));
            }
        });
        return waiting;
    }

    private void wakeRejected(PodName... except) {
        List<PodName> names;
        lock.lock();
        try {
            names = new ArrayList<>(rejected.keySet());
        } finally {
            lock.unlock();
        }
        names.removeAll(List.of(except));
        names.forEach(wake);
    }
}
