/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Ready condition of a node whose runtime has no network, on each runtime. */
class NodeNetworkClusterTest extends InCluster {

    private static final String WORDS =
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:";

    static Stream<Path> runtimes() {
        return RuntimeUnderTest.all().stream();
    }

    private void awaitNotReady() {
        JsonObject ready = JoiningNode.condition(
                cluster.awaitObject(
                        node.path(),
                        "to be not ready for want of a network",
                        n -> n.status("Ready").equals("False")
                                && JoiningNode.condition(n, "Ready")
                                        .text("message")
                                        .startsWith(WORDS)),
                "Ready");
        assertEquals("KubeletNotReady", ready.text("reason"));
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void theNodeIsReadyWhileThereIsANetworkAndPodsOfTheNodesNetworkRunAnyway(Path like) throws Exception {
        OwnContainerd containerd = closedAfterwards(new OwnContainerd(like));
        containerd.startWithoutNetwork();
        use(new DaemonProcess(containerd.socket(), List.of()));
        node.join();
        daemon.write("host.yaml", DaemonProcess.pod("host", DaemonProcess.sleeper(), "  hostNetwork: true"));
        daemon.write("own.yaml", DaemonProcess.pod("own", DaemonProcess.sleeper()));
        awaitNotReady();
        Container host = daemon.awaitRunning("host");
        node.awaitMirror("host", DaemonProcess.SOON, JoiningNode::isRunning);
        node.awaitMirror(
                "own", DaemonProcess.SOON, mirror -> mirror.text("status.phase").equals("Pending"));
        assertTrue(daemon.running("own").isEmpty());
        containerd.giveNetwork();
        JsonObject ready = JoiningNode.condition(node.awaitReady(), "Ready");
        assertEquals("kubelet is posting ready status", ready.text("message"));
        Container own = daemon.awaitRunning("own");
        node.awaitMirror("own", DaemonProcess.SOON, JoiningNode::isRunning);
        daemon.await("the event", () -> node.reasons(daemon.node).contains("NodeReady"));
        // What runs has its network already.
        containerd.takeNetwork();
        awaitNotReady();
        daemon.await("the event", () -> node.reasons(daemon.node).contains("NodeNotReady"));
        assertEquals(List.of(host), daemon.containers("host"));
        assertEquals(List.of(own), daemon.containers("own"));
        assertTrue(JoiningNode.isRunning(cluster.get(node.mirror("own"))));
        containerd.giveNetwork(); // the runtime needs it to take one away from a pod
        node.awaitReady();
    }
}
