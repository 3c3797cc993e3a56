/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.plan.PodLifecycle;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodView;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The latest view of a pod, with the times that a single view does not have.
 *
 * @param view the view that was published last
 * @param since when the first view of this version was published; after a restart of the daemon,
 *     later than the facts of the runtime
 * @param endingSince when this version was first seen terminating
 * @param conditionTimes when its conditions changed, where the facts of the runtime might not tell
 */
public record PodReport(
        PodView view, Instant since, Optional<Instant> endingSince, Optional<ConditionTimes> conditionTimes) {

    public PodReport {
        Objects.requireNonNull(view, "view");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(endingSince, "endingSince");
        Objects.requireNonNull(conditionTimes, "transitions");
    }

    /** Creates the first report of a pod. */
    public static PodReport first(PodView view) {
        return new PodReport(
                view, view.at(), ending(view) ? Optional.of(view.at()) : Optional.empty(), Optional.empty());
    }

    /** Returns the report after another view of the same pod. */
    public PodReport next(PodView next) {
        if (!uid(view).equals(uid(next))) {
            return first(next);
        }
        Optional<Instant> ends = ending(next) ? Optional.of(endingSince.orElse(next.at())) : Optional.empty();
        return new PodReport(next, since, ends, conditionTimes);
    }

    PodReport with(ConditionTimes now) {
        return new PodReport(view, since, endingSince, Optional.of(now));
    }

    /** The name of the pod. */
    public PodName name() {
        return view.name();
    }

    /** The UID of the version that is shown; empty if nothing is known of it any more. */
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
