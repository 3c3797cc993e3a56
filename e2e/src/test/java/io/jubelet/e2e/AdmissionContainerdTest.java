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
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pods that cannot run on this node now, on real containerd: they wait with the reason, and run when that changes. */
@OnContainerd
class AdmissionContainerdTest {

    private DaemonProcess daemon;

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private void start(String... flags) throws IOException {
        daemon = new DaemonProcess(flags).start();
    }

    private static String onPort(String name, int port) {
        return pod(name, sleeper()) + "    ports: [{containerPort: 80, hostPort: " + port + "}]\n";
    }

    private String table() {
        return daemon.cliQuietly("get", "pods", "--no-headers");
    }

    /** Waits until a pod is held back with this word, and has nothing on the runtime. */
    private void awaitHeld(String pod, String reason) {
        daemon.await(
                pod + " to wait for " + reason,
                () -> table().matches("(?s).*\\b" + pod + "-" + daemon.node + " +0/1 +" + reason + " .*"));
        assertTrue(daemon.sandboxes(pod).isEmpty(), () -> daemon.sandboxes(pod).toString());
    }

    @Test
    void aPortThatIsTakenIsWaitedForAndExplained() throws Exception {
        start();
        int port = ServerProcess.freePort();
        daemon.write("web.yaml", onPort("web", port));
        Container web = daemon.awaitRunning("web");
        daemon.write("app.yaml", onPort("app", port));
        awaitHeld("app", "NodePorts");
        String words = "node(s) didn't have free ports for the requested pod ports; " + port
                + "/TCP is taken by pod default/web";
        assertTrue(
                daemon.cli("describe", "pod", "app").contains(words),
                () -> daemon.cliQuietly("describe", "pod", "app"));
        assertTrue(
                daemon.get("/api/v1/namespaces/default/pods/app-" + daemon.node).contains("\"phase\":\"Pending\""));
        String events = daemon.cli("get", "events", "--for", "app", "-o", "wide");
        assertTrue(events.matches("(?s).*Warning +NodePorts .*" + port + "/TCP is taken.*"), events);
        assertEquals(web.id(), daemon.awaitRunning("web").id());
        daemon.remove("web.yaml");
        daemon.awaitRunning("app");
    }

    @Test
    void whatRunsKeepsItsPortAfterARestartOfTheDaemonAndOfNewPodsTheFirstByNameHasIt() throws Exception {
        start();
        int port = ServerProcess.freePort();
        daemon.write("web.yaml", onPort("web", port));
        Container web = daemon.awaitRunning("web");
        daemon.kill();
        daemon.write("app.yaml", onPort("app", port));
        daemon.write("back.yaml", onPort("back", port));
        daemon.start();
        awaitHeld("app", "NodePorts");
        awaitHeld("back", "NodePorts");
        assertEquals(web.id(), daemon.awaitRunning("web").id());
        daemon.remove("web.yaml");
        daemon.awaitRunning("app");
        awaitHeld("back", "NodePorts");
    }

    @Test
    void anUpdateKeepsItsOwnPortAndOneThatCannotRunLeavesTheOldVersionRunning() throws Exception {
        start();
        int port = ServerProcess.freePort();
        int other = ServerProcess.freePort();
        daemon.write("web.yaml", onPort("web", port));
        daemon.write("app.yaml", onPort("app", other));
        Container before = daemon.awaitRunning("web");
        daemon.awaitRunning("app");
        daemon.write("web.yaml", onPort("web", port).replace("busybox:1", "busybox:2"));
        Container updated = daemon.awaitReplaced("web", before);
        daemon.write("web.yaml", onPort("web", other));
        daemon.await(
                "the reason",
                () -> daemon.cliQuietly("describe", "pod", "web")
                        .contains("the new version is waiting, and the old one keeps running"));
        daemon.holdsFor(
                "the old version",
                Duration.ofSeconds(2),
                () -> daemon.running("web").equals(List.of(updated)));
        daemon.remove("app.yaml");
        daemon.awaitReplaced("web", updated);
    }

    @Test
    void noMorePodsRunThanAreAllowed() throws Exception {
        start("--max-pods=2");
        daemon.write("a.yaml", pod("a", sleeper()));
        daemon.write("b.yaml", pod("b", sleeper()));
        daemon.awaitRunning("a");
        daemon.awaitRunning("b");
        daemon.write("c.yaml", pod("c", sleeper()));
        awaitHeld("c", "OutOfpods");
        daemon.remove("a.yaml");
        daemon.awaitRunning("c");
    }

    @Test
    void noMoreIsRequestedThanTheNodeHas() throws Exception {
        start();
        daemon.write("big.yaml", pod("big", sleeper()) + "    resources: {requests: {memory: 100Ti}}\n");
        daemon.write("fast.yaml", pod("fast", sleeper()) + "    resources: {requests: {cpu: 100k}}\n");
        awaitHeld("big", "OutOfmemory");
        awaitHeld("fast", "OutOfcpu");
        daemon.write("big.yaml", pod("big", sleeper()) + "    resources: {requests: {memory: 1Mi}}\n");
        daemon.awaitRunning("big");
    }

    @Test
    void aPodWaitsForANodeWithItsLabels() throws Exception {
        start("--node-labels=disk=ssd");
        daemon.write("ssd.yaml", pod("ssd", sleeper(), "  nodeSelector: {disk: ssd, kubernetes.io/os: linux}"));
        daemon.write("here.yaml", pod("here", sleeper(), """
              affinity:
                nodeAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    nodeSelectorTerms:
                    - matchFields: [{key: metadata.name, operator: In, values: [%s]}]
            """.formatted(daemon.node)));
        daemon.write("tape.yaml", pod("tape", sleeper(), "  nodeSelector: {disk: tape}"));
        daemon.awaitRunning("ssd");
        daemon.awaitRunning("here");
        awaitHeld("tape", "NodeAffinity");
        daemon.write("role.yaml", pod("role", sleeper(), """
              affinity:
                nodeAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    nodeSelectorTerms:
                    - matchExpressions: [{key: node-role.kubernetes.io/control-plane, operator: Exists}]
            """));
        awaitHeld("role", "NodeAffinity");
        assertTrue(
                daemon.cli("describe", "pod", "role")
                        .contains("this node has no label node-role.kubernetes.io/control-plane"),
                () -> daemon.cliQuietly("describe", "pod", "role"));
        daemon.write("tape.yaml", pod("tape", sleeper(), "  nodeSelector: {disk: ssd}"));
        daemon.awaitRunning("tape");
    }
}
