/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.FileCallExecutor;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Projection;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import io.jubelet.testing.RootUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeSetupTest {

    private static final String IMAGE = "registry.example/files:1";

    @TempDir
    private Path dir;

    private final List<String> created = new ArrayList<>();
    private final Mounts mounts = new Mounts();
    private final VolumeSetup volumes = new VolumeSetup(
            mounts,
            new FileCallExecutor(FileCallExecutor.DEFAULT_LIMIT),
            _ -> 0,
            new ProjectedVolume(mounts, () -> LocalConfig.NONE, (_, _) -> "web"),
            (_, container, message) -> created.add(container + ": " + message));
    private PodDirectory podDirectory;
    private Path host;

    @BeforeEach
    void open() throws IOException {
        podDirectory = new PodDirectory(Files.createDirectory(dir.toRealPath().resolve("pod")));
        host = Files.createDirectory(dir.resolve("host"));
    }

    private Pod pod(ContainerSpec container) {
        Projection name = new Projection.OfPod(
                List.of(new Projection.Fact("name", new EnvVar.Field("metadata.name"), OptionalInt.empty())));
        return Pods.pod(
                List.of(
                        new Volume.HostPath("host", host.toString(), Volume.HostPathType.Directory),
                        new Volume.EmptyDir("empty", Volume.Medium.DISK, Optional.empty()),
                        new Volume.Projected("files", Volume.Form.CONFIG_MAP, List.of(name), 0644),
                        new Volume.Image("image", IMAGE, ImagePullPolicy.IfNotPresent)),
                container);
    }

    private static VolumeMount mount(String volume, VolumeMount.Propagation propagation, String subPath) {
        return new VolumeMount(
                volume, "/" + volume, false, VolumeMount.RecursiveReadOnly.Disabled, propagation, subPath, "");
    }

    private static VolumeMount mount(String volume, String subPath) {
        return mount(volume, VolumeMount.Propagation.None, subPath);
    }

    @Test
    void setsUpTheVolumesThatAContainerMounts() throws Exception {
        ContainerSpec container = Pods.shell(
                "app", "true", mount("host", ""), mount("empty", ""), mount("files", ""), mount("image", ""));
        Map<String, MountSource> sources = volumes.setUp(pod(container), container, podDirectory);
        Path empty = podDirectory.volume(PodDirectory.EMPTY_DIR, "empty");
        Path files = podDirectory.volume("kubernetes.io/configmap", "files");
        assertEquals(
                Map.of(
                        "host", new MountSource.OnNode(host, false),
                        "empty", new MountSource.OnNode(empty, false),
                        "files", new MountSource.OnNode(files, true),
                        "image", new MountSource.InImage(IMAGE, "")),
                sources);
        assertTrue(Files.isDirectory(empty));
        assertEquals("web", Files.readString(files.resolve("name")));
    }

    @Test
    void reportsADirectoryThatIsCreatedForAPathWithoutAType() throws Exception {
        ContainerSpec container = Pods.shell("app", "true", mount("host", ""));
        Path missing = dir.resolve("missing");
        Pod pod = Pods.pod(
                List.of(new Volume.HostPath("host", missing.toString(), Volume.HostPathType.UNSET)), container);
        volumes.setUp(pod, container, podDirectory);
        volumes.setUp(pod, container, podDirectory);
        assertEquals(
                List.of("app: hostPath " + missing + " of volume \"host\" did not exist, so a directory was created"
                        + " there; with type: File the pod waits for a file"),
                created);
        assertTrue(Files.isDirectory(missing));
    }

    @Test
    void leavesOtherVolumesAlone() throws Exception {
        ContainerSpec container = Pods.shell("app", "true", mount("host", ""), mount("host", ""));
        assertEquals(
                Map.of("host", new MountSource.OnNode(host, false)),
                volumes.setUp(pod(container), container, podDirectory));
        assertArrayEquals(new String[0], podDirectory.path().toFile().list());
    }

    @Test
    void preparesWhatIsKnownBeforeThePodStarts() throws Exception {
        ContainerSpec container =
                Pods.shell("app", "true", mount("host", "part"), mount("empty", "part"), mount("files", "name"));
        volumes.prepare(pod(container), container, podDirectory);
        Path empty = podDirectory.volume(PodDirectory.EMPTY_DIR, "empty");
        assertTrue(Files.isDirectory(empty));
        assertEquals(
                "web",
                Files.readString(
                        podDirectory.volume("kubernetes.io/configmap", "files").resolve("name")));
        assertTrue(Files.notExists(host.resolve("part")), "an init container may make it, as a file");
        assertTrue(Files.notExists(empty.resolve("part")));

        Files.createSymbolicLink(host.resolve("part"), Path.of("/etc"));
        IOException failure =
                assertThrows(IOException.class, () -> volumes.prepare(pod(container), container, podDirectory));
        assertTrue(
                failure.getMessage().startsWith("failed to prepare subPath for volumeMount \"host\""),
                failure.getMessage());
    }

    @Test
    void leavesOutWhatAnEarlierContainerMayMake() throws Exception {
        Volume above = new Volume.HostPath("above", host.toString(), Volume.HostPathType.UNSET);
        Volume made = new Volume.HostPath("made", host.resolve("made").toString(), Volume.HostPathType.File);
        ContainerSpec app = Pods.shell("app", "true", mount("made", ""));
        Pod plain = Pods.pod(List.of(above, made), app);
        assertThrows(IOException.class, () -> volumes.prepare(plain, app, podDirectory));

        Pod withWriter =
                Pods.with(plain, spec -> spec.initContainers(List.of(Pods.shell("init", "true", mount("above", "")))));
        volumes.prepare(withWriter, app, podDirectory);

        VolumeMount readOnly = new VolumeMount("above", "/above", true);
        Pod withReader = Pods.with(plain, spec -> spec.initContainers(List.of(Pods.shell("init", "true", readOnly))));
        assertThrows(IOException.class, () -> volumes.prepare(withReader, app, podDirectory));
    }

    @Test
    void rejectsAMountWithoutAVolume() {
        ContainerSpec container = Pods.shell("app", "true", mount("none", ""));
        IOException failure =
                assertThrows(IOException.class, () -> volumes.setUp(pod(container), container, podDirectory));
        assertEquals("cannot find volume \"none\" to mount into container \"app\"", failure.getMessage());
    }

    @Test
    void theSourceOfAMountIsAVolumeOrAPartOfAnImage() throws Exception {
        ContainerSpec container = Pods.shell("app", "true", mount("image", "etc"), mount("host", ""));
        Map<String, MountSource> sources =
                Map.of("host", new MountSource.OnNode(host, false), "image", new MountSource.InImage(IMAGE, ""));
        assertEquals(
                List.of(new MountSource.InImage(IMAGE, "etc"), new MountSource.OnNode(host, false)),
                volumes.mountSources(pod(container), container, sources, Map.of(), podDirectory));
    }

    @Test
    @Tag("root")
    void theSourceOfAMountIsAPartOfAVolumeThatIsBoundBelowThePod() throws Exception {
        RootUser.require("mounting");
        ContainerSpec container = Pods.shell("app", "true", mount("host", ""), mount("host", "sub"));
        Map<String, MountSource> sources = Map.of("host", new MountSource.OnNode(host, true));
        Path place = podDirectory.subPath("host", "app", 1);
        try {
            assertEquals(
                    List.of(new MountSource.OnNode(host, true), new MountSource.OnNode(place, true)),
                    volumes.mountSources(pod(container), container, sources, Map.of(), podDirectory));
            assertTrue(Files.isSameFile(host.resolve("sub"), place));
            assertEquals(
                    List.of("app: subPath " + host.resolve("sub")
                            + " of volume \"host\" did not exist, so a directory was created there"),
                    created);
        } finally {
            mounts.unmount(dir.toRealPath(), dir.toRealPath().relativize(place));
        }
    }

    @Test
    @Tag("root")
    void sharesTheDirectoryOfAPodWhoseMountsPropagate() throws Exception {
        RootUser.require("mounting");
        ContainerSpec container =
                Pods.shell("app", "true", mount("empty", VolumeMount.Propagation.HostToContainer, ""));
        volumes.setUp(pod(container), container, podDirectory);
        List<Path> mounted = mounts.within(podDirectory.path());
        for (Path point : mounted) {
            mounts.unmount(dir.toRealPath(), dir.toRealPath().relativize(point));
        }
        assertTrue(mounted.size() <= 1, mounted::toString);
    }

    @Test
    void opensAnEmptyDir() throws IOException {
        Pod pod = pod(Pods.shell("app", "true"));
        assertThrows(NoSuchFileException.class, () -> VolumeSetup.openEmptyDir(pod, "empty", podDirectory));
        Path path = Files.createDirectories(podDirectory.volume(PodDirectory.EMPTY_DIR, "empty"));
        Files.createFile(path.resolve("file"));
        try (SafeDirectory opened = VolumeSetup.openEmptyDir(pod, "empty", podDirectory)) {
            assertEquals(List.of("file"), opened.names());
        }
        for (String name : List.of("host", "files", "image")) {
            IOException failure =
                    assertThrows(IOException.class, () -> VolumeSetup.openEmptyDir(pod, name, podDirectory));
            assertEquals("volume \"" + name + "\" is not an emptyDir", failure.getMessage());
        }
        IOException failure =
                assertThrows(IOException.class, () -> VolumeSetup.openEmptyDir(pod, "none", podDirectory));
        assertEquals("the pod has no volume \"none\"", failure.getMessage());
    }
}
