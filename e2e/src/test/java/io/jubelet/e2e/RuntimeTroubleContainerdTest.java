/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods keep running when containerd restarts, dies, hangs, answers slowly or with errors, and the problem is reported. */
@OnContainerd
class RuntimeTroubleContainerdTest {

    private static OwnContainerd containerd;
    private DaemonProcess daemon;

    @BeforeAll
    static void startContainerd() throws Exception {
        containerd = new OwnContainerd();
    }

    @AfterAll
    static void stopContainerd() throws Exception {
        if (containerd != null) {
            containerd.close();
        }
    }

    @BeforeEach
    void makeDaemon() throws IOException {
        daemon = new DaemonProcess(containerd.socket(), List.of());
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @ParameterizedTest(name = "SIG{0}")
    @ValueSource(strings = {"TERM", "KILL"})
    void containersSurviveTheEndOfContainerdAndEditsMadeMeanwhileAreCarriedOut(String signal) throws Exception {
        daemon.start();
        daemon.write("same.yaml", pod("same", sleeper()));
        daemon.write("edit.yaml", pod("edit", "echo old; " + sleeper()));
        daemon.write("gone.yaml", pod("gone", sleeper()));
        Container same = daemon.awaitRunning("same");
        Container edit = daemon.awaitRunning("edit");
        daemon.awaitRunning("gone");
        containerd.end(signal);
        daemon.write("edit.yaml", pod("edit", "echo new; " + sleeper()));
        daemon.write("late.yaml", pod("late", sleeper()));
        daemon.remove("gone.yaml");
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("describe", "pod", "late").contains("container runtime does not respond"));
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("describe", "pod", "edit").contains("container runtime does not respond"));
        String table = daemon.cli("get", "pods");
        assertTrue(table.contains("! default/late: the container runtime does not respond"), table);
        assertTrue(table.contains("same-" + daemon.node), table);
        containerd.start();
        Container edited = daemon.awaitReplaced("edit", edit);
        daemon.await("the new content", () -> daemon.output(edited).equals("new\n"));
        daemon.awaitRunning("late");
        daemon.awaitGone("gone");
        assertEquals(same.id(), daemon.awaitRunning("same").id());
        daemon.await("no complaints", () -> !daemon.cliQuietly("get", "pods").contains("!"));
        daemon.crash(same);
        daemon.awaitReplaced("same", same);
    }

    @Test
    void aDaemonStartedWithoutContainerdTellsAndBeginsWhenItComes() throws Exception {
        containerd.end("TERM");
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.start();
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("get", "pods")
                        .contains("! default/web: the container runtime does not respond"));
        assertTrue(daemon.log().contains("does not answer yet"), daemon.log());
        containerd.start();
        daemon.awaitRunning("web");
    }

    @Test
    void hangingContainerdIsReportedAndPodsKeepRunning() throws Exception {
        // Long enough for a sandbox to be made on a busy machine.
        daemon = withConfig("runtimeRequestTimeout: 6s");
        daemon.start();
        daemon.write("same.yaml", pod("same", sleeper()));
        Container same = daemon.awaitRunning("same");
        containerd.signal("STOP");
        daemon.write("late.yaml", pod("late", sleeper()));
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("describe", "pod", "late").contains("container runtime does not respond"));
        containerd.signal("CONT");
        daemon.awaitRunning("late");
        assertEquals(same.id(), daemon.awaitRunning("same").id());
        daemon.await(
                "one sandbox each",
                () -> daemon.sandboxes("late").size() == 1
                        && daemon.sandboxes("same").size() == 1);
    }

    @Test
    void aContainerdThatAnswersSlowlyIsWaitedFor() throws Exception {
        Path endpoint = daemon.home.resolve("slow.sock");
        try (SlowProxy slow = new SlowProxy(endpoint, containerd.socket())) {
            DaemonProcess direct = daemon;
            daemon = new DaemonProcess(containerd.socket(), endpoint, List.of());
            try (direct) {
                daemon.start();
                slow.delay(Duration.ofMillis(700));
                daemon.write("a.yaml", pod("a", sleeper()));
                daemon.write("b.yaml", pod("b", sleeper()));
                daemon.await(
                        "an action under way",
                        () -> daemon.get("/jubelet/v1/pods/default/a/describe").contains("inProgress"));
                Container a = daemon.awaitRunning("a");
                Container b = daemon.awaitRunning("b");
                daemon.await(
                        "both to be shown", () -> daemon.get("/api/v1/pods").split("\"ready\":true", -1).length == 3);
                assertEquals(a.id(), daemon.awaitRunning("a").id());
                assertEquals(b.id(), daemon.awaitRunning("b").id());
                assertEquals(1, daemon.containers("a").size());
                slow.delay(Duration.ZERO);
                daemon.remove("a.yaml");
                daemon.awaitGone("a");
            }
        }
    }

    @Test
    void aRegistryThatNeverAnswersHoldsUpItsPodOnly() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            daemon.start();
            String image = "127.0.0.1:" + silent.getLocalPort() + "/silent:1";
            for (int i = 0; i < 4; i++) {
                daemon.write(
                        "hung" + i + ".yaml",
                        pod("hung" + i, sleeper()).replace("docker.io/library/busybox:1", image + i));
            }
            daemon.await(
                    "the pull to be told",
                    () -> daemon.cliQuietly("describe", "pod", "hung0").contains(image + "0"));
            daemon.write("web.yaml", pod("web", sleeper()));
            Container web = daemon.awaitRunning("web");
            daemon.crash(web);
            daemon.awaitReplaced("web", web);
            String why = daemon.cli("describe", "pod", "hung0");
            assertTrue(why.lines().anyMatch(line -> line.startsWith("Why:") && line.contains("image")), why);
            String table = daemon.cli("get", "pods");
            assertTrue(table.contains("! default/hung0: "), table);
            daemon.remove("hung0.yaml");
            daemon.awaitGone("hung0");
            daemon.await(
                    "it to be forgotten",
                    () -> !daemon.cliQuietly("get", "pods").contains("hung0"));
        }
    }

    @Test
    void podsThatShareAPullAllReportItsFailure() throws Exception {
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        try (silent) {
            daemon.start();
            String image = "127.0.0.1:" + silent.getLocalPort() + "/shared:1";
            String first = pod("first", sleeper()).replace("docker.io/library/busybox:1", image);
            daemon.write("first.yaml", first);
            daemon.await(
                    "the pull",
                    () -> daemon.cliQuietly("describe", "pod", "first").contains("pulling image"));
            daemon.write("second.yaml", first.replace("name: first", "name: second"));
            daemon.await(
                    "the other to wait",
                    () -> daemon.cliQuietly("describe", "pod", "second").contains("pulling image"));
        }
        daemon.await(
                "both to be told of the failure",
                () -> daemon.cliQuietly("get", "pods").split("cannot be pulled", -1).length == 3);
    }

    @Test
    void aContainerThatTheRuntimeRefusesHoldsUpItsPodOnlyAndSaysWhy() throws Exception {
        daemon.start();
        daemon.write("bad.yaml", pod("bad", sleeper()).replace("\"sh\", \"-c\"", "\"/no/such/program\""));
        daemon.await("the reason", () -> daemon.cliQuietly("get", "pods").contains("/no/such/program"));
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
        String table = daemon.cli("get", "pods");
        assertTrue(table.contains("RunContainerError") || table.contains("CrashLoopBackOff"), table);
        assertFalse(table.contains("! default/web"), table);
        daemon.write("bad.yaml", pod("bad", sleeper()));
        daemon.awaitRunning("bad");
    }

    private DaemonProcess withConfig(String line) throws IOException {
        daemon.close();
        return new DaemonProcess(
                containerd.socket(), List.of("--config=" + ConfigFiles.write("runtime-trouble", line)));
    }
}
