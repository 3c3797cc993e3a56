/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A kubelet on the same cgroup root is named, on real containerd. The kubelet is simulated by what was seen of version 1.36
 * without pods: a process of that name, and the cgroups of pods that it does not know are killed and removed.
 */
@OnContainerd
class OtherKubeletContainerdTest {

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

    @Test
    void aKubeletOnTheSameCgroupRootIsNamed() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper()));
        Container web = daemon.awaitRunning("web");
        String uid = web.labels().get("io.kubernetes.pod.uid");
        Process kubelet = new ProcessBuilder("bash", "-c", "exec -a /usr/bin/kubelet sleep 1000").start();
        try {
            assertTrue(!daemon.cli("get", "pods").contains("kubelet"), "it is no problem before it does anything");
            String problem = "! a kubelet (process " + kubelet.pid() + ") uses the cgroup /" + daemon.cgroupRoot
                    + "/kubepods, too, and kills pods there that are not its own";
            daemon.await("the kubelet to be named", () -> {
                removeUnknownPod(uid);
                String pods = daemon.cliQuietly("get", "pods");
                return pods.contains(problem) && pods.contains("--cgroup-root=");
            });
            assertTrue(daemon.log().contains(problem.substring(2)), daemon.log());
        } finally {
            kubelet.destroyForcibly().waitFor();
        }
        daemon.await("it to be gone", () -> !daemon.cliQuietly("get", "pods").contains("kubelet"));
        daemon.awaitRunning("web");
    }

    /** What a kubelet does every two seconds. */
    private void removeUnknownPod(String uid) {
        try {
            for (Path cgroup : daemon.cgroupsNamed("pod" + uid)) {
                try (Stream<Path> below = Files.walk(cgroup)) {
                    for (Path each : below.filter(Files::isDirectory)
                            .sorted(Comparator.reverseOrder())
                            .toList()) {
                        kill(Files.readAllLines(each.resolve("cgroup.procs")));
                        Files.deleteIfExists(each);
                    }
                }
            }
        } catch (IOException | UncheckedIOException _) {
            return; // a process still ends in it, or it is gone: the next time
        }
    }

    private static void kill(List<String> pids) {
        for (String pid : pids) {
            ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }
}
