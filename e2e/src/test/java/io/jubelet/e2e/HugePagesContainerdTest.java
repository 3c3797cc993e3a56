/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** EmptyDirs of huge pages: of real ones where this machine lets some be set aside. */
@OnContainerd
class HugePagesContainerdTest {

    private static final Path PAGES = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    private static final int PAGE = 2 << 20;
    /** What each pod here requests; of the pages that are asked for, the machine may give less. */
    private static final int PAGES_OF_POD = 2;

    private DaemonProcess daemon;
    private long before;

    @BeforeEach
    void setPagesAside() throws IOException {
        if (Files.exists(PAGES)) {
            before = number("nr_hugepages");
            if (Files.isWritable(PAGES.resolve("nr_hugepages"))) {
                Files.writeString(PAGES.resolve("nr_hugepages"), Long.toString(before + 4));
            }
        }
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
        if (Files.isWritable(PAGES.resolve("nr_hugepages"))) {
            Files.writeString(PAGES.resolve("nr_hugepages"), Long.toString(before));
        }
    }

    private static long number(String file) {
        try {
            return Files.exists(PAGES)
                    ? Long.parseLong(Files.readString(PAGES.resolve(file)).strip())
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pod(String name, String medium, String limit) {
        return DaemonProcess.pod(name, sleeper(), "  volumes: [{name: v, emptyDir: {medium: " + medium + limit + "}}]")
                + """
                    volumeMounts: [{name: v, mountPath: /v}]
                    resources: {limits: {memory: 64Mi, hugepages-2Mi: 4Mi}}
                """;
    }

    private Path volume(Container container) {
        return daemon.rootDir
                .resolve("pods")
                .resolve(container.labels().get("io.kubernetes.pod.uid"))
                .resolve("volumes/kubernetes.io~empty-dir/v");
    }

    private String output(Container container, String... command) {
        return daemon.runtime()
                .execSync(container.id(), List.of(command), DaemonProcess.SOON)
                .stdoutText();
    }

    /** Maps the first pages of a file for a moment, for a mapping keeps its volume busy, and writes to each of them. */
    private static void fill(Path file, int pages) throws IOException {
        try (FileChannel channel = FileChannel.open(
                        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                Arena arena = Arena.ofConfined()) {
            MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, (long) pages * PAGE, arena);
            for (int i = 0; i < pages; i++) {
                mapped.set(ValueLayout.JAVA_BYTE, (long) i * PAGE, (byte) 'x');
            }
        }
    }

    @Test
    void anEmptyDirIsMadeOfHugePagesAndGivesThemBack() throws Exception {
        daemon = new DaemonProcess().start();
        daemon.write("huge.yaml", pod("huge", "HugePages", ""));
        if (number("nr_hugepages") < PAGES_OF_POD) {
            daemon.await(
                    "the refusal",
                    () -> daemon.cliQuietly("describe", "pod", "huge").contains("OutOfhugepages-2Mi"));
            return;
        }
        Container container = daemon.awaitRunning("huge");
        String mounts = output(container, "cat", "/proc/mounts");
        assertTrue(
                mounts.lines().anyMatch(line -> line.contains(" /v hugetlbfs ") && line.contains("pagesize=2M")),
                mounts);
        assertEquals("777", output(container, "stat", "-c", "%a", "/v").strip());
        long free = number("free_hugepages");
        fill(volume(container).resolve("file"), 2);
        assertEquals(free - 2, number("free_hugepages"));
        assertEquals("x", output(container, "head", "-c", "1", "/v/file"));

        // It stays through the ends of container and daemon, and is not mounted twice.
        daemon.stop();
        daemon.start();
        daemon.crash(container);
        Container second = daemon.awaitReplaced("huge", container);
        assertEquals("x", output(second, "head", "-c", "1", "/v/file"));
        assertEquals(
                1,
                Files.readString(Path.of("/proc/self/mountinfo"))
                        .lines()
                        .filter(line -> line.contains(volume(container).toString()))
                        .count());

        daemon.remove("huge.yaml");
        daemon.awaitGone("huge");
        daemon.await("no mount", () -> Files.notExists(volume(container)));
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(daemon.rootDir.toString()));
        // A process of another container may still have the mount, which it got when it was started.
        daemon.await("the pages to be free again", () -> number("free_hugepages") == free);
    }

    @Test
    void sizeLimitHoldsAndUnrequestedPageSizeIsRejected() throws Exception {
        daemon = new DaemonProcess().start();
        daemon.write("other.yaml", pod("other", "HugePages-1Gi", ""));
        daemon.await(
                "the refusal",
                () -> daemon.cliQuietly("get", "manifests", "-o", "wide")
                        .contains(
                                "medium HugePages-1Gi: huge pages storage requested, but there is no resource request"));
        daemon.write("huge.yaml", pod("huge", "HugePages-2Mi", ", sizeLimit: 2Mi"));
        if (number("nr_hugepages") < PAGES_OF_POD) {
            daemon.await(
                    "the refusal",
                    () -> daemon.cliQuietly("describe", "pod", "huge").contains("OutOfhugepages-2Mi"));
            return;
        }
        Container container = daemon.awaitRunning("huge");
        fill(volume(container).resolve("one"), 1);
        assertThrows(
                IOException.class,
                () -> fill(volume(container).resolve("two"), 1),
                () -> output(container, "df", "/v"));
    }
}
