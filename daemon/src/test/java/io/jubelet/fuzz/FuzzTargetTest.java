/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests of one target: the seeds and the inputs that once failed, and a search for others with
 * the tag {@code fuzz}. The property {@code jubelet.test.fuzz-seconds} says how long it searches,
 * {@code jubelet.test.fuzz-dir} where it keeps its corpus.
 */
public abstract class FuzzTargetTest {

    private static final int SECONDS = Integer.getInteger("jubelet.test.fuzz-seconds", 5);

    private final String name;
    private final Class<? extends FuzzTarget> target;

    @TempDir
    Path temporary;

    /** @param name of the directory below {@code src/test/resources/fuzz} with inputs that failed */
    protected FuzzTargetTest(String name, Class<? extends FuzzTarget> target) {
        this.name = name;
        this.target = target;
    }

    @Test
    void seedsAndRecordedInputsHold() throws Exception {
        try (FuzzTarget created = Targets.create(target.getName())) {
            List<byte[]> seeds = created.seeds();
            assertFalse(seeds.isEmpty());
            for (byte[] seed : seeds) {
                created.run(seed);
            }
            for (Path input : Targets.recordedInputs(name)) {
                try {
                    created.run(Files.readAllBytes(input));
                } catch (Throwable failure) {
                    throw new AssertionError("with the input " + input, failure);
                }
            }
        }
    }

    @Test
    @Tag("fuzz")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void noInputFails() throws Exception {
        String kept = System.getProperty("jubelet.test.fuzz-dir", "");
        Path directory = kept.isEmpty()
                ? temporary
                : Files.createDirectories(Path.of(kept).resolve(name));
        Jazzer.Outcome outcome = Jazzer.run(name, target, directory, Duration.ofSeconds(SECONDS));
        assertFalse(
                outcome.found(),
                () -> "an input of " + name + " fails; the line of Base64 at the end is it. Mend the code, and put the"
                        + " input into " + Targets.recorded(name) + "\n" + outcome.output());
    }
}
