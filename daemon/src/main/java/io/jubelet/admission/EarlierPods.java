/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.pod.PodName;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods that an earlier daemon left on the runtime, as far as they are not decided. Those that live have their place; those
 * that are dead come after them, and before new pods. Guarded by the lock of {@link Admission}.
 */
final class EarlierPods {

    /** Pods on the runtime at the start whose workers have not made a plan yet; null before the first list. */
    private @Nullable Set<PodName> unobserved;

    /** Pods whose version was dead on the runtime when their workers first looked. */
    private final Set<PodName> returning = new HashSet<>();

    /**
     * Takes note of what the first list of the runtime shows.
     *
     * @param known the pods that reserve something already
     * @return whether it was the first one
     */
    boolean listed(Collection<PodName> present, Set<PodName> known) {
        if (unobserved != null) {
            return false;
        }
        unobserved = new HashSet<>(present);
        unobserved.removeAll(known);
        return true;
    }

    /** The worker of a pod looked; returns whether that changes anything. */
    boolean looked(PodName name, boolean dead) {
        if (!dead) {
            return returning.remove(name);
        }
        boolean first = unobserved == null || unobserved.contains(name);
        return first && returning.add(name);
    }

    /** The worker of a pod made a plan; returns whether it was its first. */
    boolean planned(PodName name) {
        return unobserved != null && unobserved.remove(name);
    }

    /** A pod was decided; returns whether it was a {@linkplain #isReturning returning} one. */
    boolean decided(PodName name) {
        return returning.remove(name);
    }

    /** Whether a pod was left dead and is not decided. */
    boolean isReturning(PodName name) {
        return returning.contains(name);
    }

    /** Whether the worker of each pod that lives has made a plan. */
    boolean allLiveAreSeen() {
        return unobserved != null && returning.containsAll(unobserved);
    }

    /** Whether all are decided, so that it is the turn of new pods. */
    boolean allAreDecided() {
        return unobserved != null && unobserved.isEmpty() && returning.isEmpty();
    }

    /** How many are not decided, at most. */
    int undecided(int beforeFirstList) {
        return unobserved == null ? beforeFirstList : unobserved.size() + returning.size();
    }
}
