/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.plan.Eviction;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyDirLimitsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path dir;

    private PodDirectories directories;
    private final CountDownLatch woken = new CountDownLatch(1);

    @BeforeEach
    void make() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
    }

    private static Pod pod(String limit) {
        return Pods.pod(
                List.of(new Volume.EmptyDir("v", Volume.Medium.DISK, Optional.of(Quantity.parse(limit)))),
                Pods.shell("app", "true"));
    }

    private EmptyDirLimits limits() {
        return new EmptyDirLimits(
                directories, dir.resolve("evicted"), _ -> woken.countDown(), NodeClock.neverSet(() -> NOW));
    }

    /** Half a mebibyte on disk, and a sparse file of one gibibyte. */
    private void fill(String uid) throws IOException {
        Path volume = Files.createDirectories(directories.podDirectory(uid).volume(PodDirectory.EMPTY_DIR, "v"));
        Files.write(volume.resolve("file"), new byte[1 << 19]);
        try (RandomAccessFile sparse =
                new RandomAccessFile(volume.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(1L << 30);
        }
        Files.createSymbolicLink(volume.resolve("link"), Path.of("/usr"));
    }

    @Test
    void reportsExceededLimitsAndWhenThePodMayStartAgain() throws Exception {
        Pod pod = pod("256Ki");
        fill(pod.uid());
        try (EmptyDirLimits limits = limits()) {
            limits.watch(pod);
            assertTrue(woken.await(60, TimeUnit.SECONDS));
            String message = "Usage of EmptyDir volume \"v\" exceeds the limit \"256Ki\". ";
            assertEquals(Optional.of(new Eviction(message, Optional.empty())), limits.of(pod.uid()));
            limits.emptied(pod.uid());
            assertEquals(
                    Optional.of(new Eviction(message, Optional.of(NOW.plus(Duration.ofSeconds(10))))),
                    limits.of(pod.uid()));
        }
    }

    @Test
    void aBackoffOutlivesTheDaemon() throws Exception {
        Pod pod = pod("256Ki");
        fill(pod.uid());
        Optional<Eviction> exceeded;
        Optional<Eviction> waiting;
        try (EmptyDirLimits limits = limits()) {
            limits.watch(pod);
            assertTrue(woken.await(60, TimeUnit.SECONDS));
            exceeded = limits.of(pod.uid());
            try (EmptyDirLimits after = limits()) {
                assertEquals(exceeded, after.of(pod.uid()), "its volumes are still to be emptied");
                after.emptied(pod.uid());
                waiting = after.of(pod.uid());
            }
        }
        assertTrue(waiting.orElseThrow().until().isPresent());
        try (EmptyDirLimits limits = limits()) {
            assertEquals(waiting, limits.of(pod.uid()));
        }
        Files.writeString(dir.resolve("evicted").resolve("x"), "1\n\nno such pod\n");
        Files.writeString(dir.resolve("evicted").resolve(pod.uid()), "half of");
        try (EmptyDirLimits limits = limits();
                var left = Files.list(dir.resolve("evicted"))) {
            assertEquals(Optional.empty(), limits.of(pod.uid()));
            assertEquals(0, left.count());
        }
    }

    @Test
    void measuresDiskUsageWithoutFollowingLinks() throws Exception {
        fill(Pods.UID);
        Map<String, Long> usage = EmptyDirLimits.usage(directories.podDirectory(Pods.UID), List.of("v", "none"));
        assertEquals(Set.of("v"), usage.keySet());
        long bytes = usage.get("v");
        assertTrue(bytes >= 1 << 19 && bytes < 1 << 20, () -> bytes + " bytes");
    }
}
