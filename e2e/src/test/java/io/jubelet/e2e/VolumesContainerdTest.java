/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What volumes are to containers and to the node, on real containerd. */
@OnContainerd
class VolumesContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** A pod with these volumes and one container with these mounts, both as flow sequences. */
    private static String pod(String name, String script, String volumes, String mounts) {
        return DaemonProcess.pod(name, script, "  volumes: " + volumes) + "    volumeMounts: " + mounts + "\n";
    }

    /** As {@link #pod}, of policy Never. */
    private static String once(String name, String script, String volumes, String mounts) {
        return DaemonProcess.pod(name, script, "  restartPolicy: Never\n  volumes: " + volumes) + "    volumeMounts: "
                + mounts + "\n";
    }

    private String api(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private void awaitSays(String pod, String words) {
        daemon.await("\"" + words + "\"", () -> api(pod).contains(words));
    }

    private Container only(String pod) {
        daemon.await("a container of " + pod, () -> daemon.containers(pod).size() == 1);
        return daemon.containers(pod).getFirst();
    }

    private void awaitOutput(String pod, String text) {
        Container container = only(pod);
        daemon.await("\"" + text + "\"", () -> daemon.output(container).equals(text));
    }

    private Path home() throws IOException {
        try (var uids = Files.list(daemon.rootDir.resolve("pods"))) {
            return uids.findFirst().orElseThrow();
        }
    }

    private void awaitNothingLeft(String pod) {
        daemon.awaitGone(pod);
        daemon.await("no mounts and no directories", () -> {
            try (var uids = Files.list(daemon.rootDir.resolve("pods"))) {
                return uids.findAny().isEmpty()
                        && !Files.readString(Path.of("/proc/self/mountinfo")).contains(daemon.rootDir.toString());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    // --- hostPath

    /** Waits until the pod's status reports a problem, then solves the problem and waits for the pod to run. */
    private void refusedUntil(String type, Path path, String words, Making making) throws Exception {
        String name = "host-" + type.toLowerCase(java.util.Locale.ROOT);
        String volume = "[{name: v, hostPath: {path: " + path + ", type: " + type + "}}]";
        daemon.write(name + ".yaml", pod(name, DaemonProcess.sleeper(), volume, "[{name: v, mountPath: /v}]"));
        awaitSays(name, "\"reason\":\"CreateContainerConfigError\"");
        awaitSays(name, "hostPath type check failed: " + path + " is not " + words);
        assertTrue(daemon.containers(name).isEmpty());
        Files.deleteIfExists(path);
        making.make(path);
        daemon.awaitRunning(name);
    }

    private interface Making {
        void make(Path path) throws Exception;
    }

    @Test
    void aDirectoryThatMustBeThereIsWaitedForAndAFileIsNone() throws Exception {
        Path path = Files.writeString(daemon.home.resolve("thing"), "a file");
        refusedUntil("Directory", path, "a directory", Files::createDirectory);
    }

    @Test
    void aFileThatMustBeThereIsWaitedForAndADirectoryIsNone() throws Exception {
        Path path = Files.createDirectory(daemon.home.resolve("thing"));
        refusedUntil("File", path, "a file", made -> Files.writeString(made, ""));
    }

    @Test
    void aSocketThatMustBeThereIsWaitedFor() throws Exception {
        Path path = Files.writeString(daemon.home.resolve("thing"), "a file");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            refusedUntil("Socket", path, "a socket file", made -> server.bind(UnixDomainSocketAddress.of(made)));
        }
    }

    @Test
    void aCharacterDeviceThatMustBeThereIsWaitedForAndABlockDeviceIsNone() throws Exception {
        Path path = daemon.home.resolve("thing");
        Commands.run(List.of("mknod", path.toString(), "b", "7", "200"));
        refusedUntil(
                "CharDevice",
                path,
                "a character device",
                made -> Commands.run(List.of("mknod", made.toString(), "c", "1", "3")));
    }

    @Test
    void aBlockDeviceThatMustBeThereIsWaitedForAndACharacterDeviceIsNone() throws Exception {
        Path path = daemon.home.resolve("thing");
        Commands.run(List.of("mknod", path.toString(), "c", "1", "3"));
        refusedUntil(
                "BlockDevice",
                path,
                "a block device",
                made -> Commands.run(List.of("mknod", made.toString(), "b", "7", "200")));
    }

    @Test
    void whatIsMissingIsMadeWhereTheTypeSaysSoAndStaysWhenThePodIsGone() throws Exception {
        Path directory = daemon.home.resolve("made/directory");
        Path file = daemon.home.resolve("made.txt");
        daemon.write(
                "make.yaml",
                once(
                        "make",
                        "stat -c '%F %a' /d /f; echo x > /f",
                        "[{name: d, hostPath: {path: " + directory + ", type: DirectoryOrCreate}}, {name: f, hostPath:"
                                + " {path: " + file + ", type: FileOrCreate}}]",
                        "[{name: d, mountPath: /d}, {name: f, mountPath: /f}]"));
        awaitOutput("make", "directory 755\nregular empty file 644\n");
        daemon.await("its end", () -> api("make").contains("\"phase\":\"Succeeded\""));
        daemon.remove("make.yaml");
        awaitNothingLeft("make");
        assertTrue(Files.isDirectory(directory));
        assertEquals("x\n", Files.readString(file));
    }

    // --- propagation and read-only

    /** Mounts a fresh tmpfs that is shared, as systemd makes the root of a node. */
    private Path shared() throws Exception {
        Path shared = Files.createDirectory(daemon.home.resolve("shared"));
        sh("mount -t tmpfs tmpfs " + shared + " && mount --make-shared " + shared + " && mkdir " + shared + "/sub");
        return shared;
    }

    private static void sh(String script) throws Exception {
        Commands.Outcome outcome = Commands.run(List.of("sh", "-c", script));
        assertEquals("", outcome.err(), script);
    }

    @Test
    void mountsOfTheNodeAppearInAContainerOnlyIfItsMountSaysSo() throws Exception {
        Path shared = shared();
        try {
            daemon.write(
                    "propagation.yaml",
                    pod(
                            "propagation",
                            "until [ -e /in/sub/late ]; do sleep 0.1; done; ls /in/sub /out/sub; sleep 1000",
                            "[{name: v, hostPath: {path: " + shared + "}}]",
                            "[{name: v, mountPath: /in, mountPropagation: HostToContainer}, {name: v, mountPath: /out,"
                                    + " mountPropagation: None}]"));
            Container container = daemon.awaitRunning("propagation");
            sh("mount -t tmpfs tmpfs " + shared + "/sub && touch " + shared + "/sub/late");
            daemon.await(
                    "the mount in the container",
                    () -> daemon.output(container).equals("/in/sub:\nlate\n\n/out/sub:\n"));
        } finally {
            sh("umount -R -l " + shared);
        }
    }

    @Test
    void anEmptyDirCanTakeMountsFromTheNodeAndLeavesNoneBehind() throws Exception {
        daemon.write(
                "empty.yaml",
                pod(
                        "empty",
                        "until [ -e /v/sub/late ]; do mkdir -p /v/sub; sleep 0.1; done; echo seen; sleep 1000",
                        "[{name: v, emptyDir: {}}, {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]",
                        "[{name: v, mountPath: /v, mountPropagation: HostToContainer}, {name: m, mountPath: /m}]"));
        Container container = daemon.awaitRunning("empty");
        Path sub = home().resolve("volumes/kubernetes.io~empty-dir/v/sub");
        daemon.await("its directory", () -> Files.isDirectory(sub));
        sh("mount -t tmpfs tmpfs " + sub + " && touch " + sub + "/late");
        daemon.await(
                "the mount in the container", () -> daemon.output(container).equals("seen\n"));
        daemon.remove("empty.yaml");
        awaitNothingLeft("empty");
    }

    @Test
    void whatARuntimeCannotMakeReadOnlyAllTheWayIsRefusedOrLeft() throws Exception {
        Path tree = Files.createDirectories(daemon.home.resolve("tree/sub")).getParent();
        sh("mount -t tmpfs tmpfs " + tree + "/sub");
        try {
            boolean can = daemon.runtime().status(false).runtimeHandlers().stream()
                    .anyMatch(handler -> handler.name().isEmpty()
                            && handler.features() != null
                            && handler.features().recursiveReadOnlyMounts());
            String volume = "[{name: v, hostPath: {path: " + tree + "}}]";
            String script = "touch /v/x 2>/dev/null || echo no; touch /v/sub/x 2>/dev/null && echo below";
            String mount = "[{name: v, mountPath: /v, readOnly: true, recursiveReadOnly: %s}]";
            daemon.write("plain.yaml", once("plain", script, volume, mount.formatted("Disabled")));
            awaitOutput("plain", "no\nbelow\n");
            daemon.write("possible.yaml", once("possible", script, volume, mount.formatted("IfPossible")));
            awaitOutput("possible", can ? "no\n" : "no\nbelow\n");
            daemon.write("enabled.yaml", once("enabled", script, volume, mount.formatted("Enabled")));
            if (can) {
                awaitOutput("enabled", "no\n");
            } else {
                awaitSays("enabled", "\"reason\":\"CreateContainerConfigError\"");
                awaitSays(
                        "enabled",
                        "failed to resolve recursive read-only mode: volume \\\"v\\\" requested recursive read-only mode, but it is not supported by the runtime");
                assertTrue(daemon.containers("enabled").isEmpty());
            }
        } finally {
            sh("umount " + tree + "/sub");
        }
    }

    // --- subPath

    @Test
    void aSubPathIsMountedMadeWhereMissingAndKeptOverRestarts() throws Exception {
        Path volume = Files.createDirectories(daemon.home.resolve("volume"));
        Files.writeString(volume.resolve("file"), "in a file\n");
        Files.createDirectories(volume.resolve("releases/1"));
        Files.createSymbolicLink(volume.resolve("current"), Path.of("releases/../releases/1"));
        sh("chmod 2775 " + volume);
        daemon.write(
                "sub.yaml",
                pod(
                        "sub",
                        "stat -c %a /a /a/..; cat /f; touch /a/made /c/made; ls /w; echo restarted >> /a/log; cat /a/log;"
                                + " sleep 1000",
                        "[{name: v, hostPath: {path: " + volume + "}}, {name: w, emptyDir: {}}]",
                        "[{name: v, mountPath: /a, subPath: new/./deep//er}, {name: v, mountPath: /f, subPath: file},"
                                + " {name: v, mountPath: /c, subPath: current}, {name: w, mountPath: /w, subPath: x}]"));
        Container container = daemon.awaitRunning("sub");
        daemon.await("its output", () -> daemon.output(container).endsWith("restarted\n"));
        assertEquals("2775\n755\nin a file\nrestarted\n", daemon.output(container));
        assertTrue(Files.exists(volume.resolve("new/deep/er/made")));
        assertTrue(Files.exists(volume.resolve("releases/1/made")));
        Path bound = home().resolve("volume-subpaths/v/app/0");
        assertTrue(Files.isSameFile(bound, volume.resolve("new/deep/er")));
        assertTrue(Files.isRegularFile(home().resolve("volume-subpaths/v/app/1")));
        daemon.crash(container);
        Container again = daemon.awaitReplaced("sub", container);
        daemon.await("its output", () -> daemon.output(again).endsWith("restarted\nrestarted\n"));
        long binds = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(daemon.rootDir.toString()))
                .count();
        assertEquals(4, binds, "one mount for each subPath, however often the container starts");
        daemon.remove("sub.yaml");
        awaitNothingLeft("sub");
        assertTrue(Files.exists(volume.resolve("new/deep/er/made")), "what was mounted is not removed");
    }

    @Test
    void aSubPathExprIsExpandedAndAMissingVariableIsNamed() throws Exception {
        daemon.write(
                "expr.yaml",
                pod(
                                "expr",
                                "touch /v/here; sleep 1000",
                                "[{name: v, hostPath: {path: " + daemon.home + "/logs-of, type: DirectoryOrCreate}}]",
                                "[{name: v, mountPath: /v, subPathExpr: $(NAME)/$$x}]")
                        + "    env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n");
        daemon.awaitRunning("expr");
        Path there = daemon.home.resolve("logs-of/expr-" + daemon.node + "/$x/here");
        daemon.await("the file", () -> Files.exists(there));
        daemon.write(
                "missing.yaml",
                pod("missing", "true", "[{name: v}]", "[{name: v, mountPath: /v, subPathExpr: a/$(NO_SUCH)}]"));
        awaitSays("missing", "\"reason\":\"CreateContainerConfigError\"");
        awaitSays("missing", "missing value for \\\"NO_SUCH\\\"");
        assertTrue(daemon.containers("missing").isEmpty());
    }

    // --- fsGroup

    @Test
    void anEmptyDirBelongsToTheGroupOfThePodAndWhatIsMadeInItToo() throws Exception {
        daemon.write(
                "group.yaml",
                once(
                                "group",
                                "touch /d/x /m/x && stat -c '%n %g %a' /d /m /d/x /m/x",
                                "[{name: d, emptyDir: {}}, {name: m, emptyDir: {medium: Memory}}]",
                                "[{name: d, mountPath: /d}, {name: m, mountPath: /m}]")
                        .replace(
                                "  restartPolicy: Never",
                                "  restartPolicy: Never\n  securityContext: {fsGroup: 4242}"));
        awaitOutput("group", "/d 4242 2777\n/m 4242 3777\n/d/x 4242 644\n/m/x 4242 644\n");
        Path volume = home().resolve("volumes/kubernetes.io~empty-dir/d");
        assertEquals(4242, Files.getAttribute(volume.resolve("x"), "unix:gid"));
    }

    // --- what needs a cluster

    @Test
    void aVolumeOfANetworkIsRefusedWithWhatToDoInstead() throws Exception {
        daemon.write(
                "nfs.yaml",
                pod("nfs", "true", "[{name: v, nfs: {server: x, path: /y}}]", "[{name: v, mountPath: /v}]"));
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("get", "manifests").contains("use a hostPath volume")
                        || daemon.cliQuietly("explain", "nfs.yaml").contains("use a hostPath volume"));
        assertTrue(daemon.sandboxes("nfs").isEmpty());
    }

    // --- nothing left behind

    @Test
    void mountsOfAPodThatWentAwayWhileNoDaemonRanAreTakenAwayAndNothingBehindThemIs() throws Exception {
        Path precious = Files.createDirectories(daemon.home.resolve("precious"));
        Files.writeString(precious.resolve("file"), "precious");
        daemon.write(
                "orphan.yaml",
                pod(
                        "orphan",
                        DaemonProcess.sleeper(),
                        "[{name: v, hostPath: {path: " + precious + "}}, {name: m, emptyDir: {medium: Memory}}]",
                        "[{name: v, mountPath: /v, subPath: sub}, {name: m, mountPath: /m}]"));
        daemon.awaitRunning("orphan");
        Path home = home();
        daemon.kill();
        daemon.remove("orphan.yaml");
        daemon.sandboxes("orphan").forEach(sandbox -> {
            daemon.runtime().stopPodSandbox(sandbox.id());
            daemon.runtime().removePodSandbox(sandbox.id());
        });
        // As when the daemon was killed between mounting and telling the runtime.
        Path half = Files.createDirectories(home.resolve("volume-subpaths/v/app/7"));
        sh("mount --bind " + precious + " " + half + " && mount --bind " + precious + " " + half);
        daemon.start();
        awaitNothingLeft("orphan");
        assertFalse(Files.exists(home));
        assertEquals("precious", Files.readString(precious.resolve("file")));
        assertTrue(Files.isDirectory(precious.resolve("sub")));
    }
}
