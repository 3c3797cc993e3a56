package io.jubelet.status;

import io.jubelet.plan.PodLifecycle;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodView;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The latest view of a pod, with the two moments that no single view can tell.
 *
 * @param view as published last
 * @param since when the first view of this version was published; later than the facts of the runtime after a restart of
 *     the daemon
 * @param endingSince when this version was first seen ending
 * @param transitions when its conditions changed, where the facts of the runtime may not be enough to tell
 */
public record PodReport(
        PodView view, Instant since, Optional<Instant> endingSince, Optional<ConditionTimes> transitions) {

    public PodReport {
        Objects.requireNonNull(view, "view");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(endingSince, "endingSince");
        Objects.requireNonNull(transitions, "transitions");
    }

    /** The first report of a pod. */
    public static PodReport first(PodView view) {
        return new PodReport(
                view, view.at(), ending(view) ? Optional.of(view.at()) : Optional.empty(), Optional.empty());
    }

    /** The report after one more view of the same pod. */
    public PodReport next(PodView next) {
        if (!uid(view).equals(uid(next))) {
            return first(next);
        }
        Optional<Instant> ends = ending(next) ? Optional.of(endingSince.orElse(next.at())) : Optional.empty();
        return new PodReport(next, since, ends, transitions);
    }

    PodReport with(ConditionTimes now) {
        return new PodReport(view, since, endingSince, Optional.of(now));
    }

    /** The pod reported on. */
    public PodName name() {
        return view.name();
    }

    /** UID of the version that is shown; empty when nothing of it is known any more. */
    public String uid() {
        return uid(view);
    }

    static String uid(PodView view) {
        Optional<Pod> shown = view.shown();
        if (shown.isPresent()) {
            return shown.get().uid();
        }
        if (view.lifecycle() instanceof PodLifecycle.Terminating ending) {
            return ending.uid();
        }
        return view.observed().sandboxes().isEmpty()
                ? ""
                : view.observed().sandboxes().getFirst().uid();
    }

    private static boolean ending(PodView view) {
        return !(view.lifecycle() instanceof PodLifecycle.Syncing);
    }
}
