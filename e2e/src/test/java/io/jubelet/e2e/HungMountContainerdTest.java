/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pods whose hostPaths are on a file system that hangs, on real containerd. The file system is a frozen one, in which a process
 * that creates something cannot even be killed.
 */
@OnContainerd
class HungMountContainerdTest {

    /** A virtual thread that hangs holds one of as many carriers as there are processors. */
    private static final int MORE_THAN_CARRIERS = Runtime.getRuntime().availableProcessors() + 1;

    private DaemonProcess daemon;
    private Path mount;
    private boolean frozen;

    @BeforeEach
    void mountAndStart() throws Exception {
        daemon = new DaemonProcess();
        mount = Files.createDirectory(daemon.home.resolve("mount"));
        Path disk = daemon.home.resolve("disk.img");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(16 << 20);
        }
        run("mkfs.ext4", "-q", disk.toString());
        mountLoop(disk);
        daemon.start();
    }

    @AfterEach
    void thawAndStop() throws Exception {
        if (daemon == null) {
            return; // the test was skipped
        }
        if (frozen) {
            thaw();
        }
        daemon.close();
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Commands.Outcome outcome = Commands.run(List.of(command));
        assertEquals(0, outcome.exitCode(), () -> Arrays.toString(command) + ": " + outcome.err());
    }

    /** Skips the test where the machine has no loop device; fails there if the build forbids to skip tests. */
    private void mountLoop(Path disk) throws IOException, InterruptedException {
        Commands.Outcome mounted = Commands.run(List.of("mount", "-o", "loop", disk.toString(), mount.toString()));
        if (!Boolean.getBoolean("jubelet.test.no-skip")) {
            assumeTrue(mounted.exitCode() == 0, "a loop device is needed: " + mounted.err());
        }
        assertEquals(0, mounted.exitCode(), mounted::err);
    }

    private void freeze() throws Exception {
        run("fsfreeze", "-f", mount.toString());
        frozen = true;
    }

    private void thaw() throws Exception {
        run("fsfreeze", "-u", mount.toString());
        frozen = false;
    }

    /** A pod with a volume, whose mounts are to be added. */
    private static String hostPath(String name, Path path, String type) {
        String volumes = "  volumes: [{name: v, hostPath: {path: " + path + ", type: " + type + "}}]";
        return DaemonProcess.pod(name, DaemonProcess.sleeper(), volumes);
    }

    private void writeHanging(String name) throws IOException {
        daemon.write(
                name + ".yaml",
                hostPath(name, mount.resolve(name), "DirectoryOrCreate")
                        + "    volumeMounts: [{name: v, mountPath: /v}]\n");
    }

    @Test
    void holdsUpThePodsThatNameItAndNothingElse() throws Exception {
        daemon.write("calm.yaml", DaemonProcess.pod("calm", DaemonProcess.sleeper()));
        Container calm = daemon.awaitRunning("calm");
        String part = "    volumeMounts: [{name: v, mountPath: /v, subPath: part}]\n";
        daemon.write("bound.yaml", hostPath("bound", mount, "Directory") + part);
        daemon.awaitRunning("bound");
        freeze();
        List<String> hanging = new ArrayList<>();
        for (int i = 0; i < MORE_THAN_CARRIERS; i++) {
            hanging.add("hang" + i);
            writeHanging("hang" + i);
        }
        for (String name : hanging) {
            daemon.await(
                    "the path of " + name + " to be named",
                    () -> daemon.get("/jubelet/v1/pods").contains(mount.resolve(name) + " does not respond"));
        }

        daemon.write("fresh.yaml", DaemonProcess.pod("fresh", DaemonProcess.sleeper()));
        daemon.awaitRunning("fresh");
        daemon.crash(calm);
        daemon.awaitReplaced("calm", calm);
        daemon.remove(hanging.getLast() + ".yaml");
        daemon.awaitGone(hanging.removeLast());
        daemon.remove("bound.yaml");
        daemon.awaitGone("bound");
        assertTrue(daemon.cli("get", "pods").contains("fresh"));

        assertEquals(0, daemon.stop());
        daemon.start();
        daemon.await(
                "the new daemon to name a path",
                () -> daemon.get("/jubelet/v1/pods").contains(mount.resolve("hang0") + " does not respond"));
        thaw();
        for (String name : hanging) {
            daemon.awaitRunning(name);
        }
    }
}
