package io.jubelet.plan;

import java.util.Objects;

/** Where a pod name is in its life. Owned by its worker, decided by the planner. */
public sealed interface PodLifecycle {

    /** The wanted version is kept as its manifest says. */
    record Syncing() implements PodLifecycle {}

    /**
     * One version is being ended; there is no way back, and no other version starts before it is done.
     *
     * @param uid of the version that ends
     * @param reason half a sentence
     */
    record Terminating(String uid, String reason) implements PodLifecycle {
        public Terminating {
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Nothing is wanted and nothing is left: the worker retires. */
    record Terminated() implements PodLifecycle {}
}
