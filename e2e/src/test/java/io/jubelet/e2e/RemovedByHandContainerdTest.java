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
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An administrator removes containers and sandboxes with another client of the runtime. */
@OnContainerd
class RemovedByHandContainerdTest {

    private DaemonProcess daemon;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon == null) {
            return; // the test was skipped
        }
        daemon.close();
    }

    private void removeAllOf(String pod) {
        for (PodSandbox sandbox : daemon.sandboxes(pod)) {
            daemon.runtime().stopPodSandbox(sandbox.id());
            daemon.runtime().removePodSandbox(sandbox.id());
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aJobThatIsOverStaysOverWithoutItsContainerAndSandboxUntilItIsAskedForAnew() throws Exception {
        String job = pod("job", "echo ran; exit 3", "  restartPolicy: Never");
        daemon.write("job.yaml", job);
        daemon.await("the job to end", () -> daemon.cliQuietly("get", "pods").contains(" Error "));
        Path end = daemon.rootDir.resolve("pods");
        String uid = daemon.sandboxes("job").getFirst().metadata().uid();
        daemon.await(
                "its end to be recorded", () -> Files.exists(end.resolve(uid).resolve("end")));
        removeAllOf("job");
        daemon.holdsFor(
                "it stays over",
                Duration.ofSeconds(2),
                () -> daemon.containers("job").isEmpty());
        assertTrue(daemon.cli("get", "pods").contains(" Error "), daemon.cli("get", "pods"));
        assertTrue(daemon.get("/api/v1/pods").contains("\"exitCode\":3"), daemon.get("/api/v1/pods"));
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "also for the next daemon",
                Duration.ofSeconds(2),
                () -> daemon.containers("job").isEmpty());
        daemon.remove("job.yaml");
        daemon.await("its directory to go", () -> Files.notExists(end.resolve(uid)));
        daemon.write("job.yaml", job);
        daemon.await("another run", () -> daemon.containers("job").size() == 1);
    }

    @Test
    void restartCountsContinueAfterTheLogsOfInstancesThatAreGone() throws Exception {
        daemon.write("web.yaml", pod("web", "echo run; " + sleeper()));
        Container first = daemon.awaitRunning("web");
        daemon.crash(first);
        Container second = daemon.awaitReplaced("web", first);
        daemon.await("its output", () -> daemon.output(second).equals("run\n"));
        Path logs = Path.of(daemon.status(second).logPath()).getParent();
        removeAllOf("web");
        Container third = daemon.awaitReplaced("web", second);
        assertEquals(2, third.metadata().attempt());
        daemon.await(
                "its output in a log of its own", () -> daemon.output(third).equals("run\n"));
        assertEquals(List.of("0.log", "1.log", "2.log"), names(logs));
        assertEquals(1, Files.readAllLines(logs.resolve("1.log")).size());
    }

    /** What a daemon was starting when it was killed has never run, and the runtime might not know when it was made. */
    @Test
    void aDaemonThatIsKilledAtAStartLeavesPodsThatRunWithoutARestart() throws Exception {
        for (int round = 0; round < 6; round++) {
            int logged = daemon.log().length();
            daemon.write("p" + round + ".yaml", pod("p" + round, sleeper(), "  activeDeadlineSeconds: 3600"));
            daemon.await("the sandbox to be created", () -> daemon.log().indexOf("action=CreateSandbox", logged) > 0);
            int part = round;
            long begin = System.nanoTime();
            daemon.await("a moment in the middle", () -> System.nanoTime() - begin > part * 40_000_000L);
            daemon.kill();
            daemon.start();
        }
        for (int round = 0; round < 6; round++) {
            String name = "p" + round;
            Container running = daemon.awaitRunning(name);
            assertEquals(0, running.metadata().attempt(), () -> name + ": " + daemon.log());
            daemon.await(
                    "one sandbox of " + name,
                    () -> daemon.containers(name).stream().allMatch(c -> c.state() == ContainerState.RUNNING));
        }
        String pods = daemon.cli("get", "pods");
        assertTrue(!pods.contains("y ") && pods.contains("Running"), "ages are not those of 1970: " + pods);
    }
}
