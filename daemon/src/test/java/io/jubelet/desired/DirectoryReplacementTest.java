/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to pods when the manifest directory itself is replaced, emptied or unreadable. */
class DirectoryReplacementTest extends ReadDirectory {

    private static final Map<String, String> BOTH = Map.of("a", "one", "b", "two");

    private String path;

    @BeforeEach
    void writeTwo() throws IOException {
        path = driver.directory.toString();
        write();
        driver.sync();
        assertEquals(BOTH, driver.images());
        assertEquals(Optional.empty(), driver.current.directoryProblem());
    }

    private void write() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.write("b.yaml", PodTexts.pod("b", "two"));
    }

    private void removeFiles() throws IOException {
        Files.deleteIfExists(driver.directory.resolve("a.yaml"));
        Files.deleteIfExists(driver.directory.resolve("b.yaml"));
    }

    /** Puts another directory in the place of the first, whose inode stays in use. */
    private void swap(String... names) throws IOException {
        Path next = Files.createDirectory(root.resolve("next"));
        for (String name : names) {
            Files.copy(driver.directory.resolve(name), next.resolve(name));
        }
        Files.move(driver.directory, root.resolve("old"));
        Files.move(next, driver.directory);
    }

    @Test
    void removedFilesOfSameDirectoryEndTheirPodsAtOnce() throws IOException {
        removeFiles();
        driver.take();
        driver.pass(ManifestEntry.SETTLE);
        assertEquals(Map.of(), driver.images());
        assertEquals(Manifest.State.EMPTY, driver.state(path));
        assertEquals(Optional.of("the manifest directory contains no manifest"), driver.current.directoryProblem());
        assertEquals(List.of("ManifestDirectoryEmpty"), driver.reasons());
        assertTrue(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(1001)), "a mount brings no event");
    }

    @Test
    void emptyReplacementCountsAsUnreadableForAWhile() throws IOException {
        swap();
        driver.take();
        driver.pass(Duration.ofSeconds(5));
        assertEquals(BOTH, driver.images());
        assertEquals(Manifest.State.UNREADABLE, driver.state(path));
        assertTrue(
                driver.why(path).contains("was replaced by another directory, and 2 manifests are missing since"),
                driver.why(path));
        assertEquals(List.of("ManifestDirectoryReplaced"), driver.reasons());
        assertTrue(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(1001)), "looks each second");
        driver.pass(Duration.ofSeconds(24));
        assertEquals(BOTH, driver.images());
        driver.pass(Duration.ofSeconds(2));
        assertEquals(Map.of(), driver.images(), "an empty directory is believed in the end");
        assertEquals(Manifest.State.EMPTY, driver.state(path));
    }

    @Test
    void filesThatArriveOneByOneKeepTheOthersRunning() throws IOException {
        swap();
        driver.pass(Duration.ofSeconds(20));
        driver.write("a.yaml", PodTexts.pod("a", "new"));
        driver.pass(Duration.ofSeconds(20));
        assertEquals(Map.of("a", "new", "b", "two"), driver.images(), "each arrival prolongs the wait");
        assertTrue(driver.why(path).contains("1 manifest is missing"), driver.why(path));
        driver.write("b.yaml", PodTexts.pod("b", "two"));
        driver.sync();
        assertEquals(Map.of("a", "new", "b", "two"), driver.images());
        assertEquals(Optional.empty(), driver.current.directoryProblem());
        assertEquals("ManifestDirectoryReadable", driver.reasons().getLast());
        removeFiles();
        driver.pass(Duration.ofMillis(100));
        assertEquals(Map.of(), driver.images(), "from then on a removed file is a removed file");
    }

    @Test
    void replacementThatLacksAManifestEndsItsPodSoon() throws IOException {
        swap("a.yaml");
        driver.pass(Duration.ofSeconds(1));
        assertEquals(BOTH, driver.images());
        driver.pass(Duration.ofSeconds(2));
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void completeReplacementIsNoProblem() throws IOException {
        swap("a.yaml", "b.yaml");
        driver.sync();
        assertEquals(BOTH, driver.images());
        assertEquals(List.of(), driver.reasons());
    }

    @Test
    void timeWithoutDirectoryIsNoTimeWithoutFile() throws IOException {
        removeFiles();
        driver.take();
        Files.delete(driver.directory);
        driver.pass(Duration.ofMinutes(1));
        assertEquals(BOTH, driver.images());
        Files.createDirectory(driver.directory);
        driver.pass(Duration.ofMillis(200));
        assertEquals(BOTH, driver.images());
        assertTrue(driver.why(path).contains("could not be read until now"), driver.why(path));
        write();
        driver.sync();
        assertEquals(BOTH, driver.images());
        assertEquals(
                List.of("ManifestDirectoryUnreadable", "ManifestDirectoryReplaced", "ManifestDirectoryReadable"),
                driver.reasons());
    }

    @Test
    void endedWatchTellsANewDirectoryWithTheOldInode() throws IOException {
        removeFiles();
        driver.take(true);
        driver.pass(Duration.ofSeconds(5));
        assertEquals(BOTH, driver.images());
    }

    @Test
    void emptyDirectoryAtStartIsToldWithoutAnEvent() throws IOException {
        ScanDriver fresh = new ScanDriver(root.resolve("fresh"));
        fresh.sync();
        assertEquals(Manifest.State.EMPTY, fresh.state(fresh.directory.toString()));
        assertEquals(List.of(), fresh.reasons());
        assertTrue(fresh.current.directoryProblem().isPresent());
    }
}
