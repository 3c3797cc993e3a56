/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedWorkTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");

    @TempDir
    private Path dir;

    private Path directory;

    @BeforeEach
    void name() {
        directory = dir.resolve("unfinished");
    }

    private UnfinishedWork open(String boot) {
        return UnfinishedWork.open(directory, boot, () -> NOW);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    @Test
    void nothingIsMadeBeforeThereIsLargeWork() {
        assertEquals(Optional.empty(), open("boot1").refusal("/m/a.yaml", "1"));
        assertFalse(Files.exists(directory));
    }

    @Test
    void finishedWorkLeavesNothing() throws IOException {
        UnfinishedWork work = open("boot1");
        work.begin("/m/a.yaml", "1").close();
        assertEquals(List.of(), files());
        assertEquals(Optional.empty(), open("boot1").refusal("/m/a.yaml", "1"));
    }

    @Test
    void allThatWasInHandIsRefusedUntilItChanges() throws IOException {
        UnfinishedWork dying = open("boot1");
        dying.begin("/m/a\nb.yaml", "1");
        dying.begin("/m/c.yaml", "1");
        dying.begin("/m/d.yaml", "1").close();
        UnfinishedWork next = open("boot1");
        assertEquals(Optional.empty(), next.refusal("/m/d.yaml", "1"));
        String why = next.refusal("/m/c.yaml", "1").orElseThrow();
        assertTrue(why.startsWith("was in hand when the daemon ended at or after 2026-01-01T00:00:00Z"), why);
        assertTrue(next.refusal("/m/a\nb.yaml", "1").isPresent());
        assertEquals(Optional.empty(), next.refusal("/m/c.yaml", "2"), "it has changed");
        assertEquals(Optional.empty(), next.refusal("/m/c.yaml", "1"), "and is forgotten");
        assertEquals(1, files().size());
        assertTrue(open("boot2").refusal("/m/a\nb.yaml", "1").isPresent(), "what was refused once stays so");
    }

    @Test
    void removingTheNamedFileLiftsTheRefusal() throws IOException {
        open("boot1").begin("/m/a.yaml", "1");
        UnfinishedWork next = open("boot1");
        String why = next.refusal("/m/a.yaml", "1").orElseThrow();
        Path file = files().getFirst();
        assertTrue(why.endsWith("until it changes or " + file + " is removed"), why);
        Files.delete(file);
        assertEquals(Optional.empty(), next.refusal("/m/a.yaml", "1"));
    }

    @Test
    void theEndOfTheMachineSaysNothing() throws IOException {
        open("boot1").begin("/m/a.yaml", "1");
        assertEquals(Optional.empty(), open("boot2").refusal("/m/a.yaml", "1"));
        assertEquals(List.of(), files());
    }

    @Test
    void damagedFileIsRemoved() throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("x.begun"), "half");
        assertEquals(Optional.empty(), open("boot1").refusal("half", ""));
        assertEquals(List.of(), files());
    }
}
