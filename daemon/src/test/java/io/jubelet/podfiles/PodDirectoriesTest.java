/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodDirectoriesTest {

    private static final String OTHER_UID = "f".repeat(32);

    @TempDir
    Path dir;

    private final Mounts mounts = new Mounts();
    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));
    private PodDirectories directories;
    private Path podDirectory;

    @BeforeEach
    void open() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), mounts);
        podDirectory = dir.resolve("root/pods").resolve(Pods.UID);
    }

    @Test
    void storesTheManifestOfAVersion() throws IOException {
        assertTrue(directories.storedManifest(Pods.UID).isEmpty());
        directories.make(pod);
        directories.make(pod);
        assertEquals(
                new PodDirectories.StoredManifest(pod.document(), pod.source()),
                directories.storedManifest(Pods.UID).orElseThrow());
        assertEquals("rwxr-x---", permissions(podDirectory));
        assertEquals("rw-------", permissions(podDirectory.resolve("manifest.json")));
        assertEquals("rwxr-xr-x", permissions(dir.resolve("logs/default_web-node1_" + Pods.UID)));
    }

    /** A full or read-only disk must not hold up a pod whose files are there already. */
    @Test
    void leavesAStoredManifestAloneThatIsUnchanged() throws IOException {
        directories.make(pod);
        Path stored = podDirectory.resolve("manifest.json");
        Object before = Files.getAttribute(stored, "unix:ino");
        Files.createDirectories(podDirectory.resolve("manifest.json.tmp/x")); // a write would fail
        directories.make(pod);
        assertEquals(before, Files.getAttribute(stored, "unix:ino"));
        Files.writeString(stored, "another");
        FileSystemException failure = assertThrows(FileSystemException.class, () -> directories.make(pod));
        assertEquals(podDirectory.resolve("manifest.json.tmp").toString(), failure.getFile(), "the path is named");
    }

    @Test
    void removesEverythingOfAVersionAndNothingElse() throws Exception {
        Path precious = Files.createDirectories(dir.resolve("precious/inner"));
        Files.writeString(precious.resolve("file"), "stays");
        directories.make(pod);
        directories.makeLogDirectory(pod, "app", 0);
        Path volume =
                Files.createDirectories(directories.podDirectory(Pods.UID).volume(PodDirectory.EMPTY_DIR, "data"));
        Files.createSymbolicLink(volume.resolve("out"), dir.resolve("precious"));
        Files.createSymbolicLink(volume.resolve("up"), Path.of("../../../../.."));
        Files.createSymbolicLink(volume.resolve("dangling"), Path.of("/no/such"));
        Files.createSymbolicLink(dir.resolve("logs/default_web-node1_" + Pods.UID + "/link"), dir.resolve("precious"));
        Files.writeString(volume.resolve("file"), "goes");
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        assertFalse(Files.exists(podDirectory));
        assertEquals(0, dir.resolve("logs").toFile().list().length);
        assertEquals("stays", Files.readString(precious.resolve("file")));
    }

    @Test
    void removesTheLinkIfTheDirectoryItselfIsOne() throws Exception {
        Path precious = Files.createDirectory(dir.resolve("precious"));
        Files.writeString(precious.resolve("file"), "stays");
        Files.createSymbolicLink(podDirectory, precious);
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        assertFalse(Files.exists(podDirectory));
        assertEquals("stays", Files.readString(precious.resolve("file")));
    }

    @Test
    void removesATreeDeeperThanAnyPathMayBe() throws Exception {
        directories.make(pod);
        Path deep = Files.createDirectory(podDirectory.resolve("deep"));
        for (int i = 0; i < 1000; i++) {
            // from the innermost outwards, because a path of the whole depth is too long
            Path outer = podDirectory.resolve("outer");
            Files.createDirectory(outer);
            Files.move(deep, outer.resolve("deep-directory"));
            Files.move(outer, deep);
        }
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        assertEquals(0, dir.resolve("root/pods").toFile().list().length);
    }

    @Test
    @Tag("root")
    void unmountsBeforeItRemoves() throws Exception {
        requireRoot();
        directories.make(pod);
        Path volume = Files.createDirectories(
                directories.podDirectory(Pods.UID).volume(PodDirectory.EMPTY_DIR, "with blank"));
        mountTmpfs(volume, 1 << 20);
        assertTrue(mounts.isMountPoint(volume.toRealPath()));
        Path inner = Files.createDirectory(volume.resolve("inner"));
        mountTmpfs(inner, 0);
        Files.writeString(inner.resolve("file"), "in memory");
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        assertFalse(Files.exists(podDirectory));
        assertEquals(List.of(), mounts.within(dir.toRealPath()));
    }

    @Test
    void rejectsInvalidUids() {
        for (String uid :
                List.of("", "..", "../../etc", Pods.UID + "/..", Pods.UID.toUpperCase(java.util.Locale.ROOT) + "G")) {
            assertThrows(IllegalArgumentException.class, () -> directories.remove(pod.name(), Pods.NODE, uid));
            assertThrows(IllegalArgumentException.class, () -> directories.storedManifest(uid));
        }
    }

    @Test
    void removesOrphans() throws Exception {
        directories.make(pod);
        Pod other = Pods.pod(Pods.WEB, OTHER_UID, List.of(), Pods.shell("app", "true"));
        directories.make(other);
        Files.createDirectory(dir.resolve("root/pods/somebody-elses"));
        Files.createDirectory(dir.resolve("logs/default_foreign_" + "1".repeat(32)));
        assertEquals(List.of(OTHER_UID), directories.removeOrphans(Set.of(Pods.UID)));
        assertTrue(Files.exists(podDirectory));
        assertTrue(Files.exists(dir.resolve("root/pods/somebody-elses")));
        assertFalse(Files.exists(dir.resolve("root/pods/" + OTHER_UID)));
        assertEquals(2, dir.resolve("logs").toFile().list().length);
    }

    @Test
    void removesTheLogsOfOneInstance() throws IOException {
        directories.make(pod);
        directories.makeLogDirectory(pod, "app", 0);
        Path logs = directories.log(pod.name(), Pods.NODE, Pods.UID, "app", 1).getParent();
        for (String file : List.of("1.log", "1.log.20260101-000000.gz", "1.log.20260101-000001", "11.log", "2.log")) {
            Files.writeString(logs.resolve(file), "");
        }
        directories.mountedFiles().makeTerminationLog(Pods.UID, "app", 1);
        directories.removeInstance(pod.name(), Pods.NODE, Pods.UID, "app", 1, true);
        directories.removeInstance(pod.name(), Pods.NODE, Pods.UID, "app", 1, true);
        assertEquals(Set.of("11.log", "2.log"), Set.of(logs.toFile().list()));
        assertFalse(Files.exists(directories.mountedFiles().terminationLog(Pods.UID, "app", 1)));
    }

    @Test
    void writesTheHostsFileInPlaceWithoutFollowingLinks() throws IOException {
        directories.make(pod);
        MountedFiles files = directories.mountedFiles();
        Path hosts = files.writeHosts(Pods.UID, "first\n");
        Object same = Files.readAttributes(hosts, BasicFileAttributes.class).fileKey();
        Files.writeString(hosts, "a container wrote more than that\n".repeat(1000));
        files.writeHosts(Pods.UID, "second\n");
        assertEquals("second\n", Files.readString(hosts));
        assertEquals(
                same, Files.readAttributes(hosts, BasicFileAttributes.class).fileKey());
        assertEquals("rw-r--r--", permissions(hosts));

        Path precious = Files.writeString(dir.resolve("precious"), "stays");
        Files.setPosixFilePermissions(precious, PosixFilePermissions.fromString("rw-------"));
        Files.delete(hosts);
        Files.createSymbolicLink(hosts, precious);
        files.writeHosts(Pods.UID, "third\n");
        assertFalse(Files.isSymbolicLink(hosts));
        assertEquals("third\n", Files.readString(hosts));
        assertEquals("stays", Files.readString(precious));
        assertEquals("rw-------", permissions(precious));
    }

    @Test
    void createsTerminationLogsWithoutFollowingLinks() throws IOException {
        directories.make(pod);
        MountedFiles files = directories.mountedFiles();
        Path precious = Files.writeString(dir.resolve("precious"), "stays");
        Files.setPosixFilePermissions(precious, PosixFilePermissions.fromString("rw-------"));
        Path words = files.makeTerminationLog(Pods.UID, "app", 0);
        assertEquals("rw-rw-rw-", permissions(words));
        Files.createSymbolicLink(words.resolveSibling("1"), precious);
        assertEquals("rw-rw-rw-", permissions(files.makeTerminationLog(Pods.UID, "app", 1)));
        assertFalse(Files.isSymbolicLink(words.resolveSibling("1")));
        Files.createSymbolicLink(podDirectory.resolve("containers/linked"), dir);
        assertThrows(IOException.class, () -> files.makeTerminationLog(Pods.UID, "linked", 0));
        Files.createSymbolicLink(words.resolveSibling("2"), precious);
        Files.createDirectories(words.resolveSibling("3/full"));
        for (int attempt = 0; attempt < 4; attempt++) {
            directories.removeInstance(pod.name(), Pods.NODE, Pods.UID, "app", attempt, true);
        }
        assertEquals(List.of("3"), List.of(words.getParent().toFile().list()));
        assertEquals("stays", Files.readString(precious));
        assertEquals("rw-------", permissions(precious));
        assertFalse(Files.exists(dir.resolve("0")));
    }

    @Test
    void createsLogDirectoriesWithoutFollowingLinks() throws Exception {
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        directories.make(pod);
        directories.makeLogDirectory(pod, "app", 0);
        Path log = directories.log(pod.name(), Pods.NODE, Pods.UID, "app", 0);
        Files.createSymbolicLink(log, elsewhere.resolve("made-by-the-runtime"));
        directories.makeLogDirectory(pod, "app", 0);
        assertFalse(Files.exists(log, LinkOption.NOFOLLOW_LINKS));
        Files.createSymbolicLink(log.getParent().resolveSibling("linked"), elsewhere);
        assertThrows(IOException.class, () -> directories.makeLogDirectory(pod, "linked", 0));
        directories.removeInstance(pod.name(), Pods.NODE, Pods.UID, "app", 0, true);
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        Files.createSymbolicLink(log.getParent().getParent(), elsewhere);
        assertThrows(IOException.class, () -> directories.make(pod));
        assertThrows(IOException.class, () -> directories.makeLogDirectory(pod, "app", 0));
        assertEquals(0, elsewhere.toFile().list().length);
    }

    @Test
    void storesAndReadsWithoutFollowingLinks() throws Exception {
        directories.make(pod);
        directories.storeConditionTimes(Pods.UID, "times");
        Path precious = Files.writeString(dir.resolve("precious"), "stays\nhere");
        for (String name : List.of("manifest.json", "manifest.json.tmp", "condition-times", "condition-times.tmp")) {
            Files.deleteIfExists(podDirectory.resolve(name));
            Files.createSymbolicLink(podDirectory.resolve(name), precious);
        }
        assertThrows(IOException.class, () -> directories.storedManifest(Pods.UID));
        assertThrows(IOException.class, () -> directories.conditionTimes(Pods.UID));
        directories.make(pod);
        directories.storeConditionTimes(Pods.UID, "new");
        assertEquals("new", directories.conditionTimes(Pods.UID).orElseThrow());
        assertTrue(directories.storedManifest(Pods.UID).isPresent());

        Path elsewhere = Files.createDirectories(dir.resolve("elsewhere"));
        Files.createDirectories(elsewhere.resolve("volumes/inner"));
        directories.remove(pod.name(), Pods.NODE, Pods.UID);
        Files.createSymbolicLink(podDirectory, elsewhere);
        assertThrows(IOException.class, () -> directories.removeVolumes(Pods.UID));
        assertThrows(IOException.class, () -> directories.storeConditionTimes(Pods.UID, "new"));
        assertTrue(Files.exists(elsewhere.resolve("volumes/inner")));
        assertEquals(1, elsewhere.toFile().list().length);
        assertEquals("stays\nhere", Files.readString(precious));
    }

    private void requireRoot() throws IOException {
        boolean root = Files.getOwner(Path.of("/proc/self")).getName().equals("root");
        if (!root && Boolean.getBoolean("jubelet.test.no-skip")) {
            fail("mounting needs root");
        }
        assumeTrue(root, "mounting needs root");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void longNamesFitIntoNamesOfFiles() throws IOException {
        String node = "n".repeat(243);
        String name = PodDirectories.logDirectoryName(Pods.WEB, node, Pods.UID);
        assertEquals(255, name.length());
        assertTrue(name.startsWith("default_web-nnn") && name.endsWith("n_" + Pods.UID), name);
        Files.createDirectory(dir.resolve("logs").resolve(name));
    }

    @Test
    void findsLogsOfVersionThatWasMadeUnderFormerName() throws Exception {
        NodeNames nodes = new NodeNames("later", List.of("between", Pods.NODE), _ -> true, _ -> false);
        assertEquals("default_web-later_" + Pods.UID, directories.logDirectoryName(Pods.WEB, nodes, Pods.UID));
        Path logs = directories.log(Pods.WEB, Pods.NODE, Pods.UID, "app", 0).getParent();
        Files.createDirectories(logs);
        assertEquals(
                "default_web-" + Pods.NODE + "_" + Pods.UID, directories.logDirectoryName(Pods.WEB, nodes, Pods.UID));
        directories.removeLogs(Pods.WEB, Pods.NODE, Pods.UID);
        assertFalse(Files.exists(logs.getParent()));
    }

    private void mountTmpfs(Path directory, long bytes) throws IOException {
        try (SafeDirectory parent = SafeDirectory.open(directory.getParent())) {
            mounts.enterTmpfs(parent, directory.getFileName().toString(), bytes).close();
        }
    }
}
