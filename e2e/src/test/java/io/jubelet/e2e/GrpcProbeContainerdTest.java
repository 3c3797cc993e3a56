/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.jubelet.cri.Container;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes by gRPC of servers that run in a pod on real containerd. */
@OnContainerd
class GrpcProbeContainerdTest {

    /** A JVM in a container starts slowly on a machine that is busy. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

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

    /** A pod with programs of the host, and with what they need of its files. */
    private static String pod(String script, Set<Path> ofHost, String probes) {
        StringBuilder mounts = new StringBuilder("volumeMounts: [{name: data, mountPath: /data}");
        StringBuilder volumes = new StringBuilder("  - {name: data, emptyDir: {}}\n");
        int count = 0;
        for (Path path : ofHost) {
            mounts.append(", {name: h" + count + ", mountPath: " + path + ", readOnly: true}");
            volumes.append("  - {name: h" + count++ + ", hostPath: {path: " + path + "}}\n");
        }
        return DaemonProcess.pod("web", script) + (mounts + "]\n" + probes).indent(4) + "  volumes:\n" + volumes;
    }

    private static Set<Path> ofJava() {
        Set<Path> paths = libraries();
        paths.add(Path.of(System.getProperty("java.home")));
        for (String entry : Commands.classPath().split(File.pathSeparator)) {
            Path path = Path.of(entry).toAbsolutePath().normalize();
            if (path.toFile().exists()) {
                paths.add(path.startsWith(Commands.source()) ? Commands.source() : path.getParent());
            }
        }
        return paths;
    }

    private static Set<Path> libraries() {
        return new LinkedHashSet<>(List.of(Path.of("/lib"), Path.of("/lib64")));
    }

    private String status() {
        return daemon.get("/api/v1/namespaces/default/pods/web-" + daemon.node);
    }

    private boolean ready() {
        return status().contains("\"ready\":true");
    }

    /** Whether this instance is shown, not the one before, and is ready. */
    private boolean ready(Container instance) {
        String status = status();
        return status.contains("\"ready\":true")
                && status.contains("\"restartCount\":" + instance.metadata().attempt());
    }

    private void exec(Container container, String script) {
        var result = daemon.runtime().execSync(container.id(), List.of("sh", "-c", script), DaemonProcess.SOON);
        assertEquals(0, result.exitCode(), result::stderrText);
    }

    private Container replaced(Container before) {
        daemon.await(
                "another instance",
                PATIENCE,
                () -> daemon.running("web").stream().anyMatch(c -> !c.id().equals(before.id())));
        return daemon.awaitRunning("web");
    }

    @Test
    void servingContainerIsReadyAndOthersAreRestarted() throws Exception {
        String server = HealthServer.command("/data/word").stream().collect(Collectors.joining(" "));
        daemon.write(
                "web.yaml",
                pod(
                        "trap 'exit 0' TERM; echo SERVING > /data/word; " + server
                                + " & echo $! > /data/pid; while :; do wait; sleep 1000 & done",
                        ofJava(),
                        """
                        startupProbe:
                          grpc: {port: 50051}
                          periodSeconds: 1
                          failureThreshold: 600
                        livenessProbe:
                          grpc: {port: 50051, service: live}
                          periodSeconds: 1
                          failureThreshold: 2
                          timeoutSeconds: 30
                        readinessProbe:
                          grpc: {port: 50051, service: ready}
                          periodSeconds: 1
                        """));
        Container first = daemon.awaitRunning("web");
        daemon.await("ready", PATIENCE, this::ready);
        exec(first, "echo NOT_SERVING > /data/new; mv /data/new /data/word");
        Container second = replaced(first);
        assertEquals(0, daemon.status(first).exitCode(), "it had its grace period");
        assertTrue(
                daemon.cli("get", "events").contains("service unhealthy (responded with \"NOT_SERVING\")"),
                daemon.log());
        daemon.await("ready again", PATIENCE, () -> ready(second));
        // A probe may be under way, which fails in another way than the next.
        exec(second, "kill -9 $(cat /data/pid)");
        Container third = replaced(second);
        assertEquals(2, third.metadata().attempt());
        String events = daemon.cli("get", "events");
        assertTrue(events.contains("Liveness probe failed: error: failed to connect service"), events);
        daemon.await("ready once more", PATIENCE, () -> ready(third));
    }

    @Test
    void etcdTellsItsHealth() throws Exception {
        String etcd = System.getProperty("jubelet.test.etcd", "");
        if (etcd.isEmpty()) {
            String reason = "no jubelet.test.etcd: make test gets one";
            if (Boolean.getBoolean("jubelet.test.no-skip")) {
                fail(reason);
            }
            abort(reason);
        }
        Set<Path> ofHost = libraries();
        ofHost.add(Path.of(etcd).getParent());
        daemon.write(
                "web.yaml",
                pod(
                        "exec " + etcd
                                + " --data-dir=/data/etcd --unsafe-no-fsync --listen-client-urls=http://0.0.0.0:2379"
                                + " --advertise-client-urls=http://127.0.0.1:2379",
                        ofHost,
                        """
                        readinessProbe:
                          grpc: {port: 2379}
                          periodSeconds: 1
                        """));
        Container web = daemon.awaitRunning("web");
        daemon.await("ready", PATIENCE, this::ready);
        Commands.shell(daemon.home, "kill -STOP " + daemon.pid(web));
        daemon.await("unready", PATIENCE, () -> !ready());
        Commands.shell(daemon.home, "kill -CONT " + daemon.pid(web));
        daemon.await("ready again", PATIENCE, this::ready);
        assertEquals(web.id(), daemon.awaitRunning("web").id());
    }
}
