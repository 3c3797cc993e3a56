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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Probes on real containerd, by what the runtime, the containers and the status show. Where one failure in time would decide,
 * probes have more of it than the default of one second: a command in a container takes that long on a busy machine.
 */
@OnContainerd
class ProbesContainerdTest {

    /** As {@link DaemonProcess#sleeper}, and says when it would end at once. */
    private static final String TOUCHES_UP = "trap 'exit 0' TERM; touch /tmp/up; while :; do sleep 1000 & wait; done";

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

    /** A pod of one container with lines of the container, indented by four. */
    private static String pod(String name, String script, String lines) {
        return DaemonProcess.pod(name, script) + lines.indent(4);
    }

    private String status(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    private boolean ready(String pod) {
        return status(pod).contains("\"ready\":true");
    }

    private boolean started(String pod) {
        return status(pod).contains("\"started\":true");
    }

    private void exec(Container container, String script) {
        daemon.runtime().execSync(container.id(), List.of("sh", "-c", script), DaemonProcess.SOON);
    }

    private int restarts(String pod) {
        return daemon.containers(pod).stream()
                .mapToInt(c -> c.metadata().attempt())
                .max()
                .orElse(-1);
    }

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
    void livenessEndsForGoodWithRestartPolicyNever() throws Exception {
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
    void livenessRestartsWhateverTheExitCodeWithRestartPolicyOnFailure() throws Exception {
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
    void theProbesGraceReplacesThePodsForItsKill() throws Exception {
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
    void startupHoldsBackTheOthersUntilItSucceeds() throws Exception {
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
    void aStartupProbeThatNeverSucceedsRestarts() throws Exception {
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
    void tcpSocketConnects() throws Exception {
        daemon.write("web.yaml", pod("web", "while ! test -e /tmp/go; do sleep 0.1; done; nc -ll -p 9090 -e cat", """
                        readinessProbe:
                          tcpSocket: {port: 9090}
                          periodSeconds: 1
                        """));
        Container web = daemon.awaitRunning("web");
        daemon.holdsFor("nobody listens", Duration.ofSeconds(2), () -> !ready("web"));
        exec(web, "touch /tmp/go");
        daemon.await("ready", () -> ready("web"));
    }

    @Test
    void aHangingProbeDisturbsNoOther() throws Exception {
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
    void aCommandThatTakesTooLongFails() throws Exception {
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

    @Test
    void initialDelayIsWaitedFor() throws Exception {
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
    void readinessIsAskedDuringTheEndAndLivenessIsNot() throws Exception {
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
    void whoWasUnreadyBeforeARestartOfTheDaemonStaysSoUntilItsProbeSaysOtherwise() throws Exception {
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
    void aRestartOfTheDaemonTurnsNoPodUnready() throws Exception {
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
