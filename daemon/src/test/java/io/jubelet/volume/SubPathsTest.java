/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.Mounts;
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
        assertEquals("subPath \"/etc\" must not be an absolute path", failure("/etc", ""));
        assertEquals("subPath \"/\" must not be an absolute path", failure("", "$(ROOT)"));
        assertEquals("subPath \"a/../b\" must not contain \"..\"", failure("a/../b", ""));
        assertEquals("subPath \"..\" must not contain \"..\"", failure("", "$(UP)"));
    }

    @Test
    void rejectsLinksThatLeadOutOfTheVolume() throws IOException {
        Path volume = Files.createDirectory(dir.resolve("volume"));
        Files.createSymbolicLink(volume.resolve("link"), Path.of("/etc"));
        IOException failure = assertThrows(
                IOException.class, () -> SubPaths.bind(volume, "link", dir.resolve("place"), mount("link", ""), "app"));
        assertEquals(
                "failed to prepare subPath \"link\" for volumeMount \"v\" of container \"app\": the symbolic link"
                        + " \"link\" leads out of the volume, to /etc",
                failure.getMessage());
        assertTrue(Files.notExists(dir.resolve("place")));
    }

    @Test
    @Tag("root")
    void bindsAPartOfTheVolume() throws Exception {
        RootUser.require("mounting");
        Path volume = Files.createDirectories(dir.toRealPath().resolve("volume"));
        Path place = dir.toRealPath().resolve("places/0");
        assertEquals(place, SubPaths.bind(volume, "sub/dir", place, mount("sub/dir", ""), "app"));
        Mounts mounts = new Mounts();
        try {
            Files.writeString(volume.resolve("sub/dir/file"), "content");
            assertEquals("content", Files.readString(place.resolve("file")));
        } finally {
            mounts.unmount(place);
        }
    }
}
