/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.observed.ObservedContainer.State;

/**
 * What the kernel counts of processes that it killed for memory. Runtimes learn of such a kill
 * separately from the end of the process, and some lose it. Implementations are safe for use by
 * many threads, and never block on anything but files of the kernel.
 */
public interface OutOfMemoryKills {

    /** The exit code after SIGKILL. */
    int KILLED = 137;

    /** The reason of runtimes and the kubelet for a container that was killed for memory. */
    String REASON = "OOMKilled";

    /** Knows of no kill. */
    OutOfMemoryKills NONE = new OutOfMemoryKills() {
        @Override
        public void running(String uid) {}

        @Override
        public void ended(String uid, String container) {}

        @Override
        public void reported(String container) {}

        @Override
        public boolean killed(String uid, String container) {
            return false;
        }

        @Override
        public void gone(String uid) {}
    };

    /** Records that a pod runs, so that kills of before do not count. Repeated calls do nothing. */
    void running(String uid);

    /** Reads the counter of a container that has just ended, whose cgroup the runtime is about to remove. */
    void ended(String uid, String container);

    /** Records an event of the runtime that the memory of a container was used up. */
    void reported(String container);

    /**
     * Whether the kernel killed a container for memory. Called only for containers that ended by
     * SIGKILL; a kill that only the pod counts is that of the container which is asked about first.
     */
    boolean killed(String uid, String container);

    /** Forgets a pod. */
    void gone(String uid);

    /** Whether a container ended by SIGKILL, and the runtime does not say that it was for memory. */
    static boolean isUnexplained(State.Exited exited) {
        return exited.exitCode() == KILLED && !exited.reason().equals(REASON);
    }

    /** The end of a container of a pod, with the reason of the kernel where the runtime knows none. */
    default State.Exited explain(State.Exited exited, String uid, String container) {
        return isUnexplained(exited) && killed(uid, container)
                ? new State.Exited(exited.startedAt(), exited.finishedAt(), exited.exitCode(), REASON, exited.message())
                : exited;
    }
}
