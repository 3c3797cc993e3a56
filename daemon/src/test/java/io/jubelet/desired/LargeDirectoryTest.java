/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import io.jubelet.node.UnfinishedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A directory with more files than one thread parses. */
class LargeDirectoryTest extends ReadDirectory {

    private static final int FILES = 2 * ParallelParsing.MIN_FILES;

    private static String name(int i) {
        return String.format(Locale.ROOT, "pod%04d", i);
    }

    private Map<String, String> writePods() throws IOException {
        Map<String, String> images = new TreeMap<>();
        for (int i = 0; i < FILES; i++) {
            driver.write(name(i) + ".yaml", PodTexts.pod(name(i), "image" + i));
            images.put(name(i), "image" + i);
        }
        return images;
    }

    @Test
    void eachFileGetsItsOwnContent() throws IOException {
        Map<String, String> images = writePods();
        driver.write("broken.yaml", "kind: Pod\nspec: [\n");
        driver.write("large.yaml", PodTexts.pod("large", "big") + "# " + "c".repeat(UnfinishedWork.LARGE) + "\n");
        images.put("large", "big");
        driver.take();
        assertEquals(images, driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("broken.yaml"));
        driver.write(name(7) + ".yaml", PodTexts.pod(name(7), "other"));
        images.put(name(7), "other");
        Files.delete(driver.directory.resolve(name(8) + ".yaml"));
        images.remove(name(8));
        driver.sync();
        assertEquals(images, driver.images());
    }

    @Test
    void theFirstFilesByNameGetTheBudget() throws IOException {
        Map<String, String> images = writePods();
        driver.budget = 2 << 20;
        driver.restart();
        driver.take();
        int admitted = driver.images().size();
        assertTrue(admitted > FILES / 3 && admitted < FILES * 2 / 3, () -> admitted + " of " + FILES);
        assertEquals(
                List.copyOf(images.keySet()).subList(0, admitted),
                List.copyOf(driver.images().keySet()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void anyNumberOfProcessorsGivesTheSame(int processors) throws IOException {
        writePods();
        ParallelParsing parsing = new ParallelParsing(FILES, processors);
        TreeMap<String, ManifestEntry> entries = new TreeMap<>();
        for (int i = 0; i < FILES; i++) {
            ManifestEntry entry = new ManifestEntry(
                    driver.directory.resolve(name(i) + ".yaml"), driver.source(), driver.writers, driver.budget());
            entries.put(name(i), entry);
            UnparsedContent content = entry.markPresent(DirectoryEntry.statNamed(entry.path()), driver.now);
            parsing.add(content);
        }
        parsing.finish();
        entries.forEach((name, entry) ->
                assertEquals(name, entry.lastGood().getFirst().key().name()));
    }
}
