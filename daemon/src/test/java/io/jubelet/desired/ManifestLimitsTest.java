/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.manifest.PodTexts;
import io.jubelet.node.UnfinishedWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestLimitsTest {

    @TempDir
    private Path root;

    private ScanDriver driver;

    @BeforeEach
    void start() throws IOException {
        driver = new ScanDriver(root);
    }

    private static String padded(String pod, int size) {
        String text = PodTexts.pod(pod, "one");
        return text + "#".repeat(size - text.length() - 1) + "\n";
    }

    private static String configMap(String name, int size) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\ndata:\n  a: " + "x".repeat(size)
                + "\n";
    }

    @Test
    void fileCanHaveThreeMebibytesAndNoMore() throws IOException {
        driver.write("a.yaml", padded("a", Documents.MAX_SIZE));
        driver.write("b.yaml", padded("b", Documents.MAX_SIZE + 1));
        driver.write("c.yaml", PodTexts.pod("c", "one"));
        driver.sync();
        assertEquals(Map.of("a", "one", "c", "one"), driver.images());
        assertEquals("is larger than 3 MiB; divide it into several files", driver.problem("b.yaml"));
    }

    @Test
    void configMapOfTheLargestSizeIsAccepted() throws IOException {
        driver.write("a.yaml", configMap("a", 1 << 20));
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
    }

    @Test
    void whatDoesNotFitIsRefusedByNameUntilThereIsRoom() throws IOException {
        driver.budget = 1 << 20;
        driver.restart();
        driver.write("a.yaml", configMap("a", 200 << 10));
        driver.write("b.yaml", configMap("b", 200 << 10));
        driver.write("c.yaml", configMap("c", 200 << 10));
        driver.write("d.yaml", PodTexts.pod("d", "one"));
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("b.yaml"));
        assertEquals(Manifest.State.REFUSED, driver.state("c.yaml"));
        assertEquals(
                "needs about 403 KiB of memory, and 218 KiB are free of the 1024 KiB for all manifests; remove others, or"
                        + " give the daemon a larger heap (JUBELET_JAVA_OPTS=-Xmx256m)",
                driver.problem("c.yaml"));
        assertEquals(Map.of("d", "one"), driver.images());
        Files.delete(driver.directory.resolve("a.yaml"));
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("c.yaml"));
    }

    @Test
    void containersCountBeyondTheirText() throws IOException {
        StringBuilder many =
                new StringBuilder("apiVersion: v1\nkind: Pod\nmetadata:\n  name: many\nspec:\n  containers:\n");
        for (int i = 0; i < 6000; i++) {
            many.append("  - {name: c").append(i).append(", image: i}\n");
        }
        driver.write("a.yaml", many.toString());
        driver.write("b.yaml", PodTexts.pod("b", "one"));
        driver.sync();
        assertEquals(Map.of("b", "one"), driver.images());
        assertTrue(driver.problem("a.yaml").contains("KiB are free of the 24576 KiB"), driver.problem("a.yaml"));
    }

    @Test
    void editThatDoesNotFitKeepsTheLastGoodContent() throws IOException {
        driver.budget = 100 << 10;
        driver.restart();
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        driver.write("a.yaml", PodTexts.pod("a", "two") + "---\n" + configMap("c", 100 << 10));
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.sync();
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void restoredContentCountsAndKeepsItsPlace() throws IOException {
        driver.budget = 1 << 20;
        driver.restart();
        driver.write("b.yaml", configMap("b", 400 << 10));
        driver.sync();
        driver.write("a.yaml", configMap("a", 400 << 10));
        driver.restart();
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("b.yaml"), "first by time, although not by name");
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
    }

    @Test
    void problemsOfManyFilesTakeBoundedMemory() throws IOException {
        int files = (int) (ManifestBudget.PROBLEM_BYTES / 10_000) + 50;
        StringBuilder unknown = new StringBuilder(PodTexts.pod("p", "one"));
        for (int i = 0; i < 10; i++) {
            unknown.append("  ").append("x".repeat(1000)).append(i).append(": 1\n");
        }
        for (int i = 0; i < files; i++) {
            driver.write("f" + i + ".yaml", unknown.toString());
        }
        driver.sync();
        long length = 0;
        for (Manifest manifest : driver.current.manifests()) {
            for (Finding finding : manifest.problems()) {
                length += finding.message().length()
                        + finding.field().map(String::length).orElse(0);
            }
        }
        assertTrue(length < ManifestBudget.PROBLEM_BYTES + files * 1024L, "problems have " + length + " characters");
        List<Finding> last = driver.manifest("f" + (files - 1) + ".yaml").problems();
        assertTrue(last.size() == 10 || last.getFirst().message().endsWith("because so many files have problems"));
    }

    @Test
    void crowdedDirectoryIsReadInPart() throws IOException {
        for (int i = 0; i < DirectoryScan.MAX_ENTRIES; i++) {
            Files.createFile(driver.directory.resolve(String.format(Locale.ROOT, "f%05d.txt", i)));
        }
        driver.write("z.yaml", PodTexts.pod("z", "one"));
        driver.sync();
        assertEquals(Map.of("z", "one"), driver.images(), "manifests come before other files");
        assertEquals(Manifest.State.NOT_READ, driver.state(driver.directory.toString()));
        assertEquals(
                "has 10001 entries, of which 10000 are read: those that were there before and the first manifests by name, the"
                        + " last of them f09998.txt; move what is no manifest elsewhere",
                driver.problem(driver.directory.toString()));
        assertEquals(DirectoryScan.MAX_ENTRIES + 1, driver.current.manifests().size());
        for (int i = 0; i < 5; i++) {
            Files.delete(driver.directory.resolve(String.format(Locale.ROOT, "f%05d.txt", i)));
        }
        driver.sync();
        assertEquals(
                DirectoryScan.MAX_ENTRIES + 1 - 5, driver.current.manifests().size());
    }

    @Test
    void fileThatEndedTheDaemonIsRefusedAndTheRestRuns() throws IOException {
        String large = padded("a", UnfinishedWork.LARGE);
        Path file = driver.write("a.yaml", large);
        driver.write("b.yaml", PodTexts.pod("b", "one"));
        DirectoryEntry.Stamp stamp = DirectoryEntry.statNamed(file).manifestStamp();
        // As a daemon leaves it that ends in the middle.
        UnfinishedWork.open(driver.unfinished, () -> driver.now).begin(file.toString(), stamp.version());
        driver.restart();
        driver.sync();
        assertEquals(Map.of("b", "one"), driver.images());
        assertTrue(driver.problem("a.yaml").startsWith("was in hand when the daemon ended"), driver.problem("a.yaml"));
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"), "as `jubelet get pods` shows it");
        driver.restart();
        driver.sync();
        assertEquals(Map.of("b", "one"), driver.images(), "nor at the next start");
        driver.write("a.yaml", large.replace("one", "two"));
        driver.pass(Duration.ofSeconds(12));
        assertEquals(Map.of("a", "two", "b", "one"), driver.images());
    }
}
