/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafePath;
import io.jubelet.pod.VolumeMount;
import io.jubelet.testing.RootUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubPathsTest {

    @TempDir
    private Path dir;

    private static VolumeMount mount(String subPath, String subPathExpr) {
        return new VolumeMount(
                "v",
                "/v",
                false,
                VolumeMount.RecursiveReadOnly.Disabled,
                VolumeMount.Propagation.None,
                subPath,
                subPathExpr);
    }

    private static String resolve(String subPath, String subPathExpr) throws IOException {
        return SubPaths.of(mount(subPath, subPathExpr), Map.of("POD", "web", "UP", "..", "ROOT", "/"));
    }

    private static boolean bind(Path volume, String subPath, Path places) throws Exception {
        try (SafeDirectory opened = SafeDirectory.open(places)) {
            return new SubPaths.Part(volume, subPath, mount(subPath, ""))
                    .bind(volume, opened, "0", "app", SafePath.Missing.CREATE);
        }
    }

    private static String failure(String subPath, String subPathExpr) {
        return assertThrows(IOException.class, () -> resolve(subPath, subPathExpr))
                .getMessage();
    }

    @Test
    void expandsOnlyExpressions() throws IOException {
        assertEquals("", resolve("", ""));
        assertEquals("logs/$(POD)", resolve("logs/$(POD)", ""));
        assertEquals("logs/web", resolve("", "logs/$(POD)"));
        assertEquals("missing value for \"NONE\"", failure("", "logs/$(NONE)"));
    }

    @Test
    void rejectsPathsThatLeadOutOfTheVolume() {
        assertEquals("error SubPath `/etc` must not be an absolute path", failure("/etc", ""));
        assertEquals("error SubPath `/` must not be an absolute path", failure("", "$(ROOT)"));
        assertEquals("unable to provision SubPath `a/../b`: must not contain '..'", failure("a/../b", ""));
        assertEquals("unable to provision SubPath `..`: must not contain '..'", failure("", "$(UP)"));
    }

    @Test
    void rejectsLinksThatLeadOutOfTheVolume() throws IOException {
        Path volume = Files.createDirectory(dir.resolve("volume"));
        Files.createSymbolicLink(volume.resolve("link"), Path.of("/etc"));
        IOException failure = assertThrows(IOException.class, () -> bind(volume, "link", dir));
        assertEquals(
                "failed to prepare subPath for volumeMount \"v\" of container \"app\": subPath \"link\": the symbolic link"
                        + " \"link\" leads out of the volume, to /etc",
                failure.getMessage());
        assertTrue(Files.notExists(dir.resolve("0")));
    }

    @Test
    @Tag("root")
    void waitsForAFileThatWasThereBefore() throws Exception {
        RootUser.require("mounting");
        Path volume = Files.createDirectories(dir.toRealPath().resolve("volume"));
        Path places = Files.createDirectories(dir.toRealPath().resolve("places"));
        Path place = places.resolve("0");
        Path file = Files.writeString(volume.resolve("config"), "one");
        Mounts mounts = new Mounts();
        try {
            bind(volume, "config", places);
            Files.delete(file);
            IOException failure = assertThrows(IOException.class, () -> bind(volume, "config", places));
            assertEquals(
                    "failed to prepare subPath for volumeMount \"v\" of container \"app\": subPath \"config\": " + file
                            + " was a file and does not exist any more",
                    failure.getMessage());
            assertTrue(Files.notExists(file));
            Files.writeString(file, "two");
            assertFalse(bind(volume, "config", places));
            assertEquals("two", Files.readString(place));
        } finally {
            mounts.unmount(places, Path.of("0"));
        }
    }

    @Test
    @Tag("root")
    void bindsAPartOfTheVolume() throws Exception {
        RootUser.require("mounting");
        Path volume = Files.createDirectories(dir.toRealPath().resolve("volume"));
        Path places = Files.createDirectories(dir.toRealPath().resolve("places"));
        Path place = places.resolve("0");
        assertTrue(bind(volume, "sub/dir", places));
        assertFalse(bind(volume, "sub/dir", places));
        Mounts mounts = new Mounts();
        try {
            Files.writeString(volume.resolve("sub/dir/file"), "content");
            assertEquals("content", Files.readString(place.resolve("file")));
        } finally {
            mounts.unmount(places, Path.of("0"));
        }
    }
}
