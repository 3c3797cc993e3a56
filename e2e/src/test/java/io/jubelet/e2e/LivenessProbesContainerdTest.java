/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Liveness and startup probes, which restart containers. */
class LivenessProbesContainerdTest extends ProbedPods {

    @Test
    void livenessKillsAndRestartsWithBackOff() throws Exception {
        daemon.write("web.yaml", pod("web", "rm -f /data/dead; " + sleeper(), """
                        livenessProbe:
                          exec: {command: [sh, -c, "! test -e /tmp/dead"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                          failureThreshold: 2
                        """));
        Container first = daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        exec(first, "touch /tmp/dead");
        Container second = daemon.awaitReplaced("web", first);
        assertEquals(1, second.metadata().attempt());
        assertEquals(0, daemon.status(first).exitCode(), "it had its grace period");
        assertTrue(daemon.log().contains("Container app failed liveness probe, will be restarted"), daemon.log());
        exec(second, "touch /tmp/dead");
        daemon.await("the back-off", () -> {
            String status = status("web");
            return status.contains("CrashLoopBackOff")
                    && status.contains("back-off 10s restarting failed container=app");
        });
        daemon.awaitReplaced("web", second);
    }

    @Test
    void livenessEndsThePodWithRestartPolicyNever() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", TOUCHES_UP, "  restartPolicy: Never") + """
                        livenessProbe:
                          exec: {command: [sh, -c, "! test -e /tmp/up"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                          failureThreshold: 1
                        """.indent(4));
        daemon.await("its end", () -> status("web").contains("\"phase\":\"Succeeded\""));
        assertTrue(daemon.log().contains("\"Container app failed liveness probe\""), daemon.log());
        daemon.holdsFor(
                "no restart",
                Duration.ofSeconds(2),
                () -> daemon.containers("web").size() == 1);
    }

    @Test
    void livenessRestartsForEachExitCodeWithRestartPolicyOnFailure() throws Exception {
        daemon.write("web.yaml", DaemonProcess.pod("web", TOUCHES_UP, "  restartPolicy: OnFailure") + """
                        livenessProbe:
                          exec: {command: [sh, -c, "! test -e /tmp/dead"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                          failureThreshold: 1
                        """.indent(4));
        Container first = daemon.awaitRunning("web");
        exec(first, "until test -e /tmp/up; do sleep 0.1; done; touch /tmp/dead");
        daemon.awaitReplaced("web", first);
        assertEquals(0, daemon.status(first).exitCode());
    }

    @Test
    void gracePeriodOfTheProbeOverridesThatOfThePod() throws Exception {
        String deaf = "trap '' TERM; echo up; while :; do sleep 1; done";
        daemon.write(
                "web.yaml",
                pod("web", deaf, """
                        livenessProbe:
                          exec: {command: ["false"]}
                          periodSeconds: 1
                          failureThreshold: 1
                          terminationGracePeriodSeconds: 2
                        """)
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 600"));
        Container first = daemon.awaitRunning("web");
        daemon.awaitReplaced("web", first);
        assertEquals(137, daemon.status(first).exitCode());
    }

    @Test
    void startupProbeDelaysTheOthersUntilItSucceeds() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
                        startupProbe:
                          exec: {command: [test, -e, /tmp/up]}
                          periodSeconds: 1
                          failureThreshold: 600
                        livenessProbe:
                          exec: {command: [sh, -c, "echo alive >> /tmp/asked"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                        readinessProbe:
                          exec: {command: [sh, -c, "echo ready >> /tmp/asked"]}
                          periodSeconds: 1
                        """));
        Container web = daemon.awaitRunning("web");
        daemon.holdsFor("not started", Duration.ofSeconds(3), () -> !started("web") && !ready("web"));
        assertEquals(
                1,
                daemon.runtime()
                        .execSync(web.id(), List.of("test", "-e", "/tmp/asked"), DaemonProcess.SOON)
                        .exitCode(),
                "nothing else was asked");
        exec(web, "touch /tmp/up");
        daemon.await("started and ready", () -> started("web") && ready("web"));
        daemon.await(
                "both to be asked",
                () -> daemon.runtime()
                                .execSync(web.id(), List.of("grep", "-q", "alive", "/tmp/asked"), DaemonProcess.SOON)
                                .exitCode()
                        == 0);
        exec(web, "rm /tmp/up");
        daemon.holdsFor("started is for good", Duration.ofSeconds(2), () -> started("web"));
    }

    @Test
    void failedStartupProbeRestarts() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
                        startupProbe:
                          exec: {command: ["false"]}
                          periodSeconds: 1
                          failureThreshold: 2
                        """));
        Container first = daemon.awaitRunning("web");
        daemon.awaitReplaced("web", first);
        assertTrue(daemon.log().contains("Container app failed startup probe, will be restarted"), daemon.log());
    }

    @Test
    void commandFailsAfterItsTimeout() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
                        livenessProbe:
                          exec: {command: [sleep, "1000"]}
                          periodSeconds: 1
                          timeoutSeconds: 1
                          failureThreshold: 1
                        """));
        Container first = daemon.awaitRunning("web");
        daemon.awaitReplaced("web", first);
        assertTrue(daemon.log().contains("liveness probe failed: command timed out"), daemon.log());
    }
}
