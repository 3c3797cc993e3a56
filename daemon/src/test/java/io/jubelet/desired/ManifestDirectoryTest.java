/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.events.EventRecorder;
import io.jubelet.manifest.PodTexts;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.testing.Eventually;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With real time, the real file watcher and the real thread. */
@Timeout(120)
class ManifestDirectoryTest {

    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir
    private Path root;

    /** The images of the pods when the listener was called last. */
    private volatile Map<String, String> notified = Map.of();

    private Path directory;
    private ManifestDirectory manifests;

    @BeforeEach
    void makeDirectory() throws IOException {
        directory = Files.createDirectories(root.resolve("parent/manifests"));
    }

    @AfterEach
    void stop() {
        if (manifests != null) {
            manifests.close();
        }
    }

    private void start(Duration rescan, boolean watches) throws InterruptedException {
        manifests = new ManifestDirectory(
                new ManifestSource(directory, NodeNames.of("node1"), true, ManifestNames.YAML, rescan),
                root.resolve("store"),
                new ManifestBudget(
                        ManifestBudget.DEFAULT_BYTES,
                        UnfinishedWork.open(root.resolve("unfinished"), InstantSource.system())),
                InstantSource.system(),
                new EventRecorder(InstantSource.system(), () -> {}),
                () -> notified = images(),
                watches);
        manifests.start();
    }

    private Map<String, String> images() {
        Map<String, String> images = new TreeMap<>();
        for (Pod pod : manifests.current().pods().values()) {
            images.put(pod.name().name(), pod.spec().containers().getFirst().image());
        }
        return images;
    }

    private void awaitPods(Predicate<Map<String, String>> expected) {
        Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .details(() -> manifests.current().toString())
                .until("the pods", () -> notified, expected);
    }

    private void awaitPods(Map<String, String> expected) {
        awaitPods(expected::equals);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    @Test
    void startReadsWholeDirectory() throws Exception {
        write("a.yaml", PodTexts.pod("a", "one"));
        start(NEVER, true);
        assertEquals(Map.of("a", "one"), images());
    }

    @Test
    void eventsBringChangesAtOnce() throws Exception {
        start(NEVER, true);
        write("a.yaml", PodTexts.pod("a", "one"));
        awaitPods(Map.of("a", "one"));
        write("a.yaml", PodTexts.pod("a", "two"));
        awaitPods(Map.of("a", "two"));
        Files.delete(directory.resolve("a.yaml"));
        awaitPods(Map.of());
    }

    @Test
    void rescanFindsMissedChanges() throws Exception {
        start(Duration.ofMillis(50), false);
        write("a.yaml", PodTexts.pod("a", "one"));
        awaitPods(Map.of("a", "one"));
        Files.delete(directory.resolve("a.yaml"));
        awaitPods(Map.of());
    }

    @Test
    void watchesReplacedDirectoryAgain() throws Exception {
        write("a.yaml", PodTexts.pod("a", "one"));
        start(NEVER, true);
        Path next = Files.createDirectories(root.resolve("next"));
        Files.writeString(next.resolve("a.yaml"), PodTexts.pod("a", "two"));
        Files.move(directory, root.resolve("old"));
        Files.move(next, directory);
        awaitPods(Map.of("a", "two"));
        write("b.yaml", PodTexts.pod("b", "three"));
        awaitPods(Map.of("a", "two", "b", "three"));
    }

    @Test
    void watchesForMissingDirectory() throws Exception {
        Files.delete(directory);
        Files.delete(directory.getParent());
        start(NEVER, true);
        assertEquals(
                Manifest.State.UNREADABLE,
                manifests.current().manifests().getFirst().state());
        Files.createDirectories(directory);
        write("a.yaml", PodTexts.pod("a", "one"));
        awaitPods(Map.of("a", "one"));
    }

    @Test
    void neverReadsPartOfFile() throws Exception {
        start(NEVER, true);
        String text = PodTexts.pod("a", "one") + "    args: [x, z]\n---\n" + PodTexts.pod("b", "two");
        try (FileOutputStream out =
                new FileOutputStream(directory.resolve("a.yaml").toFile())) {
            int pieces = 10;
            for (int i = 0; i < pieces; i++) {
                out.write(text.substring(i * text.length() / pieces, (i + 1) * text.length() / pieces)
                        .getBytes(StandardCharsets.UTF_8));
                // Another file that is seen shows that the first was looked at, too.
                write("probe.yaml", PodTexts.pod("probe", "p" + i));
                String image = "p" + i;
                awaitPods(images -> image.equals(images.get("probe")));
                assertEquals(1, images().size());
            }
        }
        awaitPods(images -> images.size() == 3);
    }

    @Test
    void lastValidContentIsDesiredInTheEnd() throws Exception {
        long seed = Long.getLong("jubelet.test.seed", System.nanoTime());
        System.out.println("jubelet.test.seed=" + seed);
        Random random = new Random(seed);
        start(NEVER, true);
        String valid = null;
        for (int i = 0; i < 200; i++) {
            String name = "a.yaml";
            String text = PodTexts.pod("a", "v" + i);
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    write(name, text);
                    valid = "v" + i;
                }
                case 2 -> {
                    Files.writeString(directory.resolve(".t"), text);
                    Files.move(directory.resolve(".t"), directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
                    valid = "v" + i;
                }
                case 3 -> {
                    if (valid != null) {
                        // Broken content counts as nothing only after the valid one was taken.
                        String image = valid;
                        awaitPods(images -> image.equals(images.get("a")));
                        write(name, text.substring(0, random.nextInt(text.length())) + "\n\t{");
                    }
                }
                case 4 -> {
                    Files.deleteIfExists(directory.resolve(name));
                    write(name, text);
                    valid = "v" + i;
                }
                default -> {
                    // The next write follows at once.
                }
            }
        }
        String last = "last";
        write("a.yaml", PodTexts.pod("a", last));
        awaitPods(Map.of("a", last));
    }
}
