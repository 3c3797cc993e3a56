/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxState;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything survives: kill -9, restarts, and edits while the daemon is down, on real containerd. */
@OnContainerd
class SurvivalContainerdTest {

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
    void podsRunOnWhenTheDaemonStopsAndARestartedDaemonDoesNothing() throws Exception {
        daemon.write("a.yaml", pod("a", sleeper()));
        daemon.write("b.yaml", pod("b", sleeper()));
        Container a = daemon.awaitRunning("a");
        Container b = daemon.awaitRunning("b");
        assertEquals(0, daemon.stop(), "exit code after SIGTERM");
        assertEquals(a.id(), daemon.awaitRunning("a").id());
        int logged = daemon.log().length();
        daemon.start();
        daemon.await("adoption", () -> daemon.get("/api/v1/pods").split("\"phase\":\"Running\"", -1).length == 3);
        daemon.holdsFor(
                "the same containers",
                Duration.ofSeconds(2),
                () -> daemon.awaitRunning("a").id().equals(a.id())
                        && daemon.awaitRunning("b").id().equals(b.id()));
        String since = daemon.log().substring(logged);
        assertTrue(!since.contains("action="), since);
    }

    @Test
    void editsAndRemovalsMadeWhileTheDaemonWasDownAreCarriedOut() throws Exception {
        Path outside = Files.createDirectory(daemon.home.resolve("outside"));
        daemon.write("edit.yaml", pod("edit", "echo old; " + sleeper()));
        daemon.write(
                "gone.yaml",
                pod(
                                "gone",
                                "trap 'sleep 1; touch /h/ended; exit 0' TERM; touch /h/up;"
                                        + " while :; do sleep 1000 & wait; done",
                                "  volumes: [{name: h, hostPath: {path: " + outside + "}}]")
                        + "    volumeMounts: [{name: h, mountPath: /h}]\n");
        daemon.write("bad.yaml", pod("bad", sleeper()));
        Container edit = daemon.awaitRunning("edit");
        daemon.awaitRunning("gone");
        daemon.await("its trap", () -> Files.exists(outside.resolve("up")));
        Container bad = daemon.awaitRunning("bad");
        daemon.await("its content to be kept, which waits for half a second of quiet", () -> isKept("bad.yaml"));
        daemon.kill();
        daemon.write("edit.yaml", pod("edit", "echo new; " + sleeper()));
        daemon.write("bad.yaml", "kind: Pod\nmetadata: {name: bad\n");
        daemon.remove("gone.yaml");
        daemon.start();
        Container after = daemon.awaitReplaced("edit", edit);
        daemon.await("the new content", () -> daemon.output(after).equals("new\n"));
        daemon.awaitGone("gone");
        assertTrue(Files.exists(outside.resolve("ended")), "it had its own grace period");
        assertEquals(bad.id(), daemon.awaitRunning("bad").id(), "the last good version runs on");
        assertTrue(daemon.get("/jubelet/v1/manifests").contains("bad.yaml"), daemon.get("/jubelet/v1/manifests"));
    }

    private boolean isKept(String manifest) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(daemon.rootDir.resolve("manifests"))) {
            for (Path file : files) {
                if (Files.readString(file).contains(manifest + '"')) {
                    return true;
                }
            }
        } catch (IOException e) {
            // Not yet made, or renamed meanwhile: looked at again.
            return false;
        }
        return false;
    }

    @Test
    void killedAtAnyMomentItConverges() throws Exception {
        long seed = Long.getLong("jubelet.test.seed", 7L);
        Random random = new Random(seed);
        for (int round = 0; round < 6; round++) {
            daemon.write("web.yaml", pod("web", "echo round " + round + "; " + sleeper()));
            daemon.holdsFor(
                    "never two",
                    Duration.ofMillis(random.nextInt(400)),
                    () -> daemon.running("web").size() <= 1);
            daemon.kill();
            daemon.start();
        }
        daemon.await(
                "the last content (seed " + seed + ")",
                () -> daemon.running("web").size() == 1
                        && daemon.output(daemon.running("web").getFirst()).equals("round 5\n"));
        // The result of the last request of a killed daemon may exist a moment longer.
        daemon.await(
                "one ready sandbox",
                () -> daemon.sandboxes("web").stream()
                                .filter(s -> s.state() == PodSandboxState.READY)
                                .count()
                        == 1);
    }

    @Test
    void podsThatOthersMadeAreLeftAlone() throws Exception {
        PodSandboxId foreign = daemon.runtime()
                .runPodSandbox(
                        PodSandboxConfig.builder()
                                .metadata(new PodSandboxMetadata("foreign", daemon.node, "default", 0))
                                .logDirectory(
                                        daemon.home.resolve("foreign-logs").toString())
                                .linux(LinuxPodSandboxConfig.builder().build())
                                .build(),
                        "");
        try {
            daemon.write("web.yaml", pod("web", sleeper()));
            daemon.awaitRunning("web");
            daemon.stop();
            daemon.start();
            daemon.remove("web.yaml");
            daemon.awaitGone("web");
            assertEquals(
                    PodSandboxState.READY,
                    daemon.runtime()
                            .listPodSandboxes(PodSandboxFilter.id(foreign))
                            .getFirst()
                            .state());
        } finally {
            daemon.runtime().stopPodSandbox(foreign);
            daemon.runtime().removePodSandbox(foreign);
        }
    }

    @Test
    void twentyPodsStartSideBySide() throws Exception {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            names.add("many-" + i);
            daemon.write("many-" + i + ".yaml", pod("many-" + i, sleeper()));
        }
        names.forEach(daemon::awaitRunning);
        for (String name : names) {
            daemon.remove(name + ".yaml");
        }
        names.forEach(daemon::awaitGone);
    }
}
