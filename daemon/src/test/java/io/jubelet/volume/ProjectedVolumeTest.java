/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Volume;
import io.jubelet.testing.RootUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectedVolumeTest {

    @TempDir
    private Path dir;

    private final Mounts mounts = new Mounts();
    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));
    private LocalConfig config = config("1");
    private final ProjectedVolume volumes = new ProjectedVolume(mounts, () -> config, (_, _) -> "fact");

    private static LocalConfig config(String value) {
        return new LocalConfig(
                Map.of(
                        new LocalConfig.Key("default", "settings"),
                        new ConfigMap("default", "settings", false, Map.of("a", value), Map.of())),
                Map.of());
    }

    private static Volume.Projected volume(Volume.Form form) {
        ConfigRef ref = new ConfigRef(ConfigRef.Kind.ConfigMap, "settings", false);
        return new Volume.Projected("v", form, List.of(new Projection.OfConfig(ref, List.of())), 0644);
    }

    private PodDirectory podDirectory() throws IOException {
        return new PodDirectory(dir.toRealPath());
    }

    @Test
    void writesTheFilesOfAConfigMapToDisk() throws Exception {
        Path path = volumes.setUp(pod, volume(Volume.Form.CONFIG_MAP), podDirectory());
        assertEquals(podDirectory().volume("kubernetes.io/configmap", "v"), path);
        assertEquals("1", Files.readString(path.resolve("a")));
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertFalse(mounts.isMountPoint(path));
    }

    @Test
    void everyFormHasTheDirectoryOfItsPlugin() throws IOException {
        for (Map.Entry<Volume.Form, String> form : Map.of(
                        Volume.Form.CONFIG_MAP, "kubernetes.io~configmap",
                        Volume.Form.SECRET, "kubernetes.io~secret",
                        Volume.Form.DOWNWARD_API, "kubernetes.io~downward-api",
                        Volume.Form.PROJECTED, "kubernetes.io~projected")
                .entrySet()) {
            assertEquals(
                    dir.toRealPath().resolve("volumes").resolve(form.getValue()).resolve("v"),
                    ProjectedVolume.path(podDirectory(), volume(form.getKey())));
        }
    }

    @Test
    void refreshWritesWhatHasChanged() throws Exception {
        Volume.Projected volume = volume(Volume.Form.CONFIG_MAP);
        assertFalse(volumes.refresh(pod, volume, podDirectory()), "the volume is not set up");
        Path path = volumes.setUp(pod, volume, podDirectory());
        assertFalse(volumes.refresh(pod, volume, podDirectory()), "nothing has changed");
        config = config("2");
        assertTrue(volumes.refresh(pod, volume, podDirectory()));
        assertEquals("2", Files.readString(path.resolve("a")));
    }

    @Test
    void failuresAreReportedAsTheKubeletDoes() throws IOException {
        config = LocalConfig.NONE;
        PodDirectory podDirectory = podDirectory();
        IOException missing =
                assertThrows(IOException.class, () -> volumes.setUp(pod, volume(Volume.Form.CONFIG_MAP), podDirectory));
        String expected = "MountVolume.SetUp failed for volume \"v\" : configmap \"settings\" not found: ";
        assertTrue(missing.getMessage().startsWith(expected), missing.getMessage());
        config = config("1");
        Files.createFile(dir.resolve("volumes"));
        IOException inTheWay =
                assertThrows(IOException.class, () -> volumes.setUp(pod, volume(Volume.Form.CONFIG_MAP), podDirectory));
        assertEquals(
                "MountVolume.SetUp failed for volume \"v\" : " + dir.resolve("volumes") + " is not a directory",
                inTheWay.getMessage());
    }

    @Test
    @Tag("root")
    void writesOtherFormsToMemory() throws Exception {
        RootUser.require("mounting");
        Path path = volumes.setUp(pod, volume(Volume.Form.PROJECTED), podDirectory());
        try {
            assertTrue(mounts.isMountPoint(path));
            assertEquals("1", Files.readString(path.resolve("a")));
            volumes.setUp(pod, volume(Volume.Form.PROJECTED), podDirectory());
            assertEquals(List.of(path), mounts.within(path), "it is mounted once");
        } finally {
            mounts.unmount(dir.toRealPath(), dir.toRealPath().relativize(path));
        }
    }
}
