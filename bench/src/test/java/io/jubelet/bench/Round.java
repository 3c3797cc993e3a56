package io.jubelet.bench;

/**
 * One of several rounds in which everybody starts so many pods at once.
 *
 * @param number from 1 on
 * @param idle whether it is also looked at, in the last round, what it takes to do nothing for them
 */
record Round(int pods, int number, int rounds, boolean idle) {

    boolean isLast() {
        return number == rounds;
    }
}
