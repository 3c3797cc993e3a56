/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The lease, the conditions and the events of a node in a real cluster. */
class NodeHealthClusterTest extends InCluster {

    @Test
    void theLeaseIsRenewedAndMadeAgainAndBelongsToTheNode() throws Exception {
        node.join();
        JsonObject shown = node.awaitReady();
        JsonObject lease = cluster.awaitObject(
                node.lease(),
                "to belong to the node",
                l -> l.text("metadata.ownerReferences[0].uid").equals(shown.uid()));
        assertEquals(daemon.node, lease.text("spec.holderIdentity"));
        assertEquals("4", lease.text("spec.leaseDurationSeconds"));
        assertEquals("Node", lease.text("metadata.ownerReferences[0].kind"));
        String before = lease.text("spec.renewTime");
        cluster.awaitObject(
                node.lease(), "to be renewed", l -> !l.text("spec.renewTime").equals(before));
        cluster.delete(node.lease());
        JsonObject again = cluster.awaitObject(
                node.lease(), "to be made again", l -> !l.uid().equals(lease.uid()));
        assertEquals(shown.uid(), again.text("metadata.ownerReferences[0].uid"));
    }

    @Test
    void staysReadyWhileTheDaemonRunsAndOnlyThen() throws Exception {
        cluster.startControllerManager(
                "--node-monitor-period=1s", "--node-monitor-grace-period=6s", "--node-startup-grace-period=6s");
        node.join();
        JsonObject ready = node.awaitReady();
        String since = JoiningNode.condition(ready, "Ready").text("lastTransitionTime");
        daemon.holdsFor("the node to be ready", Duration.ofSeconds(12), node::isReady);
        daemon.kill();
        cluster.awaitObject(node.path(), "to be unknown", n -> n.status("Ready").equals("Unknown"));
        daemon.start();
        JsonObject again = node.awaitReady();
        assertNotEquals(since, JoiningNode.condition(again, "Ready").text("lastTransitionTime"));
        assertEquals(ready.uid(), again.uid());
        // A daemon that is started again before it is missed changes nothing; how soon that is depends on the machine.
        cluster.startControllerManager("--node-monitor-period=1s");
        String now = JoiningNode.condition(again, "Ready").text("lastTransitionTime");
        daemon.kill();
        daemon.start();
        Instant from = Instant.now();
        node.awaitRenewed(DaemonProcess.SOON, from);
        assertEquals(
                now, JoiningNode.condition(cluster.get(node.path()), "Ready").text("lastTransitionTime"));
    }

    @Test
    void wrongClockIsReportedOnceAndPodsKeepRunning() throws Exception {
        cluster.startControllerManager(
                "--node-monitor-period=1s", "--node-monitor-grace-period=6s", "--node-startup-grace-period=6s");
        SkewedApiServer skewed = closedAfterwards(new SkewedApiServer(cluster));
        Kubeconfig kubeconfig = cluster.kubeconfig(
                        new Kubeconfig.User.Token(cluster.apiServer().adminToken()))
                .at(skewed.url());
        daemon.options("--kubeconfig=" + kubeconfig.write(cluster.newFile("skewed")), node.config(""));
        daemon.write("before.yaml", DaemonProcess.pod("before", DaemonProcess.sleeper()));
        daemon.start();
        node.awaitReady();
        node.awaitMirror("before", DaemonProcess.SOON, JoiningNode::isRunning);
        assertEquals(0, warnings());
        skewed.ahead(Duration.ofHours(2));
        daemon.await("a warning", () -> warnings() == 1);
        assertTrue(daemon.log().contains(" s ahead of ours, and the lease of the node lasts 4 s"), daemon.log());
        daemon.write("meanwhile.yaml", DaemonProcess.pod("meanwhile", DaemonProcess.sleeper()));
        node.awaitMirror("meanwhile", DaemonProcess.SOON, JoiningNode::isRunning);
        Container crashing = daemon.awaitRunning("before");
        daemon.crash(crashing);
        node.awaitMirror(
                "before",
                DaemonProcess.SOON,
                mirror -> JoiningNode.isRunning(mirror)
                        && JoiningNode.restarts(mirror).equals("1"));
        skewed.ahead(Duration.ofDays(-400));
        // Twice as long as it takes to be missed.
        daemon.holdsFor("the node to be ready", Duration.ofSeconds(12), node::isReady);
        node.awaitAlive();
        assertEquals(1, warnings(), daemon.log());
        skewed.ahead(Duration.ZERO);
        node.awaitLog("the clocks of the API server and of this node agree again");
        assertEquals(1, warnings(), daemon.log());
    }

    private int warnings() {
        return daemon.log().split("the clock of the API server is ", -1).length - 1;
    }

    @Test
    void isNotReadyWithoutARuntimeAndSaysWhy() throws Exception {
        Path containerd = RuntimeUnderTest.containerd();
        Path link = Files.createTempDirectory("jubelet-link").resolve("containerd.sock");
        use(new DaemonProcess(containerd, link, List.of()));
        node.join();
        JsonObject shown = cluster.awaitObject(
                node.path(),
                "to be not ready",
                n -> n.status("Ready").equals("False")
                        && JoiningNode.condition(n, "Ready").text("message").contains("container runtime is down"));
        assertEquals("KubeletNotReady", JoiningNode.condition(shown, "Ready").text("reason"));
        Files.createSymbolicLink(link, containerd);
        node.awaitReady();
        Files.delete(link);
        Files.delete(link.getParent());
    }

    @Test
    void eventsOfPodsAndOfTheNodeAreSeenInTheCluster() throws Exception {
        node.join();
        node.awaitReady();
        daemon.write("crash.yaml", DaemonProcess.pod("crash", "exit 3"));
        daemon.write(
                "lost.yaml",
                DaemonProcess.pod("lost", DaemonProcess.sleeper())
                        .replace("  name: lost\n", "  name: lost\n  namespace: nowhere\n"));
        daemon.awaitRunning("lost");
        daemon.await("crash to begin", () -> !daemon.sandboxes("crash").isEmpty());
        String uid = daemon.sandboxes("crash").getFirst().metadata().uid();
        daemon.await(
                "the start of crash to be counted on",
                () -> node.events("crash-" + daemon.node).stream()
                        .anyMatch(event ->
                                event.text("reason").equals("BackOff") && Integer.parseInt(event.text("count")) > 1));
        for (JsonObject event : node.events("crash-" + daemon.node)) {
            assertEquals(uid, event.text("involvedObject.uid"), event::toString);
            assertEquals("default", event.text("metadata.namespace"));
            assertEquals(daemon.node, event.text("source.host"));
        }
        List<String> ofPod = node.reasons("crash-" + daemon.node);
        assertTrue(ofPod.containsAll(List.of("Created", "Started", "BackOff")), ofPod::toString);
        daemon.await(
                "the events of the node",
                () -> node.reasons(daemon.node)
                        .containsAll(List.of("Starting", "NodeReady", "NodeHasSufficientMemory")));
        assertEquals(List.of(), cluster.list("/api/v1/namespaces/nowhere/events"));
        assertTrue(!daemon.log().contains("rejected an event"), daemon.log());
    }
}
