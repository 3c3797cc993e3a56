/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.PodSandbox;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which containers start and stop, from the lines that they write. */
class OrderContainerdTest extends OrderedPods {

    // --- init containers

    @Test
    void initContainersRunOneAfterTheOtherBeforeTheMainContainers() throws Exception {
        String slow = "until test -e /out/go; do sleep 0.1; done; " + RUNS_ONCE;
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "",
                        container("one", slow) + container("two", "sleep 1; " + RUNS_ONCE),
                        container("app", GOES_ON)));
        running("web", "one");
        awaitStatus("web", "\"phase\":\"Pending\"", "PodInitializing");
        assertEquals(List.of("one"), names(daemon.containers("web")), "no other container was created");
        allow("go");
        awaitLines("one", "two", "app");
        awaitStatus("web", "\"phase\":\"Running\"");
        assertEquals(List.of("app"), names(daemon.running("web")));
    }

    @Test
    void anInitContainerThatFailsIsRunAgainAndHoldsBackTheOthers() throws Exception {
        String second = RUNS_ONCE + "; n=$(wc -l < /out/lines); echo run $n; test $n -ge 2";
        daemon.write("web.yaml", pod("web", "", container("init", second), container("app", GOES_ON)));
        awaitLines("init", "init", "app");
        assertEquals("run 2\n", daemon.cli("logs", "web", "-c", "init"));
        assertEquals("run 1\n", daemon.cli("logs", "web", "-c", "init", "-p"));
        assertTrue(daemon.cli("logs", "web", "-c", "other").contains("it has: app, init"));
    }

    @Test
    void aFailedInitContainerEndsAPodOfPolicyNever() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        container("init", RUNS_ONCE + "; exit 3"),
                        container("app", GOES_ON)));
        awaitStatus("web", "\"phase\":\"Failed\"");
        daemon.await("its end", () -> over("web"));
        daemon.kill();
        daemon.start();
        daemon.holdsFor("it stays ended", Duration.ofSeconds(2), () -> over("web"));
        awaitStatus("web", "\"phase\":\"Failed\"");
        assertEquals(List.of("init"), lines());
    }

    @Test
    void completedInitContainersAreNotRunAgainWithTheirMainContainerButInANewSandbox() throws Exception {
        daemon.write("web.yaml", pod("web", "", container("init", RUNS_ONCE), container("app", GOES_ON)));
        awaitLines("init", "app");
        daemon.crash(running("web", "app"));
        awaitLines("init", "app", "app");
        daemon.kill();
        daemon.start();
        PodSandbox sandbox = daemon.sandboxes("web").getFirst();
        String info =
                daemon.runtime().podSandboxStatusVerbose(sandbox.id()).info().toString();
        long pause = Long.parseLong(info.replaceAll("(?s).*?\"pid\":\\s*(\\d+).*", "$1"));
        ProcessHandle.of(pause).orElseThrow().destroyForcibly();
        daemon.await(
                "all to begin again",
                () -> lines().size() >= 5
                        && lines().subList(lines().size() - 2, lines().size()).equals(List.of("init", "app")));
    }

    // --- sidecars

    @Test
    void sidecarStartsInOrderAndIsRestartedUnderEachPolicy() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        sidecar("side", "echo $0 >> /out/lines; exec sleep 1000")
                                + container("init", "until grep -q side /out/lines; do sleep 0.1; done; " + RUNS_ONCE),
                        container("app", GOES_ON)));
        awaitLines("side", "init", "app");
        daemon.crash(running("web", "side"));
        awaitLines("side", "init", "app", "side");
        awaitRunning("web", "app", "side");
    }

    @Test
    void sidecarsDoNotKeepAPodAlive() throws Exception {
        daemon.write(
                "job.yaml",
                pod(
                        "job",
                        "restartPolicy: OnFailure",
                        sidecar("side", GOES_ON),
                        container("app", "until test -e /out/go; do sleep 0.1; done; " + RUNS_ONCE)));
        awaitLines("side");
        running("job", "app");
        allow("go");
        awaitLines("side", "app", "side ends");
        daemon.await("its end", () -> over("job"));
        awaitStatus("job", "\"phase\":\"Succeeded\"");
    }

    @Test
    void mainContainersStopFirstAndThenSidecarsTheLastOneFirst() throws Exception {
        String slow = "trap 'sleep 1; echo $0 ends >> /out/lines; exit 0' TERM; "
                + "echo $0 >> /out/lines; while :; do sleep 1000 & wait; done";
        daemon.write(
                "web.yaml",
                pod("web", "", sidecar("first", GOES_ON) + sidecar("second", slow), container("app", slow)));
        awaitLines("first", "second", "app");
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals(List.of("first", "second", "app", "app ends", "second ends", "first ends"), lines());
    }

    @Test
    void aSidecarHasTwoSecondsEvenWhenTheOthersUsedTheWholeGracePeriod() throws Exception {
        String deaf = "trap '' TERM; echo $0 >> /out/lines; while :; do sleep 1; done";
        daemon.write("web.yaml", pod("web", "", sidecar("side", GOES_ON), container("app", deaf)));
        awaitLines("side", "app");
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals(List.of("side", "app", "side ends"), lines());
    }
}
