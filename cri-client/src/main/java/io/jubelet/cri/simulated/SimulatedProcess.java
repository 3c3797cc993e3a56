/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The behaviour of the process of a container or of an exec. It writes its whole output when it
 * starts.
 *
 * @param runsFor how long it runs; null if it does not exit by itself
 * @param exitCode the exit code if it exits by itself
 * @param stopExitCode the exit code after its stop signal; null if it ignores the signal
 * @param stdout the lines that it writes to standard output
 * @param stderr the lines that it writes to standard error
 * @param startError why it cannot be started; null if it can
 */
public record SimulatedProcess(
        @Nullable Duration runsFor,
        int exitCode,
        @Nullable Integer stopExitCode,
        List<String> stdout,
        List<String> stderr,
        @Nullable String startError) {
    public SimulatedProcess {
        stdout = List.copyOf(stdout);
        stderr = List.copyOf(stderr);
    }

    /** Returns a process that runs until it is stopped, and then exits with 0. */
    public static SimulatedProcess runsForever() {
        return new SimulatedProcess(null, 0, 0, List.of(), List.of(), null);
    }

    /** Returns a process that exits by itself and ignores its stop signal. */
    public static SimulatedProcess exits(Duration after, int exitCode) {
        return new SimulatedProcess(Objects.requireNonNull(after, "after"), exitCode, null, List.of(), List.of(), null);
    }

    /** Returns a process that cannot be started. */
    public static SimulatedProcess failsToStart(String startError) {
        return new SimulatedProcess(null, 128, null, List.of(), List.of(), Objects.requireNonNull(startError));
    }
}
