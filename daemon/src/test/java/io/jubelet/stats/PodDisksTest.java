/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.reconcile.PodView;
import io.jubelet.status.PodReport;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodDisksTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    private Path dir;

    private Instant now = START;
    private PodDirectories directories;
    private PodDisks disks;

    @BeforeEach
    void open() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        disks = new PodDisks(directories, NodeClock.neverSet(() -> now));
    }

    private static Pod pod(int volumes) {
        List<Volume> all = new ArrayList<>();
        for (int i = 0; i < volumes; i++) {
            all.add(new Volume.EmptyDir("v" + i, Volume.Medium.DISK, Optional.empty()));
        }
        return Pods.pod(all, Pods.shell("app", "true"));
    }

    private Path volume(Pod pod, String name) throws IOException {
        return Files.createDirectories(directories.podDirectory(pod.uid()).volume(PodDirectory.EMPTY_DIR, name));
    }

    private static List<PodReport> reports(Pod pod) {
        return List.of(PodReport.first(new PodView(
                new PodVersions(Optional.of(pod), Optional.empty()),
                ObservedPod.none(pod.name()),
                PodPlan.nothing(new PodLifecycle.Syncing()),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                START)));
    }

    @Test
    void measuresVolumesAndLogs() throws Exception {
        Pod pod = pod(1);
        Files.write(volume(pod, "v0").resolve("file"), new byte[1 << 20]);
        Path logs = Files.createDirectories(directories.logDirectory(pod).resolve("app"));
        Files.write(logs.resolve("0.log"), new byte[1 << 16]);

        disks.measure(reports(pod));

        Summary.Volume volume = disks.volumes(pod).getFirst();
        assertEquals("v0", volume.name());
        assertTrue(volume.usage().used().orElseThrow() >= 1 << 20, volume::toString);
        assertTrue(volume.usage().used().orElseThrow() < (1 << 20) + (1 << 16), volume::toString);
        assertEquals(OptionalLong.of(2), volume.usage().usedInodes());
        assertTrue(volume.usage().size().capacity().orElseThrow() > 1 << 20, volume::toString);
        assertTrue(disks.logs(pod.uid(), "app").orElseThrow().used().orElseThrow() >= 1 << 16);
        assertEquals(Optional.empty(), disks.logs(pod.uid(), "other"));
    }

    @Test
    void measuresAtMostOnceAMinute() throws Exception {
        Pod pod = pod(1);
        Path directory = volume(pod, "v0");
        disks.measure(reports(pod));
        Files.write(directory.resolve("file"), new byte[1 << 20]);

        now = now.plus(PodDisks.MAX_AGE).minusMillis(1);
        disks.measure(reports(pod));
        assertEquals(OptionalLong.of(1), disks.volumes(pod).getFirst().usage().usedInodes());

        now = now.plusMillis(1);
        disks.measure(reports(pod));
        assertEquals(OptionalLong.of(2), disks.volumes(pod).getFirst().usage().usedInodes());
    }

    @Test
    void measuresMoreDirectoriesThanAreOpenAtOnce() throws Exception {
        Pod first = pod(PodDisks.BATCH + 1);
        for (int i = 0; i <= PodDisks.BATCH; i++) {
            Path _ = volume(first, "v" + i);
        }

        disks.measure(reports(first));

        assertEquals(PodDisks.BATCH + 1, disks.volumes(first).size());
    }

    @Test
    void linkInTheWayOfAVolumeIsNotFollowed() throws Exception {
        Pod pod = pod(1);
        Path directory = volume(pod, "v0");
        Files.delete(directory);
        Files.createSymbolicLink(directory, dir);

        disks.measure(reports(pod));

        assertEquals(List.of(), disks.volumes(pod));
    }

    @Test
    void memoryAndSecretsAreNoEphemeralStorage() {
        assertTrue(PodDisks.isOnDisk(new Volume.EmptyDir("v", Volume.Medium.DISK, Optional.empty())));
        assertFalse(PodDisks.isOnDisk(new Volume.EmptyDir("v", Volume.Medium.MEMORY, Optional.empty())));
        assertTrue(PodDisks.isOnDisk(new Volume.Projected("v", Volume.Form.CONFIG_MAP, List.of(), 0644)));
        assertFalse(PodDisks.isOnDisk(new Volume.Projected("v", Volume.Form.SECRET, List.of(), 0600)));
    }
}
