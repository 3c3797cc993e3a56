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
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandboxFilter;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The host gets another name while the daemon is down, on real containerd. */
@OnContainerd
class NodeNameContainerdTest {

    private static final String VOLUME = "  volumes: [{name: d, emptyDir: {}}]";
    private static final String MOUNT = "    volumeMounts: [{name: d, mountPath: /data}]\n";

    private DaemonProcess daemon;
    private String later;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess().start();
        later = daemon.node + "-b";
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String db(String word) {
        return pod("db", "echo " + word + " $NODE; echo x > /data/db; " + sleeper(), VOLUME) + MOUNT
                + "    env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]\n";
    }

    /** The running containers of db, under whatever name of the node. */
    private List<Container> running() {
        return List.of(daemon.node, later).stream()
                .flatMap(node -> daemon
                        .runtime()
                        .listContainers(ContainerFilter.labels(
                                Map.of("jubelet.io/node", node, "io.kubernetes.pod.name", "db-" + node)))
                        .stream())
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
    }

    private void restartAs(String node) throws Exception {
        assertEquals(0, daemon.stop());
        daemon.start("--hostname-override=" + node);
        daemon.await(
                "db-" + node + " to be shown as running",
                () -> daemon.get("/api/v1/pods")
                        .matches("(?s).*\"name\":\"db-" + node + "\".*\"phase\":\"Running\".*"));
    }

    @Test
    void podsRunOnUnderAnotherNodeName() throws Exception {
        daemon.write("db.yaml", db("first"));
        Container first = daemon.awaitRunning("db");
        daemon.await("its data", () -> data().size() == 1);

        restartAs(later);
        daemon.holdsFor(
                "the same container with its volume",
                Duration.ofSeconds(2),
                () -> running().stream().map(Container::id).toList().equals(List.of(first.id())) && data().size() == 1);
        assertEquals(
                1,
                daemon.log().split("the name of this node changed from " + daemon.node + " to " + later, -1).length
                        - 1);
        assertEquals("first " + daemon.node + "\n", daemon.cli("logs", "db"));

        // In the sandbox of the former name, with the environment of the new one.
        daemon.crash(first);
        Container restarted = daemon.awaitReplaced("db", first);
        daemon.await("its log", () -> daemon.cliQuietly("logs", "db").equals("first " + later + "\n"));
        assertEquals("first " + daemon.node + "\n", daemon.cli("logs", "db", "--previous"));

        daemon.write("db.yaml", db("second"));
        daemon.await("only the new version to run", () -> {
            List<Container> now = running();
            return now.size() == 1 && !now.getFirst().id().equals(restarted.id());
        });
        Container second = running().getFirst();
        assertEquals("db-" + later, second.labels().get("io.kubernetes.pod.name"));
        daemon.awaitGone("db");

        restartAs(daemon.node);
        daemon.holdsFor(
                "the same container",
                Duration.ofSeconds(2),
                () -> running().stream().map(Container::id).toList().equals(List.of(second.id())));
        daemon.remove("db.yaml");
        daemon.await(
                "nothing to be left under either name",
                () -> List.of(daemon.node, later).stream()
                                .allMatch(node -> daemon.runtime()
                                        .listPodSandboxes(PodSandboxFilter.labels(Map.of("jubelet.io/node", node)))
                                        .isEmpty())
                        && isEmpty(daemon.rootDir.resolve("pods"))
                        && isEmpty(daemon.logs));
    }

    @Test
    void longNodeNamesWork() throws Exception {
        String name = (daemon.node + ".").repeat(20).substring(0, 242) + "x";
        daemon.kill();
        daemon.start("--hostname-override=" + name);
        daemon.write("web.yaml", pod("web", "hostname; " + sleeper()));
        try {
            daemon.await(
                    "the host name of the pod, cut to what Linux allows",
                    () -> daemon.cliQuietly("logs", "web").startsWith("web-" + daemon.node));
            int length = daemon.cli("logs", "web").strip().length();
            assertTrue(length > 50 && length <= 63, () -> "a host name of " + length + " letters");
        } finally {
            daemon.remove("web.yaml");
            daemon.await("the pod to be gone", () -> daemon.get("/api/v1/pods").contains("\"items\":[]"));
        }
        assertTrue(isEmpty(daemon.logs), "its logs are removed");
    }

    private List<Path> data() {
        try (DirectoryStream<Path> pods = Files.newDirectoryStream(daemon.rootDir.resolve("pods"))) {
            for (Path each : pods) {
                Path data = each.resolve("volumes/kubernetes.io~empty-dir/d/db");
                if (Files.exists(data)) {
                    return List.of(data);
                }
            }
        } catch (IOException e) {
            return List.of(); // looked at again
        }
        return List.of();
    }

    private static boolean isEmpty(Path directory) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}
