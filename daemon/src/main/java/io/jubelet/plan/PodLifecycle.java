/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.util.Objects;

/** Where a pod is in its life. The planner decides it, and the pod's worker keeps it between plans. Immutable. */
public sealed interface PodLifecycle {

    /** A version is kept as its manifest says. */
    record Syncing() implements PodLifecycle {}

    /**
     * One version is being stopped. This cannot be undone, and no other version starts before it is done.
     *
     * @param uid of the version that is stopped
     * @param reason half a sentence for logs and the user
     */
    record Terminating(String uid, String reason) implements PodLifecycle {
        public Terminating {
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** Nothing is wanted and nothing is left; the worker ends. */
    record Terminated() implements PodLifecycle {}
}
