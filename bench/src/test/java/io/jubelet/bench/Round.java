/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

/**
 * One of several rounds in which each subject starts a number of pods at once.
 *
 * @param pods how many
 * @param number the number of this round, from 1
 * @param rounds how many rounds there are
 * @param idle whether the last round also measures the daemon while it is idle with these pods
 */
record Round(int pods, int number, int rounds, boolean idle) {

    boolean isLast() {
        return number == rounds;
    }
}
