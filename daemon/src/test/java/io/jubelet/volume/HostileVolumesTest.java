/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafePath;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.ConfigRef;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import io.jubelet.testing.RootUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another pod has the directories of pods mounted and replaces names in them by links that lead out. */
class HostileVolumesTest {

    private static final String CONFIG_MAP = "volumes/kubernetes.io~configmap";
    private static final String EMPTY_DIR = "volumes/kubernetes.io~empty-dir";

    @TempDir
    private Path dir;

    private final Mounts mounts = new Mounts();
    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));
    private LocalConfig config = config("1");
    private final ProjectedVolume projected = new ProjectedVolume(mounts, () -> config, (_, _) -> "fact");
    private final EmptyDirVolume emptyDirs = new EmptyDirVolume(mounts, _ -> 0);
    private Path top;
    private Path outside;
    private PodDirectory podDirectory;
    private Map<String, String> before = Map.of();

    @BeforeEach
    void make() throws IOException {
        top = Files.createDirectories(dir.toRealPath().resolve("pods/victim"));
        podDirectory = new PodDirectory(top);
        // What the links lead to has the names that the daemon works with.
        outside = Files.createDirectories(dir.toRealPath().resolve("outside"));
        Path named = Files.createDirectories(outside.resolve("v/..2026_01_01_00_00_00.1"));
        Files.writeString(named.resolve("a"), "mine");
        Files.createSymbolicLink(outside.resolve("v/..data"), named.getFileName());
        Files.createSymbolicLink(outside.resolve("v/old"), Path.of("..data/old"));
        Files.createDirectories(outside.resolve("app"));
        Files.writeString(outside.resolve("app/0"), "mine");
        Files.writeString(outside.resolve("ready"), "mine");
        for (String path : List.of("", "v", "app", "app/0", "ready")) {
            Files.setPosixFilePermissions(outside.resolve(path), PosixFilePermissions.fromString("rwx------"));
        }
        before = state(outside);
    }

    private static LocalConfig config(String value) {
        return new LocalConfig(
                Map.of(
                        new LocalConfig.Key("default", "settings"),
                        new ConfigMap("default", "settings", false, Map.of("a", value), Map.of())),
                Map.of());
    }

    private static Volume.Projected configMap() {
        ConfigRef ref = new ConfigRef(ConfigRef.Kind.ConfigMap, "settings", false);
        return new Volume.Projected(
                "v", Volume.Form.CONFIG_MAP, List.of(new Projection.OfConfig(ref, List.of())), 0644);
    }

    private static Volume.EmptyDir emptyDir() {
        return new Volume.EmptyDir("v", Volume.Medium.DISK, Optional.empty());
    }

    private static SubPaths.Part part(Path volume) {
        return new SubPaths.Part(
                volume,
                "part",
                new VolumeMount(
                        "v",
                        "/v",
                        false,
                        VolumeMount.RecursiveReadOnly.Disabled,
                        VolumeMount.Propagation.None,
                        "part",
                        ""));
    }

    /** Every path with its mode, and the content of files. */
    private static Map<String, String> state(Path directory) throws IOException {
        Map<String, String> state = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.toList()) {
                String content = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.readString(path) : "";
                state.put(
                        path.toString(),
                        Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) + " " + content);
            }
        }
        return state;
    }

    private void replaceByLink(String path) throws IOException {
        Path place = top.resolve(path);
        Files.createDirectories(place.getParent());
        if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(place, dir.resolve("taken-away"));
        }
        Files.createSymbolicLink(place, outside);
    }

    @ParameterizedTest
    @ValueSource(strings = {"volumes", CONFIG_MAP, CONFIG_MAP + "/v"})
    void aConfigMapVolumeIsWrittenThroughNoLink(String path) throws Exception {
        projected.setUp(pod, configMap(), podDirectory);
        replaceByLink(path);
        config = config("2");
        assertFalse(refreshed(), "a link is not refreshed");
        Path volume = projected.setUp(pod, configMap(), podDirectory);
        assertEquals("2", Files.readString(volume.resolve("a")));
        assertEquals(top.resolve(CONFIG_MAP).resolve("v"), volume.toRealPath());
        assertEquals(before, state(outside));
    }

    private boolean refreshed() {
        try {
            return projected.refresh(pod, configMap(), podDirectory);
        } catch (IOException _) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"volumes", EMPTY_DIR, EMPTY_DIR + "/v", "plugins", "plugins/kubernetes.io~empty-dir"})
    void anEmptyDirIsMadeThroughNoLink(String path) throws Exception {
        replaceByLink(path);
        Path volume = emptyDirs.setUp(pod.spec(), emptyDir(), podDirectory);
        assertEquals(top.resolve(EMPTY_DIR).resolve("v"), volume.toRealPath());
        assertTrue(podDirectory.isReady(PodDirectory.EMPTY_DIR, "v"));
        assertEquals(before, state(outside));
    }

    @ParameterizedTest
    @ValueSource(strings = {"volume-subpaths", "volume-subpaths/v"})
    void aSubPathIsBoundThroughNoLink(String path) throws Exception {
        RootUser.require("mounting");
        Path volume = emptyDirs.setUp(pod.spec(), emptyDir(), podDirectory);
        replaceByLink(path);
        try (SafeDirectory root = podDirectory.openBelow(volume);
                SafeDirectory places = podDirectory.makeSubPaths("v", "app")) {
            part(volume).bind(root.path(), places, "0", "app", SafePath.Missing.CREATE);
        }
        mounts.unmount(top, Path.of("volume-subpaths/v/app/0"));
        assertEquals(before, state(outside));
        assertEquals(List.of(), mounts.within(outside));
    }

    /** Swaps directories for links and back, as fast as possible, while volumes are set up, changed and removed. */
    @Test
    @Tag("root")
    void concurrentSwapsCannotEscape() throws Exception {
        RootUser.require("mounting");
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            int turn = 0;
            List<String> places = List.of(
                    "volumes",
                    CONFIG_MAP,
                    CONFIG_MAP + "/v",
                    EMPTY_DIR,
                    EMPTY_DIR + "/v",
                    "plugins/kubernetes.io~empty-dir/v",
                    "volume-subpaths/v",
                    "volume-subpaths/v/app");
            while (!done.get()) {
                swap(top.resolve(places.get(turn % places.size())), turn++);
            }
        });
        int succeeded = 0;
        List<String> failures = new ArrayList<>();
        long end = System.nanoTime() + 3_000_000_000L;
        for (int i = 0; System.nanoTime() < end || succeeded == 0 || failures.isEmpty(); i++) {
            config = config(Integer.toString(i));
            try {
                projected.setUp(pod, configMap(), podDirectory);
                projected.refresh(pod, configMap(), podDirectory);
                Path volume = emptyDirs.setUp(pod.spec(), emptyDir(), podDirectory);
                try (SafeDirectory root = podDirectory.openBelow(volume);
                        SafeDirectory places = podDirectory.makeSubPaths("v", "app")) {
                    part(volume).bind(root.path(), places, "0", "app", SafePath.Missing.CREATE);
                }
                succeeded++;
            } catch (IOException e) {
                failures.add(e.toString());
            }
            for (Path mounted : mounts.within(top)) {
                try {
                    mounts.unmount(top, top.relativize(mounted));
                } catch (IOException e) {
                    failures.add(e.toString());
                }
            }
            assertTrue(swapper.isAlive());
        }
        done.set(true);
        swapper.join();
        for (Path mounted : mounts.within(dir.toRealPath())) {
            mounts.unmount(dir.toRealPath(), dir.toRealPath().relativize(mounted));
        }
        assertEquals(before, state(outside));
    }

    /**
     * Puts a link in the place of a directory for a moment. What cannot be put back, because the
     * daemon has made it again, stays aside with what is mounted in it.
     */
    private void swap(Path place, int turn) {
        Path aside = dir.resolve("aside-" + turn);
        try {
            Files.move(place, aside, StandardCopyOption.ATOMIC_MOVE);
            Files.createSymbolicLink(place, outside);
            Files.delete(place);
            Files.move(aside, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException _) {
            Thread.onSpinWait(); // it does not exist, was made again, or is mounted
        }
    }
}
