/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.grpc.CriConnection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images as volumes: on a containerd that mounts them, and on one that does not. */
@OnContainerd
class ImageVolumesContainerdTest {

    private static final String WHOLE = "[{name: v, mountPath: /v}]";

    private final List<String> pulled = new ArrayList<>();
    private Path containerd;
    private DaemonProcess daemon;
    private RegistryUnderTest registry;

    private static List<Path> all() {
        return RuntimeUnderTest.all();
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            try (var images = CriConnection.open(containerd.toString())) {
                daemon.close();
                for (String image : pulled) {
                    Image there = images.imageService().imageStatus(ImageSpec.of(image));
                    if (there != null) {
                        images.imageService().removeImage(ImageSpec.of(there.id()));
                    }
                }
            }
        }
        if (registry != null) {
            registry.close();
        }
    }

    /** Starts the daemon; whether the runtime mounts images. */
    private boolean startedOnOneThatCan(Path runtime) throws IOException {
        containerd = runtime;
        daemon = new DaemonProcess(runtime, List.of()).start();
        return !daemon.runtime().version().runtimeVersion().matches("v?(1|2\\.0)\\..*");
    }

    private String image(String reference) {
        pulled.add(reference);
        return reference;
    }

    private static String volume(String image, String policy) {
        return "[{name: v, image: {reference: '" + image + "', pullPolicy: " + policy + "}}]";
    }

    private static String pod(String name, String script, String moreSpec, String mounts) {
        return DaemonProcess.pod(name, script, moreSpec) + "    volumeMounts: " + mounts + "\n";
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node)
                .replace("\\\"", "\"");
    }

    private void awaitSays(String pod, String words) {
        daemon.await("\"" + words + "\"", () -> api(pod).contains(words));
    }

    private Optional<Container> running(String pod, String container) {
        return daemon.running(pod).stream()
                .filter(c -> c.metadata().name().equals(container))
                .findFirst();
    }

    private static String mountsOfHost() {
        try {
            return Files.readString(Path.of("/proc/self/mountinfo"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String read(Container container, String file) {
        return daemon.runtime()
                .execSync(container.id(), List.of("cat", file), DaemonProcess.SOON)
                .stdoutText()
                .strip();
    }

    @ParameterizedTest
    @MethodSource("all")
    void theFilesOfAnImageAreSeenByEachContainerAndCannotBeChanged(Path runtime) throws Exception {
        if (!startedOnOneThatCan(runtime)) {
            return; // told by the next one
        }
        String spec = "  volumes: " + volume("docker.io/library/busybox:2", "IfNotPresent") + """

                  initContainers:
                  - name: first
                    image: docker.io/library/busybox:1
                    command: [sh, -c, test -x /first/bin/busybox]
                    volumeMounts: [{name: v, mountPath: /first}]
                """;
        daemon.write("image.yaml", pod("image", "touch /v/x 2>/v2 || touch /readonly; " + sleeper(), spec, WHOLE));
        daemon.await("app to run", () -> running("image", "app").isPresent());
        Container app = running("image", "app").orElseThrow();
        String mounts = Files.readString(Path.of("/proc/" + daemon.pid(app) + "/mountinfo"));
        assertTrue(
                mounts.lines().anyMatch(line -> line.split(" ")[4].equals("/v") && line.split(" ")[5].contains("ro")),
                mounts);
        daemon.await("the refused write", () -> read(app, "/v2").contains("Read-only file system"));
        assertTrue(read(app, "/v/etc/passwd").contains("user:x:1000:1000"));
        daemon.remove("image.yaml");
        daemon.awaitGone("image");
        daemon.await(
                "its mount to be gone",
                () -> !mountsOfHost()
                        .contains("/image-volumes/" + app.podSandboxId().value()));
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatTheRuntimeCannotMountIsRefusedBeforeAnythingIsStopped(Path runtime) throws Exception {
        boolean can = startedOnOneThatCan(runtime);
        String version = daemon.runtime().version().runtimeVersion();
        daemon.write("v.yaml", pod("v", sleeper(), "", "[]"));
        Container before = daemon.awaitRunning("v");
        // containerd 2.1 would mount the whole image instead of the part.
        String mounts = can ? "[{name: v, mountPath: /v, subPath: bin}]" : WHOLE;
        String volume = "  volumes: " + volume("docker.io/library/busybox:2", "IfNotPresent");
        daemon.write("v.yaml", pod("v", sleeper(), volume, mounts));
        boolean parts = can && !version.matches("v?2\\.1\\..*");
        if (parts) {
            Container after = daemon.awaitReplaced("v", before);
            assertTrue(read(after, "/v/busybox").contains("ELF"));
            return;
        }
        String words = "the runtime cannot mount " + (can ? "parts of images (subPath)" : "images")
                + " as volumes: containerd can since version " + (can ? "2.2" : "2.1") + ", and this is " + version;
        daemon.await(
                "the refusal", () -> daemon.cliQuietly("describe", "pod", "v").contains(words));
        assertEquals(before.id(), daemon.awaitRunning("v").id());
        daemon.write("new.yaml", pod("new", sleeper(), volume, mounts));
        awaitSays("new", words);
        awaitSays("new", "\"reason\":\"ImageVolumesNotSupported\"");
        assertTrue(daemon.sandboxes("new").isEmpty());
    }

    @ParameterizedTest
    @MethodSource("all")
    void anImageIsPulledWithCredentialsWhileTheOldVersionRuns(Path runtime) throws Exception {
        registry = new RegistryUnderTest(true);
        if (!startedOnOneThatCan(runtime)) {
            return; // told by another one
        }
        String never = "  volumes: " + volume(registry.host() + "/data:1", "Never");
        daemon.write("never.yaml", pod("never", sleeper(), never, WHOLE));
        awaitSays("never", "\"reason\":\"ErrImageNeverPull\"");
        daemon.remove("never.yaml");

        registry.push("data", "1", "content", 1);
        daemon.write("v.yaml", pod("v", sleeper(), "", "[]"));
        Container before = daemon.awaitRunning("v");
        String spec = "  volumes: " + volume(image(registry.host() + "/data:1"), "IfNotPresent");
        daemon.write("v.yaml", pod("v", sleeper(), spec, WHOLE));
        daemon.await(
                "the refusal", () -> daemon.cliQuietly("describe", "pod", "v").contains("ErrImagePull"));
        daemon.await(
                "the back-off", () -> daemon.cliQuietly("describe", "pod", "v").contains("ImagePullBackOff"));
        assertEquals(before.id(), daemon.awaitRunning("v").id());
        Files.writeString(
                daemon.rootDir.resolve("config.json"),
                registry.dockerConfig(RegistryUnderTest.USER, RegistryUnderTest.PASSWORD));
        Container after = daemon.awaitReplaced("v", before);
        assertEquals("content", read(after, "/v/mark"));
        String events = daemon.cli("get", "events", "--for", "pod/v", "--no-headers");
        assertTrue(events.contains("Failed to pull image \"" + registry.host() + "/data:1\": "), events);
        assertTrue(events.contains("Successfully pulled image \"" + registry.host() + "/data:1\" in "), events);
    }

    @ParameterizedTest
    @MethodSource("all")
    void anImageThatOnlyAVolumeUsesIsNotCollected(Path runtime) throws Exception {
        if (!startedOnOneThatCan(runtime)) {
            return;
        }
        daemon.close();
        try (OwnContainerd own = new OwnContainerd(runtime);
                CriConnection images = CriConnection.open(own.socket().toString())) {
            containerd = own.socket();
            daemon = new DaemonProcess(
                            own.socket(), List.of("--image-gc-high-threshold=1", "--image-gc-low-threshold=0"))
                    .start();
            String spec = "  volumes: " + volume("busybox:2", "IfNotPresent");
            daemon.write("v.yaml", pod("v", sleeper(), spec, WHOLE));
            Container app = daemon.awaitRunning("v");
            Set<String> kept =
                    Set.of("docker.io/library/busybox:1", "docker.io/library/busybox:2", "registry.local/pause:1");
            daemon.await(
                    "the collection",
                    Duration.ofSeconds(180),
                    () -> tags(images).equals(kept));
            assertTrue(read(app, "/v/etc/passwd").contains("user:x:1000:1000"));
            daemon.close();
            daemon = null;
        }
    }

    private static Set<String> tags(CriConnection runtime) {
        Set<String> tags = new TreeSet<>();
        for (Image image : runtime.imageService().listImages()) {
            tags.addAll(image.repoTags());
        }
        return tags;
    }
}
