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
import io.jubelet.cri.ContainerStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Hooks on real containerd, by what the containers wrote, the runtime and the status show. */
@OnContainerd
class HooksContainerdTest {

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

    /** A pod whose container sees the home of the daemon at /data, with lines of the container, indented by four. */
    private String pod(String script, String lines, String moreSpec) {
        String spec = "  volumes: [{name: data, hostPath: {path: " + daemon.home + "}}]\n" + moreSpec;
        return DaemonProcess.pod("web", script, spec)
                + "    volumeMounts: [{name: data, mountPath: /data}]\n"
                + lines.indent(4);
    }

    private String pod(String script, String lines) {
        return pod(script, lines, "");
    }

    private String status() {
        return daemon.get("/api/v1/namespaces/default/pods/web-" + daemon.node);
    }

    private Path written(String file) {
        return daemon.home.resolve(file);
    }

    private String lines(String file) throws IOException {
        return Files.exists(written(file)) ? Files.readString(written(file)) : "";
    }

    /** Says in /data/trapped that it is ready for its signal: one that comes earlier is lost on the first process of a pod. */
    private static String trapping(String traps) {
        return traps + "; echo >> /data/trapped; while :; do sleep 1000 & wait; done";
    }

    /** Waits until a container that is {@link #trapping} would notice its signal. */
    private Container awaitTrapping() {
        Container web = daemon.awaitRunning("web");
        daemon.await("its traps", () -> Files.exists(written("trapped")));
        return web;
    }

    // --- postStart

    @Test
    void postStartIsDoneBeforeTheNextContainerStarts() throws Exception {
        daemon.write("web.yaml", pod(sleeper(), """
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "sleep 2; echo hook >> /data/order"]}
                        """) + """
                - name: second
                  image: docker.io/library/busybox:1
                  imagePullPolicy: IfNotPresent
                  volumeMounts: [{name: data, mountPath: /data}]
                  command: [sh, -c, "echo second >> /data/order; sleep 1000"]
                """.indent(2));
        daemon.await("both", () -> daemon.running("web").size() == 2);
        daemon.await("the second", () -> {
            try {
                return lines("order").contains("second");
            } catch (IOException e) {
                return false;
            }
        });
        assertEquals("hook\nsecond\n", lines("order"));
    }

    @Test
    void aPostStartHookThatFailsHasItsContainerStoppedAndStartedAgainWithBackOff() throws Exception {
        daemon.write("web.yaml", pod("echo start >> /data/starts; " + sleeper(), """
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "echo no good; exit 3"]}
                        """));
        AtomicReference<String> seen = new AtomicReference<>();
        daemon.await("the reason", () -> {
            seen.set(status());
            return seen.get().contains("\"reason\":\"PostStartHookError\"");
        });
        String status = seen.get();
        assertTrue(status.contains("Exec lifecycle hook ([sh, -c, echo no good; exit 3])"), status);
        assertTrue(status.contains("exited with 3"), status);
        daemon.await("the back-off", () -> status().contains("back-off 10s restarting failed container=app"));
        assertEquals("start\nstart\n", lines("starts"));
        assertTrue(daemon.running("web").isEmpty());
        assertTrue(daemon.log().contains("PostStart hook failed"), daemon.log());
    }

    @Test
    void aPostStartHookThatFailsEndsAPodOfPolicyNever() throws Exception {
        daemon.write("web.yaml", pod(trapping("trap 'exit 7' TERM"), """
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "until test -e /data/trapped; do sleep 0.1; done; false"]}
                        """, "  restartPolicy: Never"));
        daemon.await("its end", () -> status().contains("\"phase\":\"Failed\""));
        assertTrue(status().contains("\"exitCode\":7"), status());
        assertEquals(1, daemon.containers("web").size());
    }

    @Test
    void postStartByHttpIgnoresTheStatusAndRetriesWithoutTls() throws Exception {
        // The path exists nowhere: httpd answers 404.
        daemon.write(
                "web.yaml",
                pod(trapping("mkdir /tmp/www; httpd -p 8080 -h /tmp/www; trap 'exit 0' TERM"), """
                        ports: [{name: web, containerPort: 8080}]
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "until test -e /data/trapped; do sleep 0.1; done"]}
                          preStop:
                            httpGet: {port: web, path: /bye, scheme: HTTPS}
                        """)
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 50"));
        Container web = daemon.awaitRunning("web");
        daemon.await("the end of its hook", () -> status().contains("\"started\":true"));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertTrue(daemon.log().contains("the server of a hook does not use TLS"), daemon.log());
        assertFalse(daemon.log().contains("PreStop hook failed"), daemon.log());
        assertFalse(web.id().value().isEmpty());
    }

    @Test
    void postStartSleepHoldsBackTheStartAndTcpSocketIsNoHook() throws Exception {
        Instant begin = Instant.now();
        daemon.write("web.yaml", pod(sleeper(), """
                        lifecycle:
                          postStart: {sleep: {seconds: 3}}
                        """));
        daemon.await("its status", () -> status().contains("\"started\":true"));
        assertFalse(Duration.between(begin, Instant.now()).toSeconds() < 3);
        daemon.write("web.yaml", pod(sleeper(), """
                        lifecycle:
                          postStart: {tcpSocket: {port: 80}}
                        """));
        daemon.await("its failure", () -> status().contains("Cannot run handler: invalid handler"));
    }

    @Test
    void aPostStartHookWithoutEndDoesNotHoldUpTheRemovalOfItsPod() throws Exception {
        daemon.write("web.yaml", pod(sleeper(), """
                        lifecycle:
                          postStart:
                            exec: {command: [sh, -c, "echo begun > /data/begun; sleep 100000"]}
                        """));
        daemon.await("the hook", () -> Files.exists(written("begun")));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
    }

    @Test
    void aPostStartHookWithoutAnswerIsGivenUpAsSoonAsItsPodChanges() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            daemon.write("web.yaml", pod(sleeper(), """
                            lifecycle:
                              postStart:
                                httpGet: {host: 127.0.0.1, port: PORT}
                            """.replace("PORT", Integer.toString(silent.getLocalPort()))));
            Container first = daemon.awaitRunning("web");
            try (Socket asked = silent.accept()) {
                daemon.write("web.yaml", pod(sleeper(), ""));
                assertFalse(daemon.awaitReplaced("web", first).id().equals(first.id()));
                assertTrue(asked.isConnected());
            }
        }
        assertTrue(daemon.log().contains("abandoned a postStart hook because its container ends"), daemon.log());
    }

    @Test
    void anEditThatWaitsForItsImageLeavesARunningPostStartHookAlone() throws Exception {
        String hook = """
                lifecycle:
                  postStart:
                    exec: {command: [sh, -c, "until test -e /data/go; do sleep 0.1; done; echo done > /data/done"]}
                """;
        daemon.write("web.yaml", pod(sleeper(), hook));
        Container first = daemon.awaitRunning("web");
        daemon.write(
                "web.yaml",
                pod(sleeper(), hook).replace("image: docker.io/library/busybox:1", "image: localhost:1/absent:1"));
        daemon.await("the failed pull", () -> daemon.log().contains("localhost:1/absent:1"));
        Files.createFile(written("go"));
        daemon.await("the end of the hook", () -> Files.exists(written("done")));
        daemon.await("its status", () -> status().contains("\"started\":true"));
        assertEquals(first.id(), daemon.awaitRunning("web").id());
        assertFalse(daemon.log().contains("abandoned a postStart hook"), daemon.log());
    }

    @Test
    void aLongPostStartHookHoldsUpNoOtherPod() throws Exception {
        String hook = """
                        lifecycle:
                          postStart: {exec: {command: [sleep, "600"]}}
                        """;
        for (int i = 0; i < 6; i++) {
            daemon.write("slow" + i + ".yaml", pod(sleeper(), hook).replace("name: web", "name: slow" + i));
        }
        for (int i = 0; i < 6; i++) {
            daemon.awaitRunning("slow" + i);
        }
        daemon.write("quick.yaml", DaemonProcess.pod("quick", sleeper()));
        daemon.awaitRunning("quick");
    }

    // --- preStop

    private static final String PRE_STOP = """
            lifecycle:
              preStop:
                exec: {command: [sh, -c, "%s"]}
            """;

    /** Says when it gets its signal. */
    private static final String TELLS = trapping("trap 'echo term >> /data/order; exit 0' TERM");

    @Test
    void preStopIsDoneBeforeTheSignal() throws Exception {
        daemon.write("web.yaml", pod(TELLS, PRE_STOP.formatted("sleep 2; echo hook >> /data/order")));
        awaitTrapping();
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("hook\nterm\n", lines("order"));
    }

    @Test
    void preStopOfAnUpdateIsThatOfTheOldVersion() throws Exception {
        daemon.write("web.yaml", pod(TELLS, PRE_STOP.formatted("echo old >> /data/order")));
        Container first = awaitTrapping();
        daemon.write("web.yaml", pod(sleeper(), PRE_STOP.formatted("echo new >> /data/order")));
        daemon.awaitReplaced("web", first);
        assertEquals("old\nterm\n", lines("order"));
    }

    @Test
    void preStopOfPodRemovedWhileDaemonWasDownIsThatOfItsVersion() throws Exception {
        daemon.write("web.yaml", pod(TELLS, PRE_STOP.formatted("echo hook >> /data/order")));
        awaitTrapping();
        daemon.stop();
        daemon.remove("web.yaml");
        daemon.start();
        daemon.awaitGone("web");
        assertEquals("hook\nterm\n", lines("order"));
    }

    @Test
    void preStopIsBoundedByTheGraceAndTheSignalStillComes() throws Exception {
        daemon.write(
                "web.yaml",
                pod(TELLS, PRE_STOP.formatted("sleep 100000"))
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 3"));
        awaitTrapping();
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("term\n", lines("order"));
        assertTrue(daemon.log().contains("error=\"not done in 3 s\""), daemon.log());
    }

    @Test
    void preStopTakesItsTimeOffTheGrace() throws Exception {
        String deaf = trapping("trap 'date +%s > /data/term' TERM");
        daemon.write(
                "web.yaml",
                pod(deaf, PRE_STOP.formatted("sleep 6; date +%s > /data/hook"))
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 10"));
        Container web = awaitTrapping();
        Instant begin = Instant.now();
        // An update, so that what ended can still be looked at.
        daemon.write("web.yaml", pod(sleeper(), ""));
        AtomicReference<ContainerStatus> ended = new AtomicReference<>();
        daemon.await("its end", () -> {
            ended.set(daemon.status(web));
            return ended.get().state() == ContainerState.EXITED;
        });
        assertEquals(137, ended.get().exitCode());
        long hook = Long.parseLong(lines("hook").strip());
        long term = Long.parseLong(lines("term").strip());
        assertTrue(hook <= term, hook + " " + term);
        Instant end = ended.get().finishedAt();
        assertFalse(end.isBefore(begin.plusSeconds(10)), "it had no more than " + Duration.between(begin, end));
        // Of the four seconds that were left, a busy machine makes more, but hardly all ten.
        long left = end.getEpochSecond() - term;
        assertTrue(left <= 8, "4 s were left, and it got " + left);
    }

    @Test
    void aPreStopHookThatFailsHoldsUpNothing() throws Exception {
        daemon.write("web.yaml", pod(TELLS, PRE_STOP.formatted("exit 9")));
        awaitTrapping();
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("term\n", lines("order"));
        assertTrue(daemon.log().contains("error=\"Exec lifecycle hook"), daemon.log());
    }

    @Test
    void withoutGraceThereIsNoPreStop() throws Exception {
        daemon.write(
                "web.yaml",
                pod(TELLS, PRE_STOP.formatted("echo hook >> /data/order"))
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 0"));
        awaitTrapping();
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("term\n", lines("order"));
    }

    @Test
    void aContainerThatEndsByItselfHasNoPreStop() throws Exception {
        daemon.write(
                "web.yaml", pod("sleep 1", PRE_STOP.formatted("echo hook >> /data/order"), "  restartPolicy: Never"));
        daemon.await("its end", () -> status().contains("\"phase\":\"Succeeded\""));
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("", lines("order"));
    }

    @Test
    void preStopComesBeforeTheKillOfALivenessProbeToo() throws Exception {
        daemon.write("web.yaml", pod(TELLS, PRE_STOP.formatted("echo hook >> /data/order") + """
                livenessProbe:
                  exec: {command: [sh, -c, "! test -e /tmp/dead"]}
                  periodSeconds: 1
                  failureThreshold: 1
                  timeoutSeconds: 30
                """));
        Container first = awaitTrapping();
        daemon.runtime().execSync(first.id(), List.of("touch", "/tmp/dead"), DaemonProcess.SOON);
        daemon.awaitReplaced("web", first);
        assertEquals("hook\nterm\n", lines("order"));
    }

    // --- the signal

    @Test
    void stopSignalReplacesThatOfTheImage() throws Exception {
        String tells =
                trapping("trap 'echo usr1 >> /data/order; exit 0' USR1; trap 'echo term >> /data/order; exit 0' TERM");
        daemon.write("web.yaml", pod(tells, "lifecycle: {stopSignal: SIGUSR1}"));
        awaitTrapping();
        daemon.remove("web.yaml");
        daemon.awaitGone("web");
        assertEquals("usr1\n", lines("order"));
    }

    @Test
    void whatDoesNotEndByItsStopSignalIsKilledAfterTheGrace() throws Exception {
        daemon.write(
                "web.yaml", pod(trapping("trap 'echo usr1 >> /data/order' USR1"), "lifecycle: {stopSignal: SIGUSR1}"));
        Container web = awaitTrapping();
        daemon.write("web.yaml", pod(sleeper(), ""));
        daemon.await("its end", () -> daemon.status(web).state() == ContainerState.EXITED);
        daemon.awaitReplaced("web", web);
        assertEquals("usr1\n", lines("order"));
    }
}
