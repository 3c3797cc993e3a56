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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** In which order an edit replaces a pod on real containerd. */
@OnContainerd
class UpdateContainerdTest {

    private DaemonProcess daemon;

    /** Mounted into the old version, which ends once a test has put a file {@code end} there. */
    private Path shared;

    @BeforeEach
    void startDaemon() throws IOException {
        daemon = new DaemonProcess();
        shared = Files.createDirectory(daemon.home.resolve("shared"));
        daemon.start();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** Says that it is to stop, and stops when the test lets it. */
    private String old() {
        return pod(
                                "web",
                                "echo old; trap 'touch /shared/stopping' TERM; until [ -e /shared/end ]; do sleep 0.05; done",
                                "  volumes: [{name: shared, hostPath: {path: " + shared + "}}]")
                        .replace("terminationGracePeriodSeconds: 5", "terminationGracePeriodSeconds: 100")
                + "    volumeMounts: [{name: shared, mountPath: /shared}]\n";
    }

    private Container startOld(String more) throws IOException {
        daemon.write("web.yaml", old() + more);
        Container old = daemon.awaitRunning("web");
        daemon.await("its trap", () -> daemon.output(old).equals("old\n"));
        return old;
    }

    private void awaitStop() {
        daemon.await("the old version to be stopped", () -> Files.exists(shared.resolve("stopping")));
    }

    private void letItEnd() throws IOException {
        Files.createFile(shared.resolve("end"));
    }

    private List<Container> created() {
        return daemon.containers("web").stream()
                .filter(container -> container.state() == ContainerState.CREATED)
                .toList();
    }

    @Test
    void theNewContainerExistsBeforeTheOldOneIsStopped() throws Exception {
        Container old = startOld("");
        daemon.write("web.yaml", pod("web", "echo new; " + sleeper()));
        awaitStop();
        assertEquals(1, created().size(), daemon::details);
        assertEquals(2, daemon.sandboxes("web").size(), daemon::details);
        String shown = daemon.cli("get", "pods");
        assertTrue(shown.contains("Terminating"), shown);
        letItEnd();
        Container now = daemon.awaitReplaced("web", old);
        daemon.await("the new content", () -> daemon.output(now).equals("new\n"));
        daemon.await(
                "the old sandbox to be removed", () -> daemon.sandboxes("web").size() == 1);
        assertEquals(0, now.metadata().attempt());
    }

    @Test
    void aHostPortIsNeverOfTwoSandboxes() throws Exception {
        Container old = startOld("    ports: [{containerPort: 80, hostPort: 39017}]\n");
        daemon.write("web.yaml", pod("web", sleeper()) + "    ports: [{containerPort: 81, hostPort: 39017}]\n");
        awaitStop();
        assertEquals(List.of(), created());
        assertEquals(1, daemon.sandboxes("web").size());
        letItEnd();
        daemon.awaitReplaced("web", old);
        assertTrue(daemon.log().contains("it is stopped first because the network plugin"), daemon::details);
    }

    @Test
    void aDaemonThatIsKilledWhileTheOldVersionStopsGoesOnWithoutARestart() throws Exception {
        Container old = startOld("");
        daemon.write("web.yaml", pod("web", "echo new; " + sleeper()));
        awaitStop();
        daemon.kill();
        letItEnd();
        daemon.await("the end of the old container", () -> daemon.running("web").isEmpty());
        int logged = daemon.log().length();
        daemon.start();
        Container now = daemon.awaitReplaced("web", old);
        daemon.await("the new content", () -> daemon.output(now).equals("new\n"));
        assertTrue(!daemon.log().substring(logged).contains("action=StartContainer(app, attempt 1)"), daemon::details);
    }

    @Test
    void whatChangesInTheGracePeriodIsInTheNewContainer() throws Exception {
        daemon.write("config.yaml", config("early"));
        Container old = startOld("");
        daemon.write(
                "web.yaml",
                pod("web", "echo $WHEN; " + sleeper())
                        + "    env: [{name: WHEN, valueFrom: {configMapKeyRef: {name: when, key: at}}}]\n");
        awaitStop();
        daemon.write("config.yaml", config("late") + "---\n" + config("x").replace("name: when", "name: another"));
        daemon.await("the change to be known", () -> daemon.log().contains("ConfigMap default/another"));
        letItEnd();
        Container now = daemon.awaitReplaced("web", old);
        daemon.await("the new value", () -> daemon.output(now).equals("late\n"));
    }

    private static String config(String at) {
        return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: when}\ndata: {at: " + at + "}\n";
    }
}
