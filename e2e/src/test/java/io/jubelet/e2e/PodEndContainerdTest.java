/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When containers are started again or all begin anew, and when a pod is over. */
class PodEndContainerdTest extends OrderedPods {

    // --- policies and rules of containers

    @Test
    void aContainerHasAPolicyAndRulesOfItsOwn() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        "",
                        container(
                                        "again",
                                        RUNS_ONCE + "; test -e /out/again && sleep 1000; touch /out/again",
                                        "restartPolicy: Always")
                                + container(
                                        "ruled",
                                        "test -e /out/ruled && exit 1; touch /out/ruled; exit 42",
                                        "restartPolicy: Never",
                                        "restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]")
                                + container("once", "exit 42")));
        daemon.await(
                "their last instances",
                () -> attempts("web", "again", ContainerState.RUNNING).equals(List.of(1))
                        && attempts("web", "once", ContainerState.EXITED).equals(List.of(0))
                        && attempts("web", "ruled", ContainerState.EXITED).equals(List.of(0, 1)));
        daemon.holdsFor(
                "nothing more",
                Duration.ofSeconds(1),
                () -> attempts("web", "once", ContainerState.EXITED).equals(List.of(0))
                        && attempts("web", "ruled", ContainerState.EXITED).equals(List.of(0, 1)));
        awaitStatus("web", "\"phase\":\"Running\"");
    }

    @Test
    void aRuleRestartsAllContainersFromTheFirstInitContainerInTheSameSandbox() throws Exception {
        daemon.write(
                "web.yaml",
                pod(
                        "web",
                        "restartPolicy: Never",
                        container("init", RUNS_ONCE) + sidecar("side", "echo $0 >> /out/lines; exec sleep 1000"),
                        container("other", "echo $0 >> /out/lines; exec sleep 1000")
                                + container(
                                        "app",
                                        // Those of this round: other has written once more than app.
                                        "until [ $(grep -c other /out/lines) -gt $(grep -c app /out/lines) ]; do"
                                                + " sleep 0.1; done; " + RUNS_ONCE
                                                + "; test -e /out/again && exec sleep 1000; touch /out/again; exit 42",
                                        "restartPolicy: Never",
                                        restartsAll(42))));
        awaitLines("init", "side", "other", "app", "init", "side", "other", "app");
        assertEquals(1, daemon.sandboxes("web").size());
        awaitRunning("web", "app", "other", "side");
        assertTrue(daemon.running("web").stream().allMatch(c -> c.metadata().attempt() == 1));
        awaitStatus("web", "\"phase\":\"Running\"");
        int logged = daemon.log().length();
        daemon.kill();
        daemon.start();
        daemon.holdsFor(
                "the same containers",
                Duration.ofSeconds(2),
                () -> lines().size() == 8 && daemon.running("web").size() == 3);
        String since = daemon.log().substring(logged);
        assertTrue(!since.contains("action="), since);
    }

    // --- its end

    @Test
    void aPodIsStoppedWhenItsTimeIsOverAndStaysSoUntilItsManifestChanges() throws Exception {
        // Long enough for both to have started before.
        String limited = pod("web", "activeDeadlineSeconds: 8", sidecar("side", GOES_ON), container("app", GOES_ON));
        daemon.write("web.yaml", limited);
        awaitLines("side", "app", "app ends", "side ends");
        String words = "Pod was active on the node longer than the specified deadline";
        awaitStatus("web", "\"phase\":\"Failed\"", "\"reason\":\"DeadlineExceeded\"", words);
        daemon.await("its end", () -> over("web"));
        daemon.kill();
        daemon.start();
        awaitStatus("web", "\"phase\":\"Failed\"", "\"reason\":\"DeadlineExceeded\"", words);
        daemon.holdsFor("it stays ended", Duration.ofSeconds(2), () -> over("web"));
        assertEquals(4, lines().size());
        daemon.write("web.yaml", limited.replace("activeDeadlineSeconds: 8", "activeDeadlineSeconds: 3000"));
        awaitLines("side", "app", "app ends", "side ends", "side", "app");
    }

    @Test
    void theTimeOfAPodCountsFromItsStartAlsoWhenTheDaemonIsRestarted() throws Exception {
        daemon.write("web.yaml", pod("web", "activeDeadlineSeconds: 8", "", container("app", GOES_ON)));
        running("web", "app");
        daemon.kill();
        PodSandbox sandbox = daemon.sandboxes("web").getFirst();
        daemon.start();
        awaitLines("app", "app ends");
        Container app = daemon.containers("web").getFirst();
        daemon.await("its end", () -> over("web"));
        Duration ran = Duration.between(
                daemon.runtime().podSandboxStatus(sandbox.id()).createdAt(),
                daemon.status(app).finishedAt());
        assertTrue(ran.compareTo(Duration.ofSeconds(8)) >= 0, "ran only " + ran);
    }

    @Test
    void podsThatHadEndedStayEndedAfterARebootAndOthersBeginAgain() throws Exception {
        daemon.close();
        List<String> expected = new ArrayList<>();
        try (OwnContainerd containerd = new OwnContainerd()) {
            daemon = new DaemonProcess(containerd.socket(), List.of()).start();
            out = Files.createDirectory(daemon.home.resolve("out"));
            daemon.write(
                    "job.yaml",
                    pod("job", "restartPolicy: OnFailure", sidecar("side", GOES_ON), container("job", RUNS_ONCE)));
            daemon.await("the end of job", () -> over("job"));
            daemon.write(
                    "once.yaml", pod("once", "restartPolicy: Never", "", container("once", RUNS_ONCE + "; exit 3")));
            daemon.await("the end of once", () -> over("once"));
            daemon.write("cut.yaml", pod("cut", "restartPolicy: Never", "", container("cut", GOES_ON)));
            running("cut", "cut");
            daemon.write("web.yaml", pod("web", "", container("init", RUNS_ONCE), container("app", GOES_ON)));
            awaitLines("side", "job", "side ends", "once", "cut", "init", "app");
            daemon.kill();
            containerd.reboot();
            expected.addAll(lines());
            daemon.start();
            expected.addAll(List.of("init", "app"));
            awaitLines(expected.toArray(String[]::new));
            awaitStatus("job", "\"phase\":\"Succeeded\"");
            awaitStatus("once", "\"phase\":\"Failed\"");
            awaitStatus("cut", "\"phase\":\"Failed\"");
            daemon.holdsFor(
                    "they stay ended",
                    Duration.ofSeconds(2),
                    () -> lines().equals(expected) && over("job") && over("once"));
            daemon.close();
            daemon = null;
        }
    }
}
