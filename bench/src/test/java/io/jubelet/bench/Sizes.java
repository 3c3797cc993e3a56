/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.List;

/**
 * The numbers of samples and pods, and the durations, of a run.
 *
 * @param starts samples of a single start, and of a deletion
 * @param restarts pods whose container is killed once
 * @param edits pods that are edited once; the kubelet takes 13 s for each, so it gets fewer
 * @param startups starts of the daemon
 * @param many numbers of pods that are started at once
 * @param simulated numbers of pods on the simulated runtime
 * @param idleSeconds for how many seconds the CPU time of an idle daemon is measured
 */
record Sizes(
        int starts,
        int restarts,
        int edits,
        int startups,
        List<Integer> many,
        List<Integer> simulated,
        int idleSeconds) {
    static Sizes full() {
        return new Sizes(30, 30, 20, 7, List.of(30, 110), List.of(1000, 5000), 20);
    }

    static Sizes quick() {
        return new Sizes(5, 5, 3, 3, List.of(30), List.of(1000), 10);
    }

    /** How many pods are probed at once. */
    int probed() {
        return many.getLast();
    }

    /** How many rounds of starting many pods there are. */
    int rounds() {
        return many.size() == 1 ? 3 : 5;
    }

    int edits(Subject subject) {
        return subject == Subject.KUBELET ? Math.max(1, edits / 6) : edits;
    }

    /** For how many seconds an idle daemon with this number of pods is measured. */
    int idleSeconds(int pods) {
        return pods > 30 ? 3 * idleSeconds : idleSeconds;
    }
}
