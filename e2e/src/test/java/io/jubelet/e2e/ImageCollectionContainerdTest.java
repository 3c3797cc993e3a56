/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Image;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.images.ImageGarbageCollector;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Unused images are removed, and no others, on a containerd whose disk is over the threshold from the start. */
@OnContainerd
class ImageCollectionContainerdTest {

    private OwnContainerd containerd;
    private DaemonProcess daemon;

    @BeforeEach
    void start() throws Exception {
        containerd = new OwnContainerd(RuntimeUnderTest.all().getLast()); // the newer one tells of pins
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
        if (containerd != null) {
            containerd.close();
        }
    }

    private static Set<String> tags(CriConnection runtime) {
        Set<String> tags = new TreeSet<>();
        for (Image image : runtime.imageService().listImages()) {
            tags.addAll(image.repoTags());
        }
        return tags;
    }

    private static boolean pinned(CriConnection runtime, String tag) {
        return runtime.imageService().listImages().stream()
                .anyMatch(image -> image.pinned() && image.repoTags().contains(tag));
    }

    private static ImageGarbageCollector.DiskSpace space(Path directory) throws IOException {
        FileStore store = Files.getFileStore(directory);
        return new ImageGarbageCollector.DiskSpace(store.getTotalSpace(), store.getUsableSpace());
    }

    private String ctr(String arguments) throws IOException, InterruptedException {
        return Commands.shell(
                containerd.socket().getParent(),
                "$(cat bin-dir)/ctr -a " + containerd.socket() + " -n k8s.io " + arguments);
    }

    @Test
    void keepsUsedWantedAndPinnedImages() throws Exception {
        try (CriConnection runtime = CriConnection.open(containerd.socket().toString())) {
            daemon = new DaemonProcess(containerd.socket(), List.of()).start();
            daemon.write("used.yaml", DaemonProcess.pod("used", DaemonProcess.sleeper()));
            daemon.awaitRunning("used");
            // A container outside the CRI uses busybox:2; the other images are unused except for the wanted one.
            ctr("containers create --snapshotter $(cat snapshotter) docker.io/library/busybox:2 foreign");
            List<String> alarms = new ArrayList<>();
            ImageGarbageCollector collector = new ImageGarbageCollector(
                    runtime.imageService(),
                    runtime.runtimeService(),
                    Optional.of(runtime.containerd()),
                    () -> Set.of("busybox:user"),
                    new ImageGarbageCollector.Policy(1, 0, Duration.ofMinutes(2), Duration.ZERO),
                    ImageCollectionContainerdTest::space,
                    (reason, _) -> alarms.add(reason),
                    Instant::now);
            assertTrue(tags(runtime).contains("docker.io/library/busybox:entrypoint"));
            collector.collect();
            assertEquals(
                    Set.of(
                            "docker.io/library/busybox:1",
                            "docker.io/library/busybox:2",
                            "docker.io/library/busybox:user",
                            "registry.local/pause:1"),
                    tags(runtime));
            assertEquals(List.of("FreeDiskSpaceFailed"), alarms);

            ctr("containers rm foreign");
            ctr("images label docker.io/library/busybox:user io.cri-containerd.pinned=pinned");
            daemon.remove("used.yaml");
            daemon.awaitGone("used");
            // containerd 1.6 tells of none.
            boolean pins = !runtime.runtimeService().version().runtimeVersion().matches("v?1\\.[0-6]\\..*");
            daemon.await("the pin to be told", () -> !pins || pinned(runtime, "docker.io/library/busybox:user"));
            new ImageGarbageCollector(
                            runtime.imageService(),
                            runtime.runtimeService(),
                            Optional.of(runtime.containerd()),
                            Set::of,
                            new ImageGarbageCollector.Policy(1, 0, Duration.ofMinutes(2), Duration.ZERO),
                            ImageCollectionContainerdTest::space,
                            (reason, _) -> alarms.add(reason),
                            Instant::now)
                    .collect();
            Set<String> left = tags(runtime);
            assertTrue(left.contains("registry.local/pause:1"), left::toString);
            assertFalse(left.contains("docker.io/library/busybox:2"), left::toString);
            assertTrue(!pins || left.contains("docker.io/library/busybox:user"), left::toString);
        }
    }

    @Test
    void theDaemonCollectsByItself() throws Exception {
        try (CriConnection runtime = CriConnection.open(containerd.socket().toString())) {
            daemon = new DaemonProcess(
                            containerd.socket(), List.of("--image-gc-high-threshold=1", "--image-gc-low-threshold=0"))
                    .start();
            daemon.write("used.yaml", DaemonProcess.pod("used", DaemonProcess.sleeper()));
            daemon.awaitRunning("used");
            daemon.await(
                    "the collection",
                    Duration.ofSeconds(180),
                    () -> tags(runtime).equals(Set.of("docker.io/library/busybox:1", "registry.local/pause:1")));
            assertEquals(1, daemon.running("used").size());
            daemon.await("the event", () -> daemon.cliQuietly("get", "events").contains("node/" + daemon.node));
            assertTrue(daemon.cli("get", "events").contains("FreeDiskSpaceFailed"), daemon.log());
        }
    }
}
