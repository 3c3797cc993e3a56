package io.jubelet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A moment, by a clock that goes slower while there is too much to do for the processors of this machine. What is promised in
 * seconds is promised where there is somebody to do it: tests run beside others, and beside runtimes and clusters of their own.
 *
 * @param nanos by {@link System#nanoTime}
 * @param waited how long, until then, somebody has waited for a processor, in nanoseconds; 0 where the kernel does not tell
 */
record Moment(long nanos, long waited) {

    private static final Path PRESSURE = Path.of("/proc/pressure/cpu");

    /** However much there is to do, a second is over after so many. */
    private static final int SLOWEST = 4;

    static Moment now() {
        return new Moment(System.nanoTime(), waitedUntilNow());
    }

    private static long waitedUntilNow() {
        try {
            String some = Files.readString(PRESSURE).lines().findFirst().orElse("");
            return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(some.substring(some.lastIndexOf('=') + 1)));
        } catch (IOException | NumberFormatException _) {
            return 0; // a kernel without it; time is what the clock says
        }
    }

    /** The time that has passed since an earlier moment. */
    Duration since(Moment earlier) {
        long passed = nanos - earlier.nanos;
        return Duration.ofNanos(Math.max(passed - (waited - earlier.waited), passed / SLOWEST));
    }
}
