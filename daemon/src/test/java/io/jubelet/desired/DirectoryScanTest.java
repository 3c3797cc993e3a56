/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.manifest.PodTexts;
import io.jubelet.node.OpenWriters;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a turn makes of the files it finds and of those that change. */
class DirectoryScanTest extends ReadDirectory {

    @Test
    void addsChangesAndRemovesPods() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.take();
        assertEquals(Map.of("a", "two"), driver.images());
        Files.delete(driver.directory.resolve("a.yaml"));
        driver.take();
        assertEquals(Map.of("a", "two"), driver.images(), "a file that vanished may come back at once");
        driver.pass(Duration.ofMillis(50));
        assertEquals(Map.of(), driver.images());
        assertEquals(1, driver.current.manifests().size());
        assertEquals(Manifest.State.EMPTY, driver.state(driver.directory.toString()));
    }

    @Test
    void anUnchangedDirectoryIsTheSameSnapshot() throws IOException {
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.write("b.txt", "x");
        DesiredPods allRead = driver.sync();
        assertSame(allRead, driver.pass(Duration.ofMinutes(5)));
        assertEquals(driver.now.plus(ScanDriver.RESCAN), driver.turn.nextScanAt());
    }

    @Test
    void readsSeveralDocumentsAndJson() throws IOException {
        driver.write("a.yml", PodTexts.pod("a", "one") + "---\n" + PodTexts.pod("b", "two"));
        driver.write(
                "c.json",
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"c\"},\"spec\":{\"containers\":[{\"name\":\"x\",\"image\":\"three\"}]}}");
        driver.take();
        assertEquals(Map.of("a", "one", "b", "two", "c", "three"), driver.images());
    }

    @Test
    void ignoresOtherFilesWithReason() throws Exception {
        Map<String, String> names = Map.of(
                ".hidden.yaml", "begins with a dot",
                "a.yaml~", "backup",
                "a.yaml.bak", "backup",
                ".a.yaml.swp", "begins with a dot",
                "#a.yaml#", "editor's temporary",
                "4913", "editor's temporary",
                "notes.txt", "does not end in");
        for (String name : names.keySet()) {
            driver.write(name, PodTexts.pod("a", "one"));
        }
        Files.createDirectory(driver.directory.resolve("conf.d"));
        Files.createDirectory(driver.directory.resolve("dir.yaml"));
        Files.createSymbolicLink(driver.directory.resolve("loop.yaml"), Path.of("loop.yaml"));
        Files.createSymbolicLink(driver.directory.resolve("dangling.yaml"), Path.of("nothing"));
        Files.createSymbolicLink(driver.directory.resolve("device.yaml"), Path.of("/dev/zero"));
        assertEquals(
                0,
                new ProcessBuilder(
                                "mkfifo", driver.directory.resolve("fifo.yaml").toString())
                        .start()
                        .waitFor());
        Path socket = driver.directory.resolve("socket.yaml");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            driver.sync();
        }
        assertEquals(Map.of(), driver.images());
        names.forEach((name, why) -> assertTrue(driver.why(name).contains(why), () -> name + ": " + driver.why(name)));
        Map.of(
                        "conf.d", "is a directory",
                        "dir.yaml", "is a directory",
                        "loop.yaml", "leads to itself",
                        "dangling.yaml", "link to nothing",
                        "device.yaml", "is a device",
                        "fifo.yaml", "is a FIFO",
                        "socket.yaml", "is a socket")
                .forEach((name, why) -> {
                    assertEquals(Manifest.State.IGNORED, driver.state(name), name);
                    assertTrue(driver.why(name).contains(why), () -> name + ": " + driver.why(name));
                });
    }

    /** Its author wants it to run, so its state is not that of a file that is no manifest. */
    @Test
    void refusesTooLargeManifestAndIgnoresOtherLargeFile() throws IOException {
        String large = "#".repeat(Documents.MAX_SIZE + 1);
        driver.write("large.yaml", large);
        driver.write("large.dump", large);
        driver.sync();
        assertEquals(Manifest.State.REFUSED, driver.state("large.yaml"));
        assertTrue(driver.why("large.yaml").contains("larger than 3 MiB"), driver.why("large.yaml"));
        assertEquals(Manifest.State.IGNORED, driver.state("large.dump"));
    }

    @Test
    void refusesUnreadableFileUntilReadable() throws IOException {
        // Stands for any file that is there and cannot be read, also by root.
        Path file = Files.createSymbolicLink(driver.directory.resolve("a.yaml"), Path.of("/proc/self/mem"));
        driver.sync();
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        assertTrue(driver.why("a.yaml").contains("cannot be read"), driver.why("a.yaml"));
        Files.delete(file);
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void fileReplacedByOtherTypeKeepsPods() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        Files.delete(file);
        Files.createDirectory(file);
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        assertTrue(driver.why("a.yaml").contains("is a directory"));
    }

    @Test
    void readsFileWhenWriterIsDone() throws IOException {
        Path file = driver.directory.resolve("a.yaml");
        byte[] text = (PodTexts.pod("a", "one") + "    args: [x, z]\n").getBytes(StandardCharsets.UTF_8);
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            for (int written = 0; written < text.length; written++) {
                out.write(text[written]);
                driver.pass(MILLI);
                assertEquals(Map.of(), driver.images());
            }
            driver.pass(Duration.ofMillis(60));
            assertEquals(Manifest.State.BEING_WRITTEN, driver.state("a.yaml"));
            assertTrue(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(51)), "looks again soon");
            driver.pass(Duration.ofSeconds(5));
            assertFalse(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(1)), "but not without a pause");
        }
        driver.pass(Duration.ofMillis(250));
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void withoutLeasesReadsFileAfterQuietPeriod() throws IOException {
        driver.writers = new OpenWriters(false);
        driver.restart();
        for (int i = 0; i < 10; i++) {
            driver.write("a.yaml", PodTexts.pod("a", "one" + i));
            driver.pass(Duration.ofMillis(60));
            assertEquals(Map.of(), driver.images());
        }
        driver.pass(Duration.ofMillis(60));
        assertEquals(Map.of("a", "one9"), driver.images());
        driver.sync();
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.pass(Duration.ofMillis(110));
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void lastGoodContentStaysWhileFileIsWritten() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        try (FileOutputStream out = new FileOutputStream(file.toFile())) {
            driver.sync();
            assertEquals(Map.of("a", "one"), driver.images());
            out.write(PodTexts.pod("a", "two").getBytes(StandardCharsets.UTF_8));
            driver.sync();
            assertEquals(Map.of("a", "one"), driver.images());
        }
        driver.sync();
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void writerWithoutChangeKeepsState() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        try (FileOutputStream _ = new FileOutputStream(file.toFile(), true)) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
            driver.sync();
            assertEquals(Manifest.State.BEING_WRITTEN, driver.state("a.yaml"));
        }
        driver.sync();
        assertEquals(Manifest.State.ACCEPTED, driver.state("a.yaml"));
    }

    @Test
    void waitsForEmptyFileToBeFilled() throws IOException {
        driver.write("a.yaml", "");
        driver.pass(Duration.ofMillis(30));
        assertEquals(List.of(), driver.current.manifests());
        driver.pass(Duration.ofMillis(30));
        assertEquals(Manifest.State.REFUSED, driver.state("a.yaml"));
        assertTrue(driver.why("a.yaml").contains("is empty"));
        driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images());
    }

    @Test
    void recreatedFileIsChange() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        Files.delete(file);
        driver.pass(Duration.ofMillis(40));
        assertEquals(Map.of("a", "one"), driver.images());
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.take();
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void renamedManifestKeepsPod() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        String uid = driver.sync().pods().values().iterator().next().uid();
        Files.move(file, driver.directory.resolve("b.yaml"));
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.ACCEPTED, driver.state("b.yaml"));
        driver.sync();
        assertEquals(uid, driver.current.pods().values().iterator().next().uid());
        assertEquals(1, driver.current.manifests().size());
    }

    @Test
    void waitsLongerForFileMovedToBackup() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        Files.move(file, driver.directory.resolve("a.yaml~"));
        driver.pass(Duration.ofMillis(900));
        assertEquals(Map.of("a", "one"), driver.images());
        driver.write("a.yaml", PodTexts.pod("a", "two"));
        driver.take();
        assertEquals(Map.of("a", "two"), driver.images());
        Files.delete(file);
        Files.delete(driver.directory.resolve("a.yaml~"));
        driver.pass(Duration.ofMillis(60));
        assertEquals(Map.of(), driver.images());
    }

    @Test
    void noticesSwappedLinkWithinASecond() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Path one = Files.writeString(elsewhere.resolve("one"), PodTexts.pod("a", "one"));
        Path two = Files.writeString(elsewhere.resolve("two"), PodTexts.pod("a", "two"));
        Path data = Files.createSymbolicLink(elsewhere.resolve("..data"), one);
        Files.createSymbolicLink(driver.directory.resolve("a.yaml"), data);
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        Path next = Files.createSymbolicLink(elsewhere.resolve("next"), two);
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE);
        assertTrue(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(1001)));
        driver.pass(Duration.ofMillis(1001));
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void missingDirectoryIsReportedAndKeepsPods() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.sync();
        Files.delete(file);
        Files.delete(driver.directory);
        driver.pass(Duration.ofMinutes(1));
        assertEquals(Map.of("a", "one"), driver.images());
        assertEquals(Manifest.State.UNREADABLE, driver.state(driver.directory.toString()));
        assertTrue(driver.turn.nextScanAt().isBefore(driver.now.plusMillis(1001)), "looks each second");
        driver.restart();
        driver.take();
        assertEquals(Map.of("a", "one"), driver.images(), "also when the daemon starts without it");
        assertTrue(driver.turn.allRead());
        Files.createDirectory(driver.directory);
        driver.write("b.yaml", PodTexts.pod("b", "two"));
        driver.sync();
        assertEquals(Map.of("a", "one", "b", "two"), driver.images(), "more files may follow");
        driver.pass(DirectoryReplacement.WAIT_IF_EMPTY);
        assertEquals(Map.of("b", "two"), driver.images());
    }

    @Test
    void replacedSingleFileIsReportedOnceAndKeepsPods() throws IOException {
        Path file = driver.write("one", PodTexts.pod("a", "one"));
        driver.start(file);
        driver.sync();
        Files.delete(file);
        Files.createSymbolicLink(file, file);
        DesiredPods taken = driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        assertSame(taken, driver.pass(Duration.ofMinutes(1)));
        assertEquals(1, taken.manifests().size(), taken.manifests().toString());
        assertEquals(Manifest.State.UNREADABLE, driver.state(file.toString()));
        assertEquals(List.of("default/a"), driver.manifest(file.toString()).objects());
    }

    @Test
    void readsASingleFileOfAnyName() throws IOException {
        Path file = driver.write("pod.conf", PodTexts.pod("a", "one"));
        driver.write("other.yaml", PodTexts.pod("b", "two"));
        driver.start(file);
        driver.sync();
        assertEquals(Map.of("a", "one"), driver.images());
        Files.delete(file);
        driver.sync();
        assertEquals(Map.of(), driver.images());
    }

    @Test
    void noticesSecondWriteWithinClockTick() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        driver.take();
        // The same inode, size and times as the kernel could give them; only ctime betrays it here.
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, PodTexts.pod("a", "two"));
        Files.setLastModifiedTime(file, time);
        driver.pass(Duration.ofMillis(60));
        assertEquals(Map.of("a", "two"), driver.images());
    }

    @Test
    void trustsStampOnlyAfterTick() throws IOException {
        Path file = driver.write("a.yaml", PodTexts.pod("a", "one"));
        DirectoryEntry found = DirectoryEntry.statNamed(file);
        ManifestEntry entry = new ManifestEntry(file, driver.source(), driver.writers, driver.budget()) {
            @Override
            DirectoryEntry stat() {
                return found;
            }
        };
        Instant start = driver.now;
        observe(entry, found, start);
        observe(entry, found, start.plus(ManifestEntry.SETTLE));
        assertTrue(image(entry).contains("\"one\""), image(entry));
        Files.writeString(file, PodTexts.pod("a", "two"));
        Instant due = entry.nextScanAt();
        assertEquals(start.plus(ManifestEntry.STAMP_TICK), due);
        observe(entry, found, due.minusMillis(1));
        assertTrue(image(entry).contains("\"one\""), "an equal stamp is not read before the tick is over");
        observe(entry, found, due);
        assertTrue(image(entry).contains("\"two\""), image(entry));
        observe(entry, found, due.plus(ManifestEntry.SETTLE));
        observe(entry, found, due.plus(ManifestEntry.STAMP_TICK));
        assertNull(entry.nextScanAt(), "the stamp is old enough to be trusted");
    }

    private static void observe(ManifestEntry entry, DirectoryEntry found, Instant now) {
        UnparsedContent content = entry.markPresent(found, now);
        if (content != null) {
            content.take();
        }
    }

    private static String image(ManifestEntry entry) {
        return entry.lastGood().getFirst().json();
    }
}
