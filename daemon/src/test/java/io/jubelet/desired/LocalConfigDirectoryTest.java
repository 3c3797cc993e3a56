/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.PodTexts;
import io.jubelet.pod.LocalConfig;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ConfigMaps and Secrets of the manifest directory are kept as pods are. */
class LocalConfigDirectoryTest {

    @TempDir
    private Path root;

    private ScanDriver driver;

    @BeforeEach
    void start() throws IOException {
        driver = new ScanDriver(root);
    }

    private static String map(String name, String color) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {color: " + color + "}\n";
    }

    private static String secret(String name, String password) {
        return "apiVersion: v1\nkind: Secret\nmetadata: {name: " + name + "}\nstringData: {password: " + password
                + "}\n";
    }

    private void writeSecret(String file, String text) throws IOException {
        Path path = driver.write(file, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private Optional<String> color(String name) {
        return driver.current
                .localConfig()
                .configMap("default", name)
                .map(map -> map.data().get("color"));
    }

    private Optional<String> password(String name) {
        return driver.current
                .localConfig()
                .secret("default", name)
                .flatMap(secret -> secret.data().get("password").text());
    }

    private Manifest manifest(String file) {
        return driver.current.manifests().stream()
                .filter(m -> m.path().endsWith("/" + file))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void addsChangesAndRemovesObjects() throws IOException {
        driver.write("a.yaml", map("web", "blue"));
        driver.sync();
        assertEquals(Optional.of("blue"), color("web"));
        assertEquals(List.of("ConfigMap default/web"), manifest("a.yaml").configs());
        assertEquals(List.of(), manifest("a.yaml").pods());
        driver.write("a.yaml", map("web", "green"));
        driver.sync();
        assertEquals(Optional.of("green"), color("web"));
        Files.delete(driver.directory.resolve("a.yaml"));
        driver.sync();
        assertEquals(LocalConfig.NONE, driver.current.localConfig());
    }

    @Test
    void changedConfigMapIsNewSnapshotWithSamePod() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one") + "---\n" + map("web", "blue"));
        DesiredPods before = driver.sync();
        driver.write("a.yaml", PodTexts.pod("a", "one") + "---\n" + map("web", "green"));
        DesiredPods after = driver.sync();
        assertNotSame(before, after);
        assertEquals(Optional.of("green"), color("web"));
        assertEquals(
                before.pods().values().iterator().next().uid(),
                after.pods().values().iterator().next().uid());
        assertSame(after, driver.sync(), "nothing changed");
    }

    @Test
    void lastGoodContentSurvivesRestart() throws IOException {
        driver.write("a.yaml", map("web", "blue"));
        writeSecret("s.yaml", secret("db", "hunter2"));
        driver.sync();
        driver.write("a.yaml", map("web", "blue") + "nonsense: true\n");
        Files.setPosixFilePermissions(driver.directory.resolve("s.yaml"), PosixFilePermissions.fromString("rw-r--r--"));
        driver.sync();
        for (int i = 0; i < 2; i++) {
            assertEquals(Optional.of("blue"), color("web"));
            assertEquals(Optional.of("hunter2"), password("db"));
            assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
            assertEquals(Manifest.State.REFUSED, driver.state("s.yaml"));
            assertTrue(manifest("s.yaml").problems().getFirst().message().contains("chmod 600"));
            driver.restart();
            driver.sync();
        }
        Files.setPosixFilePermissions(driver.directory.resolve("s.yaml"), PosixFilePermissions.fromString("rw-------"));
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("s.yaml"), "the cure that it names works");
    }

    @Test
    void storedContentIsPrivate() throws IOException {
        writeSecret("s.yaml", secret("db", "hunter2"));
        driver.sync();
        int files = 0;
        try (DirectoryStream<Path> stored = Files.newDirectoryStream(driver.store)) {
            for (Path file : stored) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                assertTrue(Files.readString(file).contains("hunter2"));
                files++;
            }
        }
        assertEquals(1, files);
    }

    @Test
    void secondFileIsInConflict() throws IOException {
        driver.write("b.yaml", map("web", "blue"));
        driver.sync();
        driver.write("a.yaml", map("web", "green") + "---\n" + PodTexts.pod("web", "one"));
        driver.sync();
        assertEquals(Optional.of("blue"), color("web"));
        assertEquals(Manifest.State.CONFLICT, driver.state("a.yaml"));
        assertEquals(
                "the ConfigMap default/web already belongs to " + driver.directory.resolve("b.yaml")
                        + ", which keeps it; remove one of the two files, or rename the object in one of them",
                manifest("a.yaml").problems().getFirst().message());
        assertEquals(Map.of("web", "one"), driver.images(), "a pod of that name is something else");
        driver.restart();
        driver.sync();
        assertEquals(Optional.of("blue"), color("web"));
        Files.delete(driver.directory.resolve("b.yaml"));
        driver.sync();
        assertEquals(Optional.of("green"), color("web"));
    }

    @Test
    void rejectsDuplicateNameInFile() throws IOException {
        driver.write("a.yaml", map("web", "blue") + "---\n" + map("web", "green"));
        driver.sync();
        assertEquals(Optional.empty(), color("web"));
        assertEquals(
                "the ConfigMap default/web is already in this file, at line 3; rename or remove one of the two",
                manifest("a.yaml").problems().getFirst().message());
    }

    @Test
    void immutableObjectStaysUntilFileIsRemoved() throws IOException {
        driver.write("a.yaml", map("web", "blue") + "immutable: true\n");
        driver.sync();
        driver.write("a.yaml", map("web", "green") + "immutable: true\n");
        driver.sync();
        assertEquals(Optional.of("blue"), color("web"));
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        driver.restart();
        driver.sync();
        assertEquals(Optional.of("blue"), color("web"), "the daemon remembers");
        Files.delete(driver.directory.resolve("a.yaml"));
        driver.sync();
        driver.write("a.yaml", map("web", "green"));
        driver.sync();
        assertEquals(Optional.of("green"), color("web"));
    }

    @Test
    void snapshotTextOmitsSecretData() throws IOException {
        writeSecret("s.yaml", secret("db", "hunter2"));
        driver.sync();
        assertEquals(Optional.of("hunter2"), password("db"));
        assertFalse(driver.current.toString().contains("hunter2"), driver.current.toString());
    }
}
