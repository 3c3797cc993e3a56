/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Finding;
import io.jubelet.manifest.PodTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of manifests and a directory that other users can change. */
class DirectoryScanAccessTest extends ReadDirectory {

    private List<String> warnings(Path path) {
        return driver.current.manifests().stream()
                .filter(manifest -> manifest.path().equals(path.toString()))
                .flatMap(manifest -> manifest.problems().stream())
                .map(Finding::message)
                .toList();
    }

    @Test
    void warnsOfAFileThatOthersCanChange() throws IOException {
        Path file = driver.directory.resolve("a.yaml");
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images(), "it runs, as with the kubelet");
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
        assertEquals(
                List.of("can be changed by every user, and so be used to start a privileged pod; run: chmod go-w "
                        + file),
                warnings(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        driver.sync();
        assertEquals(List.of(), warnings(file));
    }

    @Test
    void warnsOfADirectoryThatOthersCanWriteTo() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        Files.setPosixFilePermissions(driver.directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
        List<String> expected = List.of("the manifest directory can be changed by every user, and so be used to start a"
                + " privileged pod; run: chmod go-w " + driver.directory);
        assertEquals(expected, warnings(driver.directory));
        assertEquals(Optional.of(expected.getFirst()), driver.current.directoryProblem());
        Files.setPosixFilePermissions(driver.directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        driver.sync();
        assertEquals(Optional.empty(), driver.current.directoryProblem());
    }
}
