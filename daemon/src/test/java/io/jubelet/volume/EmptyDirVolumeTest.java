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
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.testing.RootUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyDirVolumeTest {

    private static final long MIB = 1 << 20;

    @TempDir
    private Path dir;

    private final Mounts mounts = new Mounts();
    private final PodSpec pod = Pods.pod(List.of(), Pods.shell("app", "true")).spec();

    private EmptyDirVolume volumes(long memoryOfPod) {
        return new EmptyDirVolume(mounts, _ -> memoryOfPod);
    }

    private PodDirectory podDirectory() throws IOException {
        return new PodDirectory(dir.toRealPath());
    }

    private static Volume.EmptyDir volume(Volume.Medium medium, String limit) {
        return new Volume.EmptyDir(
                "v", medium, Optional.of(limit).filter(text -> !text.isEmpty()).map(Quantity::parse));
    }

    @Test
    void onDiskItIsADirectoryThatEverybodyCanWriteTo() throws Exception {
        Path path = volumes(0).setUp(pod, volume(Volume.Medium.DISK, ""), podDirectory());
        assertEquals(dir.toRealPath().resolve("volumes/kubernetes.io~empty-dir/v"), path);
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertFalse(mounts.isMountPoint(path));
    }

    @Test
    void aCompleteVolumeIsLeftAsItIs() throws Exception {
        Volume.EmptyDir volume = volume(Volume.Medium.DISK, "");
        Path path = volumes(0).setUp(pod, volume, podDirectory());
        Files.writeString(path.resolve("file"), "content");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        volumes(0).setUp(pod, volume, podDirectory());
        assertEquals("content", Files.readString(path.resolve("file")));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void anIncompleteVolumeIsSetUpAgain() throws Exception {
        Volume.EmptyDir volume = volume(Volume.Medium.DISK, "");
        Path path = Files.createDirectories(EmptyDirVolume.path(podDirectory(), volume));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        volumes(0).setUp(pod, volume, podDirectory());
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void hugePagesNeedARequestForThem() {
        Volume.EmptyDir volume = volume(new Volume.Medium.HugePages(Optional.empty()), "");
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> volumes(0).setUp(pod, volume, podDirectory()));
        assertTrue(failure.getMessage().startsWith("medium HugePages: "), failure.getMessage());
    }

    @Test
    @Tag("root")
    void inMemoryItsSizeIsTheSmallerOfItsLimitAndThatOfThePod() throws Exception {
        RootUser.require("mounting");
        assertEquals(MIB, size("1Mi", 2 * MIB));
        assertEquals(MIB, size("2Mi", MIB));
        assertEquals(MIB, size("", MIB));
        assertEquals(MIB, size("1Mi", 0));
    }

    private long size(String limit, long memoryOfPod) throws Exception {
        Volume.EmptyDir volume = volume(Volume.Medium.MEMORY, limit);
        Path path = volumes(memoryOfPod).setUp(pod, volume, podDirectory());
        try {
            volumes(memoryOfPod).setUp(pod, volume, podDirectory());
            assertEquals(List.of(path), mounts.within(path), "it is mounted once");
            return Files.getFileStore(path).getTotalSpace();
        } finally {
            mounts.unmount(dir.toRealPath(), dir.toRealPath().relativize(path));
        }
    }
}
