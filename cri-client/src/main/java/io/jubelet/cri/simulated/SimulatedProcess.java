package io.jubelet.cri.simulated;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What the process of a container, or of an exec, does. What it writes, it writes at its start.
 *
 * @param runsFor until it ends by itself; null for ever
 * @param exitCode how it ends by itself
 * @param stopExitCode how it ends at its stop signal; null when it ignores that
 * @param stdout the lines it writes to standard output
 * @param stderr the lines it writes to standard error
 * @param startError why it cannot be started; null when it can
 */
public record SimulatedProcess(
        Duration runsFor,
        int exitCode,
        Integer stopExitCode,
        List<String> stdout,
        List<String> stderr,
        String startError) {
    public SimulatedProcess {
        stdout = List.copyOf(stdout);
        stderr = List.copyOf(stderr);
    }

    /** Runs until it is stopped, and ends well then. */
    public static SimulatedProcess runsForever() {
        return new SimulatedProcess(null, 0, 0, List.of(), List.of(), null);
    }

    /** Ends by itself, and ignores its stop signal. */
    public static SimulatedProcess exits(Duration after, int exitCode) {
        return new SimulatedProcess(Objects.requireNonNull(after, "after"), exitCode, null, List.of(), List.of(), null);
    }

    /** Cannot be started. */
    public static SimulatedProcess failsToStart(String startError) {
        return new SimulatedProcess(null, 128, null, List.of(), List.of(), Objects.requireNonNull(startError));
    }
}
