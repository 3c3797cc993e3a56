/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the next daemon knows of a manifest directory. */
class DirectoryRestartTest extends ReadDirectory {

    @Test
    void brokenFileKeepsLastGoodContentAcrossRestart() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        driver.write("a.yaml", PodTexts.pod("a", "two").replace("image", "imgae"));
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        assertEquals(
                List.of("default/a"),
                driver.manifest("a.yaml").pods().stream().map(Object::toString).toList());
        driver.restart();
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images());
        driver.write("a.yaml", PodTexts.pod("a", "three"));
        driver.take();
        assertEquals(Map.of("a", "three"), driver.images());
    }

    @Test
    void removesManifestDeletedWhileDaemonWasDown() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        Files.delete(file);
        driver.restart();
        driver.take();
        assertFalse(driver.turn.allRead());
        driver.sync();
        assertTrue(driver.turn.allRead());
        assertEquals(Map.of(), driver.images());
        driver.restart();
        driver.take();
        assertEquals(Map.of(), driver.images());
    }

    @Test
    void ownerOfPodSurvivesRestart() throws IOException {
        driver.write("b.yaml", PodTexts.pod("x", "one"));
        driver.sync();
        driver.write("a.yaml", PodTexts.pod("x", "two") + "---\n" + PodTexts.pod("z", "three"));
        driver.sync();
        for (int i = 0; i < 2; i++) {
            assertEquals(Map.of("x", "one", "z", "three"), driver.images());
            assertEquals(Manifest.State.CONFLICT, driver.state("a.yaml"));
            assertEquals(Manifest.State.ACCEPTED, driver.state("b.yaml"));
            assertTrue(driver.why("a.yaml").contains("already belongs to " + driver.directory.resolve("b.yaml")));
            assertEquals(3, driver.manifest("a.yaml").problems().getFirst().line());
            driver.restart();
            driver.sync();
        }
        Files.delete(driver.directory.resolve("b.yaml"));
        driver.take();
        assertEquals(Map.of("x", "two", "z", "three"), driver.images(), "the other one takes over at once");
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
    }

    @Test
    void youngestFileOwnsPodAtColdStart() throws IOException {
        FileTime old = FileTime.from(driver.now.minus(Duration.ofDays(2)));
        Files.setLastModifiedTime(driver.write("a-backup.yaml", PodTexts.pod("x", "old")), old);
        driver.write("b.yaml", PodTexts.pod("x", "new"));
        Files.setLastModifiedTime(driver.write("c.yaml", PodTexts.pod("x", "old")), old);
        driver.sync();
        assertEquals(Map.of("x", "new"), driver.images());
        assertEquals(Manifest.State.ACCEPTED, driver.state("b.yaml"));
        assertEquals(Manifest.State.CONFLICT, driver.state("a-backup.yaml"));
        assertEquals(Manifest.State.CONFLICT, driver.state("c.yaml"));
    }

    @Test
    void firstPathOwnsPodAtColdStartAmongFilesOfOneAge() throws IOException {
        FileTime time = FileTime.from(driver.now);
        Files.setLastModifiedTime(driver.write("b.yaml", PodTexts.pod("x", "one")), time);
        Files.setLastModifiedTime(driver.write("a.yaml", PodTexts.pod("x", "two")), time);
        driver.sync();
        assertEquals(Map.of("x", "two"), driver.images());
        assertEquals(Manifest.State.CONFLICT, driver.state("b.yaml"));
    }

    @Test
    void oddEntryOfTheStoreDoesNotStopTheStart() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        String source = driver.directory + "/odd\u0000.yaml";
        new LastGoodStore(driver.store)
                .write(source, LastGoodStore.text(new LastGoodStore.Content(source, Set.of(), List.of("{}"))));
        driver.write("a.yaml", "broken: [");
        driver.restart();
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void acceptedManifestSurvivesKill() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images());
        driver.write("a.yaml", "broken: [");
        driver.restart();
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
    }

    @Test
    void fallsBackToSyncedContentAfterMachineCrash() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.take();
        assertEquals(Map.of("a", "two"), driver.images());
        try (var files = Files.list(driver.store)) {
            Path unsynced = files.filter(file -> file.toString().endsWith(".fresh"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(unsynced, "");
        }
        driver.write("a.yaml", "broken: [");
        driver.restart();
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void syncedContentHasOneFile() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.take();
        driver.restart();
        driver.write("b.yaml", PodTexts.pod("b", "two"));
        driver.sync();
        try (var files = Files.list(driver.store)) {
            List<Path> stored = files.toList();
            assertEquals(2, stored.size());
            assertTrue(stored.stream().allMatch(file -> file.toString().endsWith(".json")), stored.toString());
        }
    }

    @Test
    void ignoresDamagedStore() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.write("b.yaml", PodTexts.pod("b", "two"));
        driver.sync();
        try (var files = Files.list(driver.store)) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                if (text.contains("b.yaml")) {
                    Files.writeString(file, text.replace("two", "six"));
                }
            }
        }
        Files.writeString(driver.store.resolve("x.json"), "");
        Files.writeString(driver.store.resolve("y.json.tmp"), "half");
        driver.write("a.yaml", "broken: [");
        driver.write("b.yaml", "broken: [");
        driver.restart();
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertFalse(Files.exists(driver.store.resolve("y.json.tmp")));
    }
}
