/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.pod.Quantity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a daemon registers its Node in a real cluster, and what it does about what others make of that. */
class NodeClusterTest extends InCluster {

    /** The time within which a deleted object is created again; the reference kubelet never does that. */
    private static final Duration REGISTERED_AGAIN = Duration.ofSeconds(10);

    private static List<String> taints(JsonObject node) {
        return node.objects("spec.taints").stream()
                .map(taint -> taint.text("key") + "=" + taint.text("value") + ":" + taint.text("effect"))
                .toList();
    }

    @Test
    void registersWhatTheNodeIsAndHas() throws Exception {
        node.join(
                "--node-labels=example.com/disk=ssd,node-role.kubernetes.io/edge=yes",
                "--register-with-taints=example.com/a=b:NoSchedule",
                "--provider-id=cloud://machine-7",
                "--node-ip=192.0.2.7,2001:db8::7",
                "--max-pods=17",
                "--system-reserved=cpu=100m,memory=64Mi");
        JsonObject shown = node.awaitReady();
        String labels = "metadata.labels[";
        assertEquals("ssd", shown.text(labels + "example.com/disk]"));
        assertEquals(daemon.node, shown.text(labels + "kubernetes.io/hostname]"));
        assertEquals("linux", shown.text(labels + "kubernetes.io/os]"));
        // With it the API server would refuse the Node, again and again.
        assertTrue(!shown.has(labels + "node-role.kubernetes.io/edge]"), shown::toString);
        assertTrue(daemon.log().contains("node-role.kubernetes.io/edge"), daemon.log());
        List<String> taints = taints(shown);
        assertTrue(taints.contains("example.com/a=b:NoSchedule"), taints::toString);
        assertTrue(taints.contains("jubelet.io/static-pods-only=:NoSchedule"), taints::toString);
        assertEquals("cloud://machine-7", shown.text("spec.providerID"));
        assertEquals(
                List.of("InternalIP 192.0.2.7", "InternalIP 2001:db8::7", "Hostname " + daemon.node),
                shown.objects("status.addresses").stream()
                        .map(address -> address.text("type") + " " + address.text("address"))
                        .toList());
        long cpus = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("processor"))
                .count();
        long kilobytes = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
        assertEquals(Long.toString(cpus), shown.text("status.capacity.cpu"));
        assertEquals((cpus * 1000 - 100) + "m", shown.text("status.allocatable.cpu"));
        assertEquals("17", shown.text("status.capacity.pods"));
        if (kilobytes % 1024 != 0) {
            assertEquals(kilobytes + "Ki", shown.text("status.capacity.memory"));
            // What is set aside as huge pages, perhaps by another test at this moment, is not to be had as memory.
            long huge = shown.keys("status.capacity").stream()
                    .filter(resource -> resource.startsWith("hugepages-"))
                    .map(resource -> shown.text("status.capacity[" + resource + "]"))
                    .mapToLong(amount -> Quantity.parse(amount).value() / 1024)
                    .sum();
            assertEquals((kilobytes - huge - (64 + 100) * 1024) + "Ki", shown.text("status.allocatable.memory"));
        }
        assertTrue(shown.text("status.nodeInfo.kubeletVersion").startsWith("v1.36."), shown::toString);
        assertTrue(shown.text("status.nodeInfo.containerRuntimeVersion").startsWith("containerd://"), shown::toString);
        for (String field : List.of("kernelVersion", "osImage", "bootID", "operatingSystem", "architecture")) {
            assertNotEquals("", shown.text("status.nodeInfo." + field), field);
        }
        assertEquals(
                List.of("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"),
                shown.objects("status.conditions").stream()
                        .map(condition -> condition.text("type"))
                        .toList());
        assertEquals("KubeletReady", JoiningNode.condition(shown, "Ready").text("reason"));
        assertEquals(
                "KubeletHasSufficientMemory",
                JoiningNode.condition(shown, "MemoryPressure").text("reason"));
    }

    @Test
    void deletedNodeIsRegisteredAgain() throws Exception {
        node.join("--node-labels=example.com/disk=ssd");
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        Container container = daemon.awaitRunning("web");
        JsonObject before = node.awaitReady();
        for (int i = 0; i < 3; i++) {
            JsonObject last = cluster.get(node.path());
            cluster.delete(node.path());
            cluster.awaitObject(
                    node.path(),
                    "to be registered again and ready",
                    REGISTERED_AGAIN,
                    n -> !n.uid().equals(last.uid()) && n.status("Ready").equals("True"));
        }
        JsonObject after = cluster.get(node.path());
        assertEquals("ssd", after.text("metadata.labels[example.com/disk]"));
        assertEquals(taints(before), taints(after));
        cluster.awaitObject(
                node.lease(),
                "to belong to the new node",
                l -> l.text("metadata.ownerReferences[0].uid").equals(after.uid()));
        assertEquals(container.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void aNodeThatIsHeldByFinalizersIsKeptAndThenRegisteredAgain() throws Exception {
        node.join();
        JsonObject first = node.awaitReady();
        cluster.patch(node.path(), "{\"metadata\": {\"finalizers\": [\"example.com/held\"]}}");
        cluster.delete(node.path());
        cluster.awaitObject(node.path(), "to be leaving", n -> n.has("metadata.deletionTimestamp"));
        assertEquals(first.uid(), cluster.get(node.path()).uid());
        cluster.patch(node.path(), "{\"metadata\": {\"finalizers\": null}}");
        cluster.awaitObject(
                node.path(),
                "to be another",
                REGISTERED_AGAIN,
                n -> !n.uid().equals(first.uid()) && n.status("Ready").equals("True"));
    }

    @Test
    void whatOthersWroteStaysAndWhatIsOursComesBack() throws Exception {
        cluster.create("/api/v1/nodes", """
                apiVersion: v1
                kind: Node
                metadata:
                  name: %s
                  labels: {example.com/theirs: kept, example.com/disk: hdd}
                  annotations: {example.com/note: kept}
                  ownerReferences: [{apiVersion: example.com/v1, kind: Machine, name: m, uid: "7"}]
                spec:
                  taints: [{key: example.com/theirs, effect: NoSchedule}]
                """.formatted(daemon.node));
        node.join("--node-labels=example.com/disk=ssd");
        JsonObject shown = cluster.awaitObject(
                node.path(),
                "to have our labels and status",
                n -> n.text("metadata.labels[example.com/disk]").equals("ssd")
                        && n.status("Ready").equals("True"));
        assertEquals("kept", shown.text("metadata.labels[example.com/theirs]"));
        assertEquals("kept", shown.text("metadata.annotations[example.com/note]"));
        assertEquals("Machine", shown.text("metadata.ownerReferences[0].kind"));
        assertTrue(taints(shown).contains("example.com/theirs=:NoSchedule"), shown::toString);
        daemon.await(
                "a word on the missing taint", () -> daemon.log().contains("has no taint jubelet.io/static-pods-only"));
        cluster.patch(node.path(), "{\"metadata\": {\"labels\": {\"kubernetes.io/arch\": \"z80\"}}}");
        cluster.awaitObject(
                node.path(),
                "to have shown architecture back",
                n -> !n.text("metadata.labels[kubernetes.io/arch]").equals("z80"));
    }

    @Test
    void waitsForTheNodeIfItDoesNotRegisterIt() throws Exception {
        node.join("--register-node=false");
        daemon.await("a word on what it waits for", () -> daemon.log().contains("registerNode is false"));
        assertEquals(404, cluster.admin("GET", node.path(), null).code());
        cluster.create("/api/v1/nodes", """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s"}}""".formatted(daemon.node));
        node.awaitReady();
    }

    /** For clusters without the Node authorizer and NodeRestriction. */
    @Test
    void theClusterRoleOfTheDocumentationIsEnough() throws Exception {
        String page = Files.readString(Commands.source().resolve("docs/cluster.md"));
        int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
        cluster.create(
                "/apis/rbac.authorization.k8s.io/v1/clusterroles", page.substring(begin, page.indexOf("```", begin)));
        cluster.bind("jubelets", "jubelet", "jubelets");
        Instant now = Instant.now();
        Kubeconfig kubeconfig = cluster.kubeconfig(new Kubeconfig.User.Certificate(
                cluster.authority().client("edge", List.of("jubelets"), now.minusSeconds(60), now.plusSeconds(86400))));
        try (ApiClient edge = cluster.as(kubeconfig)) {
            ClusterUnderTest.await(
                    "the role to count",
                    () -> edge.send("GET", "/api/v1/nodes", null).ok());
        }
        daemon.withFlags(
                        "--kubeconfig=" + kubeconfig.write(cluster.newFile("edge")),
                        "--node-status-update-frequency=1s",
                        "--node-labels=example.com/a=b")
                .start();
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        JsonObject shown = node.awaitReady();
        cluster.patch(node.path(), "{\"metadata\": {\"labels\": {\"example.com/a\": \"c\"}}}");
        cluster.awaitObject(
                node.path(),
                "to have shown label back",
                n -> n.text("metadata.labels[example.com/a]").equals("b"));
        JsonObject lease = cluster.awaitObject(node.lease(), "to be there", _ -> true);
        cluster.awaitObject(
                node.lease(), "to be renewed", l -> !l.text("spec.renewTime").equals(lease.text("spec.renewTime")));
        String mirror = node.mirror("web");
        String uid = cluster.awaitObject(
                        mirror, "to run", m -> m.text("status.phase").equals("Running"))
                .uid();
        cluster.delete(mirror);
        cluster.awaitObject(mirror, "to be made again", m -> !m.uid().equals(uid));
        daemon.await("events", () -> node.reasons("web-" + daemon.node).contains("Started"));
        daemon.await("events of the node", () -> node.reasons(daemon.node).contains("NodeReady"));
        assertTrue(!shown.uid().isEmpty() && !daemon.log().contains("forbidden"), daemon.log());
    }
}
