/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Readiness probes and the kinds of probes. */
class ProbesContainerdTest extends ProbedPods {

    @Test
    void readinessByCommandFollowsTheFile() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
            readinessProbe:
              exec: {command: [test, -e, "$(WHERE)/ready"]}
              periodSeconds: 1
              failureThreshold: 1
            env: [{name: WHERE, value: /tmp}]
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("its status", () -> started("web"));
        daemon.holdsFor("unready", Duration.ofSeconds(2), () -> !ready("web"));
        assertTrue(status("web").contains("containers with unready status: [app]"), status("web"));
        exec(web, "touch /tmp/ready");
        daemon.await("ready", () -> ready("web"));
        exec(web, "rm /tmp/ready");
        daemon.await("unready again", () -> !ready("web"));
        assertEquals(0, restarts("web"), "readiness never restarts");
    }

    @Test
    void httpGetUsesNamedPortsHeadersAndPath() throws Exception {
        // What each connection said is in a file, which is whole whenever it is looked at.
        String server = "while :; do nc -l -p 8080 -e sh -c '"
                + "while read -r line; do line=${line%?}; [ -z $line ] && break; echo $line; done > /tmp/new;"
                + "mv /tmp/new /tmp/request;"
                + "printf \"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok\"'; done";
        daemon.write("web.yaml", pod("web", server.replace("-z $line", "-z \"$line\""), """
            ports: [{name: web, containerPort: 8080}]
            readinessProbe:
              httpGet:
                port: web
                path: /healthz?full=1
                httpHeaders:
                  - {name: X-Probe, value: "yes"}
                  - {name: Accept, value: ""}
              periodSeconds: 1
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        String request = daemon.runtime()
                .execSync(web.id(), List.of("cat", "/tmp/request"), DaemonProcess.SOON)
                .stdoutText();
        assertTrue(request.startsWith("GET /healthz?full=1 HTTP/1.1\n"), request);
        assertTrue(request.contains("User-Agent: kube-probe/1.36\n"), request);
        assertTrue(request.contains("X-Probe: yes\n"), request);
        assertFalse(request.contains("Accept"), request);
        assertTrue(request.contains("Connection: close\n"), request);
    }

    @Test
    void httpGetFailsByStatus() throws Exception {
        daemon.write("web.yaml", pod("web", "mkdir -p /tmp/www; httpd -f -p 8080 -h /tmp/www", """
            readinessProbe:
              httpGet: {port: 8080, path: /there}
              periodSeconds: 1
              failureThreshold: 1
            """));
        Container web = daemon.awaitRunning("web");
        daemon.holdsFor("404 is not ready", Duration.ofSeconds(2), () -> !ready("web"));
        exec(web, "mkdir -p /tmp/www; echo there > /tmp/www/there");
        daemon.await("ready", () -> ready("web"));
        exec(web, "rm /tmp/www/there");
        daemon.await("unready", () -> !ready("web"));
    }

    @Test
    void proxyOfTheDaemonIsUsedByNoProbeAndSeenInNoContainer() throws Exception {
        daemon.stop();
        String nowhere = "http://192.0.2.1:3128";
        daemon.runBy("env", "http_proxy=" + nowhere, "HTTP_PROXY=" + nowhere, "no_proxy=", "NO_PROXY=");
        daemon.start();
        daemon.write("web.yaml", pod("web", "env > /tmp/env; httpd -f -p 8080 -h /tmp", """
            readinessProbe:
              httpGet: {port: 8080, path: /env}
              periodSeconds: 1
              timeoutSeconds: 5
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        String variables = daemon.runtime()
                .execSync(web.id(), List.of("cat", "/tmp/env"), DaemonProcess.SOON)
                .stdoutText();
        assertTrue(variables.contains("PATH="), variables);
        assertFalse(variables.toLowerCase(Locale.ROOT).contains("proxy"), variables);
    }

    @Test
    void tcpSocketConnects() throws Exception {
        daemon.write("web.yaml", pod("web", "while ! test -e /tmp/go; do sleep 0.1; done; nc -ll -p 9090 -e cat", """
            readinessProbe:
              tcpSocket: {port: 9090}
              periodSeconds: 1
            """));
        Container web = daemon.awaitRunning("web");
        daemon.holdsFor("unready while the port is closed", Duration.ofSeconds(2), () -> !ready("web"));
        exec(web, "touch /tmp/go");
        daemon.await("ready", () -> ready("web"));
    }

    @Test
    void hangingProbeDoesNotAffectOthers() throws Exception {
        daemon.write("hangs.yaml", pod("hangs", sleeper(), """
            readinessProbe:
              exec: {command: [sleep, "1000"]}
              periodSeconds: 1
              timeoutSeconds: 600
            """));
        daemon.awaitRunning("hangs");
        readinessByCommandFollowsTheFile();
        assertFalse(ready("hangs"));
        daemon.remove("hangs.yaml");
        daemon.awaitGone("hangs");
    }

    @Test
    void initialDelayIsRespected() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
            readinessProbe:
              exec: {command: [sh, -c, "date +%s >> /tmp/asked"]}
              initialDelaySeconds: 4
              periodSeconds: 60
              timeoutSeconds: 30
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        String asked = daemon.runtime()
                .execSync(web.id(), List.of("head", "-n", "1", "/tmp/asked"), DaemonProcess.SOON)
                .stdoutText();
        long startedAt = daemon.status(web).startedAt().getEpochSecond();
        assertTrue(Long.parseLong(asked.strip()) >= startedAt + 4, asked + " after " + startedAt);
    }

    @Test
    void readinessIsProbedDuringTerminationAndLivenessIsNot() throws Exception {
        String slow = "trap 'touch /data/ending; until test -e /data/go; do sleep 0.1; done; exit 0' TERM;"
                + " touch /data/up; while :; do sleep 1000 & wait; done";
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", slow, "  volumes: [{name: data, hostPath: {path: " + daemon.home + "}}]")
                                .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 600")
                        + """
                        volumeMounts: [{name: data, mountPath: /data}]
                        readinessProbe:
                          exec: {command: [sh, -c, "echo r >> /data/asked; test -e /data/up && ! test -e /data/ending"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                          failureThreshold: 1
                        livenessProbe:
                          exec: {command: [sh, -c, "test -e /data/ending && echo liveness >> /data/late; true"]}
                          periodSeconds: 1
                          timeoutSeconds: 30
                        """.indent(4));
        daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        daemon.remove("web.yaml");
        daemon.await(
                "unready while it ends",
                () -> Files.exists(daemon.home.resolve("ending"))
                        && status("web").contains("\"ready\":false")
                        && daemon.running("web").size() == 1);
        long asked = lines("asked");
        daemon.await("readiness to be asked three times more", () -> lines("asked") >= asked + 3);
        Files.createFile(daemon.home.resolve("go"));
        daemon.awaitGone("web");
        long late = lines("late");
        assertTrue(late <= 1, "one may have been under way, but there were " + late);
    }

    /** How many lines containers have written into a file. */
    private long lines(String file) {
        try (Stream<String> lines = Files.lines(daemon.home.resolve(file))) {
            return lines.count();
        } catch (IOException _) {
            return 0; // none yet
        }
    }

    @Test
    void unreadyPodStaysUnreadyAcrossARestartOfTheDaemonUntilItsProbeSucceeds() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
            readinessProbe:
              exec: {command: [test, -e, /tmp/ready]}
              periodSeconds: 4
              failureThreshold: 100
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("its status", () -> started("web") && !ready("web"));
        daemon.await(
                "a good while",
                () -> daemon.status(web)
                        .startedAt()
                        .isBefore(java.time.Instant.now().minusSeconds(11)));
        daemon.kill();
        daemon.start();
        daemon.await("the pod to be known", () -> status("web").contains("containerStatuses"));
        daemon.holdsFor("unready", Duration.ofSeconds(9), () -> !ready("web"));
        assertTrue(started("web"), status("web"));
        exec(web, "touch /tmp/ready");
        daemon.await("ready", () -> ready("web"));
        assertEquals(web.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void restartOfTheDaemonKeepsPodsReady() throws Exception {
        daemon.write("web.yaml", pod("web", sleeper(), """
            startupProbe:
              exec: {command: ["true"]}
              periodSeconds: 1
              timeoutSeconds: 30
            readinessProbe:
              exec: {command: ["true"]}
              periodSeconds: 5
            """));
        Container web = daemon.awaitRunning("web");
        daemon.await("ready", () -> ready("web"));
        daemon.await(
                "a good while",
                () -> daemon.status(web)
                        .startedAt()
                        .isBefore(java.time.Instant.now().minusSeconds(11)));
        daemon.kill();
        daemon.start();
        daemon.await("the pod to be known", () -> status("web").contains("containerStatuses"));
        daemon.holdsFor("ready", Duration.ofSeconds(7), () -> ready("web") && started("web"));
        assertEquals(ContainerState.RUNNING, daemon.status(web).state());
        assertEquals(1, daemon.containers("web").size());
    }
}
