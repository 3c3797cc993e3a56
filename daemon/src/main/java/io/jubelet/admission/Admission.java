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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Keeps account of what pods reserve on this node, and decides which wanted versions may start.
 *
 * <p>A pod's worker calls {@link #update} before each plan, which notes what the pod reserves and decides whether its wanted
 * version may start. {@link #rejection} returns that decision and changes nothing.
 *
 * <p>Admission keeps these properties, in whatever order the workers call it after a restart. It never rejects a version that
 * lives, and a version that an earlier daemon left dead only beside one that lives. Of new pods that cannot all run, it admits the first by namespace and name. Two versions
 * of one pod do not conflict with each other. A rejection is not final here, unlike with the kubelet: Admission wakes the
 * worker of a rejected pod when its answer would be another one.
 *
 * <p>Pods that do not fit cost little: the wanted pods are decided in one pass ({@link StartOrder}), which counts until
 * something happens that it did not foresee, and a change wakes only the workers that it concerns.
 *
 * <p>Safe for use by many threads. Nothing blocks under its lock.
 */
public final class Admission {

    /**
     * How many workers a change wakes at most because only the text of their rejection changed, such as the sum that is used.
     * Where more pods are rejected, the texts of the others follow at the next regular turn of their workers.
     */
    static final int MAX_WOKEN_FOR_TEXT = 10;

    private final NodeAllocatable node;
    private final AllocatableCache allocatable;
    private final Supplier<DesiredPods> desired;
    private final Consumer<PodName> wake;
    private final ReentrantLock lock = new ReentrantLock();

    /**
     * What each pod reserves. During an update these are two reservations, for the old and the new version. Guarded by the
     * lock, as are the fields below.
     */
    private final ReservationLedger reserved = new ReservationLedger();

    /** The UIDs of versions that have ended for good: they reserve nothing, and are admitted. */
    private final Map<PodName, String> finished = new HashMap<>();

    /** Versions that this node cannot run even without other pods: they keep no other pod from running. */
    private final Map<PodName, Unfit> unfit = new HashMap<>();

    /** Versions that cannot run beside the other pods. */
    private final TreeMap<PodName, Rejected> rejected = new TreeMap<>();

    private final ReservationConflicts conflicts = new ReservationConflicts();
    private final StartOrder order = new StartOrder(conflicts::reservation);
    private NodeFit fit;
    private final EarlierPods earlier = new EarlierPods();

    /** Whether a pod requests a resource, which is limited by what is allocatable. */
    private volatile boolean limited;

    /** A version that this node cannot run. */
    private record Unfit(String uid, AdmissionRejection why) {}

    /** A version that must not start, and what its worker asked. */
    private record Rejected(Question question, AdmissionRejection why) {}

    /**
     * What the worker of a pod asks.
     *
     * @param candidate the wanted version; empty if there is none, or the node cannot run it even without other pods
     * @param present whether the wanted version is on the runtime already
     * @param live whether the wanted version is alive there
     * @param old what another version reserves that lives; empty if there is none
     */
    private record Question(Optional<Pod> candidate, boolean present, boolean live, Optional<NodeReservation> old) {}

    /** What a pod reserves after an update, and why its wanted version must not start, if so. */
    private record Decision(List<NodeReservation> reservations, Optional<AdmissionRejection> rejection) {}

    /** What a call changed for the other pods. */
    private enum Change {
        NONE,
        /** What {@link #order} has foreseen: no decision changes by it. */
        FORESEEN,
        OTHER
    }

    /**
     * @param node what pods may take of this node
     * @param desired returns the newest snapshot of what is wanted; must not block
     * @param wake asks a pod's worker for a new plan; called without the lock
     */
    public Admission(NodeAllocatable node, Supplier<DesiredPods> desired, Consumer<PodName> wake) {
        this(node, desired, wake, System::nanoTime);
    }

    /** @param nanoTime a steady clock, as {@link System#nanoTime} */
    Admission(NodeAllocatable node, Supplier<DesiredPods> desired, Consumer<PodName> wake, LongSupplier nanoTime) {
        this.node = Objects.requireNonNull(node, "node");
        this.allocatable = new AllocatableCache(node.allocatable(), nanoTime);
        this.fit = new NodeFit(node, Map.of());
        this.desired = Objects.requireNonNull(desired, "desired");
        this.wake = Objects.requireNonNull(wake, "wake");
    }

    /**
     * Takes note of the pods that a list of the runtime shows. Only the first list counts; until it arrives, Admission does
     * not know what already runs here, and admits no new pod that could conflict with another.
     */
    public void listed(Collection<PodName> present) {
        List<PodName> woken;
        lock.lock();
        try {
            if (!earlier.listed(present, reserved.reservations().keySet())) {
                return;
            }
            woken = changed(Optional.empty(), Change.OTHER);
        } finally {
            lock.unlock();
        }
        woken.forEach(wake);
    }

    /**
     * Takes note of what a pod reserves, decides whether its wanted version may start, and wakes the workers of other pods
     * whose rejection changes by it. Called by the pod's worker only.
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
        Question question = question(observed, never.isPresent() ? Optional.empty() : wanted, wanted, running);
        List<PodName> woken;
        Change change = lockWithNews();
        try {
            if (never.isPresent() ? cannotRun(wanted.orElseThrow(), never.get()) : unfit.remove(name) != null) {
                change = Change.OTHER;
            }
            if (wanted.isEmpty()) {
                finished.remove(name);
            }
            boolean dead =
                    question.present() && !question.live() && question.old().isEmpty();
            if (earlier.looked(name, dead)) {
                change = Change.OTHER;
            }
            updateCandidate(name);
            if (isStale(question, name)) {
                change = reserve(name, List.of(), change);
            }
            Decision decision = decide(question, name);
            if (!isUndecided(decision.rejection()) && earlier.decided(name)) {
                change = Change.OTHER;
                updateCandidate(name);
            }
            change = reserve(name, decision.reservations(), change);
            if (decision.rejection().isPresent()) {
                rejected.put(name, new Rejected(question, decision.rejection().get()));
            } else {
                rejected.remove(name);
            }
            woken = changed(Optional.of(name), change);
        } finally {
            lock.unlock();
        }
        woken.forEach(wake);
    }

    /** Why the wanted version of a pod must not start, according to the pod's last update; empty if it may. */
    public Optional<AdmissionRejection> rejection(PodName name) {
        lock.lock();
        try {
            Unfit never = unfit.get(name);
            if (never != null) {
                return Optional.of(never.why());
            }
            return Optional.ofNullable(rejected.get(name)).map(Rejected::why);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the wanted version of a pod may replace the one that runs, but cannot run before other pods have released what it
     * reserves.
     */
    public boolean waitsForOthers(PodName name) {
        lock.lock();
        try {
            Pod pod = conflicts.pods().get(name);
            if (pod == null || reserved.of(name).size() < 2) {
                return false;
            }
            NodeReservation reservation = conflicts.reservation(pod);
            return reserved.of(name).contains(reservation)
                    && besideReserved(name, others -> fit.check(pod, reservation, others))
                            .isPresent();
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
        List<PodName> woken;
        lock.lock();
        try {
            Change change = Change.NONE;
            if (earlier.planned(name)) {
                change = Change.OTHER;
            }
            if (over && wanted.isPresent()) {
                String uid = wanted.get().uid();
                if (!uid.equals(finished.put(name, uid))) {
                    change = Change.OTHER;
                }
                change = reserve(name, List.of(), change);
            } else if (finished.remove(name) != null) {
                change = Change.OTHER;
            }
            if (change == Change.OTHER) {
                updateCandidate(name);
            }
            woken = changed(Optional.of(name), change);
        } finally {
            lock.unlock();
        }
        woken.forEach(wake);
    }

    // --- news

    /**
     * Takes the lock and the newest snapshot of what is wanted. Reads the resources of the node before, if a pod requests
     * some, because the files might block.
     */
    private Change lockWithNews() {
        while (true) {
            Optional<Map<String, Long>> resources = limited ? Optional.of(allocatable.get()) : Optional.empty();
            lock.lock();
            boolean done = false;
            try {
                Change change = take(desired.get());
                if (resources.isPresent() && !resources.get().equals(fit.resources())) {
                    fit = new NodeFit(node, resources.get());
                    order.reset();
                    change = Change.OTHER;
                }
                limited = conflicts.requests();
                done = !limited || resources.isPresent();
                if (done) {
                    return change;
                }
            } finally {
                if (!done) {
                    lock.unlock();
                }
            }
        }
    }

    private Change take(DesiredPods now) {
        Map<PodName, Pod> before = conflicts.pods();
        if (!conflicts.update(now, reserved)) {
            return Change.NONE;
        }
        now.pods().keySet().forEach(this::updateCandidate);
        for (PodName name : before.keySet()) {
            if (!now.pods().containsKey(name)) {
                order.remove(name);
            }
        }
        return Change.OTHER;
    }

    /** A wanted pod is to be decided in its order unless it reserves something, has ended, or cannot run here. */
    private void updateCandidate(PodName name) {
        Pod pod = conflicts.pods().get(name);
        if (pod != null
                && reserved.of(name).isEmpty()
                && !earlier.isReturning(name)
                && !pod.uid().equals(finished.get(name))
                && !isUnfit(pod)) {
            order.add(name, pod);
        } else {
            order.remove(name);
        }
    }

    private boolean cannotRun(Pod pod, AdmissionRejection why) {
        Unfit before = unfit.put(pod.name(), new Unfit(pod.uid(), why));
        return before == null || !before.uid().equals(pod.uid());
    }

    private boolean isUnfit(Pod wanted) {
        Unfit version = unfit.get(wanted.name());
        return version != null && version.uid().equals(wanted.uid());
    }

    /** @return the greater one of {@code change} and the change that this makes */
    private Change reserve(PodName name, List<NodeReservation> reservations, Change change) {
        if (reserved.of(name).equals(reservations)) {
            return change;
        }
        reserved.put(name, reservations);
        conflicts.reserved(name, reservations);
        boolean foreseen = order.reserved(name, reservations);
        updateCandidate(name);
        return foreseen && change == Change.NONE ? Change.FORESEEN : Change.OTHER;
    }

    /**
     * Asks for the rejected pods again what their workers asked.
     *
     * @param except the pod whose worker makes this call
     * @return the pods whose workers must be woken
     */
    private List<PodName> changed(Optional<PodName> except, Change change) {
        if (change == Change.NONE || rejected.isEmpty()) {
            return List.of();
        }
        List<PodName> woken = new ArrayList<>();
        int asked = 0;
        int texts = 0;
        for (Map.Entry<PodName, Rejected> each : rejected.entrySet()) {
            if (change == Change.FORESEEN && ++asked > MAX_WOKEN_FOR_TEXT) {
                break;
            }
            PodName name = each.getKey();
            Question question = each.getValue().question();
            // A worker whose manifest changed was woken for that.
            if (except.equals(Optional.of(name))
                    || !conflicts.wants(question.candidate().orElseThrow())) {
                continue;
            }
            AdmissionRejection before = each.getValue().why();
            Decision now = decide(question, name);
            boolean sameReason = now.rejection().isPresent()
                    && now.rejection().get().reason().equals(before.reason())
                    && now.reservations().equals(reserved.of(name));
            if (!sameReason || (!now.rejection().get().equals(before) && ++texts <= MAX_WOKEN_FOR_TEXT)) {
                woken.add(name);
            }
        }
        return woken;
    }

    // --- decisions

    private static Question question(
            ObservedPod observed, Optional<Pod> candidate, Optional<Pod> wanted, Optional<Pod> running) {
        boolean otherLives = observed.earlier(wanted.map(Pod::uid).orElse("")).isPresent();
        Optional<NodeReservation> old = otherLives
                ? Optional.of(running.map(pod -> NodeReservation.of(pod, false)).orElseGet(NodeReservation::unknown))
                : Optional.empty();
        if (candidate.isEmpty()) {
            return new Question(candidate, false, false, old);
        }
        ObservedPod version = observed.version(candidate.get().uid());
        return new Question(candidate, !version.isEmpty(), version.live(), old);
    }

    /** Whether a pod reserves something only for a version that has gone, and has to wait its turn for another one. */
    private boolean isStale(Question question, PodName name) {
        List<NodeReservation> reservations = reserved.of(name);
        return question.candidate().isPresent()
                && !keepsPlace(question, name)
                && question.old().isEmpty()
                && !reservations.isEmpty()
                && !reservations.contains(
                        conflicts.reservation(question.candidate().get()));
    }

    private static boolean isUndecided(Optional<AdmissionRejection> rejection) {
        return rejection.isPresent() && !rejection.get().decided();
    }

    /**
     * Whether the wanted version has its place on the node because it is on the runtime. One that is dead there has lost its
     * place if it was not wanted for a while since this daemon saw it, because another pod may have taken it.
     */
    private boolean keepsPlace(Question question, PodName name) {
        return question.live()
                || (question.present()
                        && reserved.of(name)
                                .contains(conflicts.reservation(
                                        question.candidate().orElseThrow())));
    }

    /** Changes nothing. */
    private Decision decide(Question question, PodName name) {
        List<NodeReservation> reservations = new ArrayList<>(2);
        question.old().ifPresent(reservations::add);
        if (question.candidate().isEmpty() || isOver(question.candidate().get(), question.live())) {
            return new Decision(reservations, Optional.empty());
        }
        Pod pod = question.candidate().get();
        boolean otherLives = question.old().isPresent();
        NodeReservation reservation = conflicts.reservation(pod);
        boolean promised = reserved.of(name).contains(reservation);
        Optional<AdmissionRejection> rejection = keepsPlace(question, name) || (promised && otherLives)
                ? Optional.empty()
                : check(pod, reservation, promised, otherLives);
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

    private boolean isOver(Pod wanted, boolean live) {
        return wanted.uid().equals(finished.get(wanted.name())) && !live;
    }

    /**
     * @param promised the version may run as soon as those versions have ended that their manifests no longer ask for
     * @param replaces an older version of the pod lives, and is stopped if this one is admitted
     */
    private Optional<AdmissionRejection> check(
            Pod pod, NodeReservation reservation, boolean promised, boolean replaces) {
        PodName name = pod.name();
        if (earlier.isReturning(name)) {
            return checkReturning(name, reservation);
        }
        boolean complete = earlier.allAreDecided();
        if (complete && conflicts.none(name, reservation, fit)) {
            return fit.placement(pod);
        }
        if (promised) {
            return besideReserved(name, others -> fit.check(pod, reservation, others));
        }
        boolean inOrder = !replaces && order.contains(pod);
        ReservationLedger others = inOrder ? reserved : others(name, reservation, replaces);
        int unseen = earlier.undecided(node.maxPods());
        if (!complete && (reservation.limited() || others.pods() + unseen + 1 > node.maxPods())) {
            return Optional.of(AdmissionRejection.UNDECIDED);
        }
        if (inOrder) {
            return order.rejection(pod, fit);
        }
        // The new pods before this one conflict with what it reserves, too. A pod that waits for
        // this one cannot also be one that this one waits for.
        order.admittedBefore(name, fit).forEach((other, before) -> others.put(other, List.of(before)));
        return fit.check(pod, reservation, others);
    }

    private Optional<AdmissionRejection> checkReturning(PodName name, NodeReservation reservation) {
        if (!reservation.limited()) {
            return Optional.empty();
        }
        if (!earlier.allLiveAreSeen()) {
            return Optional.of(AdmissionRejection.UNDECIDED);
        }
        return besideReserved(name, others -> fit.checkPlace(reservation, others));
    }

    private Optional<AdmissionRejection> besideReserved(
            PodName name, Function<ReservationLedger, Optional<AdmissionRejection>> check) {
        List<NodeReservation> own = reserved.of(name);
        reserved.put(name, List.of());
        try {
            return check.apply(reserved);
        } finally {
            reserved.put(name, own);
        }
    }

    /** A copy of what the other pods reserve, without what they release for an update of this one. */
    private ReservationLedger others(PodName name, NodeReservation reservation, boolean replaces) {
        if (replaces) {
            return new PlannedReleases(fit, reserved, waiting(name), this::isUnfit, conflicts::reservation)
                    .remaining(name, reservation);
        }
        ReservationLedger others = new ReservationLedger();
        reserved.reservations().forEach(others::put);
        others.put(name, List.of());
        return others;
    }

    /** Those other pods whose every reservation is for a version that is no longer wanted, with the version that is. */
    private TreeMap<PodName, Pod> waiting(PodName name) {
        TreeMap<PodName, Pod> waiting = new TreeMap<>();
        reserved.reservations().forEach((other, reservations) -> {
            Pod wanted = conflicts.pods().get(other);
            if (wanted != null && !other.equals(name) && reservations.stream().noneMatch(NodeReservation::wanted)) {
                waiting.put(other, wanted);
            }
        });
        return waiting;
    }
}
