/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Thousands of seeded schedules. A failure names its seed; {@code -Djubelet.test.seed=N} replays that one alone, and
 * {@code -Djubelet.test.schedules=N} runs more, from the seed {@code -Djubelet.test.first=N} on.
 */
class ScheduleTest {

    private static final int STEPS = 300;

    /** More schedules than this take so long that they report how far they are. */
    private static final int QUIET = 10_000;

    @TempDir(factory = InMemory.class)
    Path directory;

    /** The pods of all schedules are ten thousand directories: in memory, where the machine has such a place. */
    static final class InMemory implements TempDirFactory {
        private static final Path TMPFS = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context) throws IOException {
            return Files.isWritable(TMPFS)
                    ? Files.createTempDirectory(TMPFS, "jubelet-schedules-")
                    : Files.createTempDirectory("jubelet-schedules-");
        }
    }

    /** Minutes on a busy machine, and more with more schedules. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void invariantsHoldInEverySchedule() throws InterruptedException {
        Long replayed = Long.getLong("jubelet.test.seed");
        if (replayed != null) {
            new Schedule(replayed, directory).run(STEPS);
            return;
        }
        int schedules = Integer.getInteger("jubelet.test.schedules", 2000);
        long first = Long.getLong("jubelet.test.first", 0);
        AtomicLong next = new AtomicLong(first);
        AtomicLong successions = new AtomicLong();
        Map<Long, Throwable> failures = new ConcurrentSkipListMap<>();
        List<Thread> drivers = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            // Virtual, as its actors are: switching between them needs no system call.
            drivers.add(Thread.ofVirtual().name("schedules-" + i).start(() -> {
                for (long seed = next.getAndIncrement();
                        seed < first + schedules && failures.isEmpty();
                        seed = next.getAndIncrement()) {
                    try {
                        Path own = directory.resolve(Long.toString(seed));
                        successions.addAndGet(new Schedule(seed, own).run(STEPS));
                        delete(own); // because many schedules have more files than fit into memory
                        progress(seed - first, schedules);
                    } catch (Throwable e) {
                        failures.put(seed, e);
                    }
                }
            }));
        }
        for (Thread driver : drivers) {
            driver.join();
        }
        failures.forEach((seed, failure) -> fail(failure.getMessage(), failure));
        assertTrue(successions.get() > schedules / 50, () -> "updates are prepared in them: " + successions);
    }

    /** A call on a path that a killed daemon had begun may still end meanwhile, as on a real machine. */
    private static void delete(Path tree) throws IOException {
        for (int tries = 0; Files.exists(tree) && tries < 100; tries++) {
            try (Stream<Path> all = Files.walk(tree)) {
                for (Path entry : all.toList().reversed()) {
                    Files.deleteIfExists(entry);
                }
            } catch (NoSuchFileException | DirectoryNotEmptyException | UncheckedIOException _) {
                Thread.onSpinWait();
            }
        }
    }

    private static void progress(long done, int schedules) {
        if (schedules > QUIET && done > 0 && done % (schedules / 20) == 0) {
            System.err.println("about " + done + " of " + schedules + " schedules done");
        }
    }
}
