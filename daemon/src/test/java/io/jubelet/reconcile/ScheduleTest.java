package io.jubelet.reconcile;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of seeded schedules. A failure names its seed; {@code -Djubelet.test.seed=N} replays that one alone, and
 * {@code -Djubelet.test.schedules=N} runs more.
 */
class ScheduleTest {

    private static final int STEPS = 300;

    @TempDir
    Path directory;

    @Test
    void invariantsHoldInEverySchedule() {
        Long replayed = Long.getLong("jubelet.test.seed");
        if (replayed != null) {
            new Schedule(replayed, directory).run(STEPS);
            return;
        }
        int schedules = Integer.getInteger("jubelet.test.schedules", 2000);
        for (long seed = 0; seed < schedules; seed++) {
            new Schedule(seed, directory.resolve(Long.toString(seed))).run(STEPS);
        }
    }
}
