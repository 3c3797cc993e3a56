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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which files are manifests by their names, and what is told about the others. */
class ManifestNamesTest extends ReadDirectory {

    private static final List<String> KUBELET_NAMES = List.of("a.manifest", "b", "c.YAML", "d.yml.txt");

    private void writeAll() throws IOException {
        for (String name : KUBELET_NAMES) {
            driver.write(name, PodTexts.pod(name.substring(0, 1), "one"));
        }
        driver.write("notes.txt", "kind: PodList is not what this is about\n");
        driver.write("big.log", "kind: Pod\n");
        for (String backup : List.of("a.yaml~", "a.yaml.bak", "a.manifest.old", ".hidden", "#a#", "4913")) {
            driver.write(backup, PodTexts.pod("z", "backup"));
        }
    }

    @Test
    void kubeletNamesAreReadWhenAskedFor() throws IOException {
        driver.names = ManifestNames.KUBELET;
        driver.restart();
        writeAll();
        driver.sync();
        assertEquals(Map.of("a", "one", "b", "one", "c", "one", "d", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("notes.txt"));
        assertEquals(Manifest.State.IGNORED, driver.state("a.yaml~"));
    }

    @Test
    void filesThatOnlyAKubeletReadsAreToldWithTheWayOut() throws IOException {
        writeAll();
        driver.take();
        assertEquals(Map.of(), driver.images());
        for (String name : KUBELET_NAMES) {
            assertEquals(Manifest.State.NOT_READ, driver.state(name), name);
            assertTrue(driver.why(name).contains("--manifest-names=kubelet"), driver.why(name));
        }
        for (String other : List.of("notes.txt", "big.log", "a.yaml~", "a.yaml.bak", "a.manifest.old", ".hidden")) {
            assertEquals(Manifest.State.IGNORED, driver.state(other), other);
        }
    }

    @Test
    void temporaryFileOfAToolIsNotTold() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        driver.write("a.yamlX8f3", PodTexts.pod("a", "two"));
        driver.pass(Duration.ofSeconds(2));
        assertEquals(Manifest.State.IGNORED, driver.state("a.yamlX8f3"));
        driver.pass(Duration.ofSeconds(1));
        assertEquals(Manifest.State.NOT_READ, driver.state("a.yamlX8f3"));
        Files.delete(driver.directory.resolve("a.yamlX8f3"));
        driver.sync();
        assertEquals(1, driver.current.manifests().size());
    }
}
