package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.pod.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Node and its lease in a real cluster, and what happens to both. */
class NodeClusterTest {

    /** So soon somebody's deletion is undone; the reference kubelet never does. */
    private static final Duration REGISTERED_AGAIN = Duration.ofSeconds(10);

    private static ClusterUnderTest cluster;

    private DaemonProcess daemon;

    @BeforeAll
    static void startCluster() throws IOException {
        RuntimeUnderTest.containerd();
        cluster = ClusterUnderTest.start();
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** A daemon with short periods that has joined the cluster. */
    private DaemonProcess joined(String... flags) throws IOException {
        daemon = new DaemonProcess();
        return join(daemon, flags);
    }

    private static DaemonProcess join(DaemonProcess daemon, String... flags) throws IOException {
        Path config = Files.writeString(daemon.home.resolve("kubelet.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                nodeStatusUpdateFrequency: 1s
                nodeStatusReportFrequency: 60s
                nodeLeaseDurationSeconds: 4
                """);
        return daemon.withFlags("--kubeconfig=" + cluster.kubeconfigOfNode(daemon.node), "--config=" + config)
                .withFlags(flags)
                .start();
    }

    private String node() {
        return "/api/v1/nodes/" + daemon.node;
    }

    private String lease() {
        return "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + daemon.node;
    }

    private JsonObject awaitReady() {
        return cluster.awaitObject(
                node(), "to be ready", node -> node.status("Ready").equals("True"));
    }

    private static JsonObject condition(JsonObject node, String type) {
        return node.objects("status.conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> taints(JsonObject node) {
        return node.objects("spec.taints").stream()
                .map(taint -> taint.text("key") + "=" + taint.text("value") + ":" + taint.text("effect"))
                .toList();
    }

    @Test
    void registersWhatTheNodeIsAndHas() throws Exception {
        joined(
                "--node-labels=example.com/disk=ssd,node-role.kubernetes.io/edge=yes",
                "--register-with-taints=example.com/a=b:NoSchedule",
                "--provider-id=cloud://machine-7",
                "--node-ip=192.0.2.7,2001:db8::7",
                "--max-pods=17",
                "--system-reserved=cpu=100m,memory=64Mi");
        JsonObject node = awaitReady();
        String labels = "metadata.labels[";
        assertEquals("ssd", node.text(labels + "example.com/disk]"));
        assertEquals(daemon.node, node.text(labels + "kubernetes.io/hostname]"));
        assertEquals("linux", node.text(labels + "kubernetes.io/os]"));
        // With it the API server would refuse the Node, again and again.
        assertTrue(!node.has(labels + "node-role.kubernetes.io/edge]"), node::toString);
        assertTrue(daemon.log().contains("node-role.kubernetes.io/edge"), daemon.log());
        List<String> taints = taints(node);
        assertTrue(taints.contains("example.com/a=b:NoSchedule"), taints::toString);
        assertTrue(taints.contains("jubelet.io/static-pods-only=:NoSchedule"), taints::toString);
        assertEquals("cloud://machine-7", node.text("spec.providerID"));
        assertEquals(
                List.of("InternalIP 192.0.2.7", "InternalIP 2001:db8::7", "Hostname " + daemon.node),
                node.objects("status.addresses").stream()
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
        assertEquals(Long.toString(cpus), node.text("status.capacity.cpu"));
        assertEquals((cpus * 1000 - 100) + "m", node.text("status.allocatable.cpu"));
        assertEquals("17", node.text("status.capacity.pods"));
        if (kilobytes % 1024 != 0) {
            assertEquals(kilobytes + "Ki", node.text("status.capacity.memory"));
            // What is set aside as huge pages, perhaps by another test at this moment, is not to be had as memory.
            long huge = node.keys("status.capacity").stream()
                    .filter(resource -> resource.startsWith("hugepages-"))
                    .map(resource -> node.text("status.capacity[" + resource + "]"))
                    .mapToLong(amount -> Quantity.parse(amount).value() / 1024)
                    .sum();
            assertEquals((kilobytes - huge - (64 + 100) * 1024) + "Ki", node.text("status.allocatable.memory"));
        }
        assertTrue(node.text("status.nodeInfo.kubeletVersion").startsWith("v1.36."), node::toString);
        assertTrue(node.text("status.nodeInfo.containerRuntimeVersion").startsWith("containerd://"), node::toString);
        for (String field : List.of("kernelVersion", "osImage", "bootID", "operatingSystem", "architecture")) {
            assertNotEquals("", node.text("status.nodeInfo." + field), field);
        }
        assertEquals(
                List.of("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"),
                node.objects("status.conditions").stream()
                        .map(condition -> condition.text("type"))
                        .toList());
        assertEquals("KubeletReady", condition(node, "Ready").text("reason"));
        assertEquals(
                "KubeletHasSufficientMemory", condition(node, "MemoryPressure").text("reason"));
    }

    @Test
    void theLeaseIsRenewedAndMadeAgainAndBelongsToTheNode() throws Exception {
        joined();
        JsonObject node = awaitReady();
        JsonObject lease = cluster.awaitObject(
                lease(),
                "to belong to the node",
                l -> l.text("metadata.ownerReferences[0].uid").equals(node.uid()));
        assertEquals(daemon.node, lease.text("spec.holderIdentity"));
        assertEquals("4", lease.text("spec.leaseDurationSeconds"));
        assertEquals("Node", lease.text("metadata.ownerReferences[0].kind"));
        String before = lease.text("spec.renewTime");
        cluster.awaitObject(
                lease(), "to be renewed", l -> !l.text("spec.renewTime").equals(before));
        cluster.delete(lease());
        JsonObject again =
                cluster.awaitObject(lease(), "to be made again", l -> !l.uid().equals(lease.uid()));
        assertEquals(node.uid(), again.text("metadata.ownerReferences[0].uid"));
    }

    @Test
    void aNodeThatSomebodyDeletedIsRegisteredAgain() throws Exception {
        joined("--node-labels=example.com/disk=ssd");
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        Container container = daemon.awaitRunning("web");
        JsonObject before = awaitReady();
        for (int i = 0; i < 3; i++) {
            JsonObject last = cluster.get(node());
            cluster.delete(node());
            cluster.awaitObject(
                    node(),
                    "to be registered again and ready",
                    REGISTERED_AGAIN,
                    node -> !node.uid().equals(last.uid())
                            && node.status("Ready").equals("True"));
        }
        JsonObject after = cluster.get(node());
        assertEquals("ssd", after.text("metadata.labels[example.com/disk]"));
        assertEquals(taints(before), taints(after));
        cluster.awaitObject(
                lease(),
                "to belong to the new node",
                l -> l.text("metadata.ownerReferences[0].uid").equals(after.uid()));
        assertEquals(container.id(), daemon.awaitRunning("web").id());
    }

    @Test
    void aNodeThatIsHeldByFinalizersIsKeptAndThenRegisteredAgain() throws Exception {
        joined();
        JsonObject first = awaitReady();
        cluster.patch(node(), "{\"metadata\": {\"finalizers\": [\"example.com/held\"]}}");
        cluster.delete(node());
        cluster.awaitObject(node(), "to be leaving", node -> node.has("metadata.deletionTimestamp"));
        assertEquals(first.uid(), cluster.get(node()).uid());
        cluster.patch(node(), "{\"metadata\": {\"finalizers\": null}}");
        cluster.awaitObject(
                node(),
                "to be another",
                REGISTERED_AGAIN,
                node -> !node.uid().equals(first.uid()) && node.status("Ready").equals("True"));
    }

    @Test
    void whatOthersWroteStaysAndWhatIsOursComesBack() throws Exception {
        daemon = new DaemonProcess();
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
        join(daemon, "--node-labels=example.com/disk=ssd");
        JsonObject node = cluster.awaitObject(
                node(),
                "to have our labels and status",
                n -> n.text("metadata.labels[example.com/disk]").equals("ssd")
                        && n.status("Ready").equals("True"));
        assertEquals("kept", node.text("metadata.labels[example.com/theirs]"));
        assertEquals("kept", node.text("metadata.annotations[example.com/note]"));
        assertEquals("Machine", node.text("metadata.ownerReferences[0].kind"));
        assertTrue(taints(node).contains("example.com/theirs=:NoSchedule"), node::toString);
        daemon.await(
                "a word on the missing taint", () -> daemon.log().contains("has no taint jubelet.io/static-pods-only"));
        cluster.patch(node(), "{\"metadata\": {\"labels\": {\"kubernetes.io/arch\": \"z80\"}}}");
        cluster.awaitObject(
                node(),
                "to have its architecture back",
                n -> !n.text("metadata.labels[kubernetes.io/arch]").equals("z80"));
    }

    @Test
    void waitsForTheNodeWhereSomebodyElseRegistersIt() throws Exception {
        joined("--register-node=false");
        daemon.await("a word on what it waits for", () -> daemon.log().contains("registerNode is false"));
        assertEquals(404, cluster.admin("GET", node(), null).code());
        cluster.create("/api/v1/nodes", """
                {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "%s"}}""".formatted(daemon.node));
        awaitReady();
    }

    @Test
    void staysReadyWhileTheDaemonRunsAndOnlyThen() throws Exception {
        cluster.startControllerManager(
                "--node-monitor-period=1s", "--node-monitor-grace-period=6s", "--node-startup-grace-period=6s");
        try {
            joined();
            JsonObject ready = awaitReady();
            String since = condition(ready, "Ready").text("lastTransitionTime");
            daemon.holdsFor("the node to be ready", Duration.ofSeconds(12), () -> isReady());
            daemon.kill();
            cluster.awaitObject(
                    node(), "to be unknown", node -> node.status("Ready").equals("Unknown"));
            daemon.start();
            JsonObject again = awaitReady();
            assertNotEquals(since, condition(again, "Ready").text("lastTransitionTime"));
            assertEquals(ready.uid(), again.uid());
            // A daemon that is started again at once is not missed, and changes nothing.
            String now = condition(again, "Ready").text("lastTransitionTime");
            daemon.kill();
            daemon.start();
            Instant from = Instant.now();
            daemon.await("the lease to be renewed by the new daemon", () -> renewedAfter(from));
            assertEquals(now, condition(cluster.get(node()), "Ready").text("lastTransitionTime"));
        } finally {
            cluster.stopControllerManager();
        }
    }

    /** For whoever has neither the Node authorizer nor NodeRestriction. */
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
        daemon = new DaemonProcess();
        daemon.withFlags(
                        "--kubeconfig=" + kubeconfig.write(cluster.newFile("edge")),
                        "--node-status-update-frequency=1s",
                        "--node-labels=example.com/a=b")
                .start();
        daemon.write("web.yaml", DaemonProcess.pod("web", DaemonProcess.sleeper()));
        JsonObject node = awaitReady();
        cluster.patch(node(), "{\"metadata\": {\"labels\": {\"example.com/a\": \"c\"}}}");
        cluster.awaitObject(
                node(),
                "to have its label back",
                n -> n.text("metadata.labels[example.com/a]").equals("b"));
        JsonObject lease = cluster.awaitObject(lease(), "to be there", _ -> true);
        cluster.awaitObject(
                lease(), "to be renewed", l -> !l.text("spec.renewTime").equals(lease.text("spec.renewTime")));
        String mirror = "/api/v1/namespaces/default/pods/web-" + daemon.node;
        String uid = cluster.awaitObject(
                        mirror, "to run", m -> m.text("status.phase").equals("Running"))
                .uid();
        cluster.delete(mirror);
        cluster.awaitObject(mirror, "to be made again", m -> !m.uid().equals(uid));
        daemon.await("events", () -> reasons("web-" + daemon.node).contains("Started"));
        daemon.await("events of the node", () -> reasons(daemon.node).contains("NodeReady"));
        assertTrue(!node.uid().isEmpty() && !daemon.log().contains("forbidden"), daemon.log());
    }

    private boolean isReady() {
        try {
            return cluster.get(node()).status("Ready").equals("True");
        } catch (IOException e) {
            return false;
        }
    }

    private boolean renewedAfter(Instant time) {
        try {
            return Instant.parse(cluster.get(lease()).text("spec.renewTime")).isAfter(time);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void isNotReadyWithoutARuntimeAndSaysWhy() throws Exception {
        Path containerd = RuntimeUnderTest.containerd();
        Path link = Files.createTempDirectory("jubelet-link").resolve("containerd.sock");
        daemon = new DaemonProcess(containerd, link, List.of());
        join(daemon);
        JsonObject node = cluster.awaitObject(
                node(),
                "to be not ready",
                n -> n.status("Ready").equals("False")
                        && condition(n, "Ready").text("message").contains("container runtime is down"));
        assertEquals("KubeletNotReady", condition(node, "Ready").text("reason"));
        Files.createSymbolicLink(link, containerd);
        awaitReady();
        Files.delete(link);
        Files.delete(link.getParent());
    }

    @Test
    void eventsOfPodsAndOfTheNodeAreSeenInTheCluster() throws Exception {
        joined();
        awaitReady();
        daemon.write("crash.yaml", DaemonProcess.pod("crash", "exit 3"));
        daemon.write(
                "lost.yaml",
                DaemonProcess.pod("lost", DaemonProcess.sleeper())
                        .replace("  name: lost\n", "  name: lost\n  namespace: nowhere\n"));
        daemon.awaitRunning("lost");
        String uid = daemon.sandboxes("crash").getFirst().metadata().uid();
        daemon.await(
                "the start of crash to be counted on",
                () -> events("crash-" + daemon.node).stream()
                        .anyMatch(event ->
                                event.text("reason").equals("BackOff") && Integer.parseInt(event.text("count")) > 1));
        for (JsonObject event : events("crash-" + daemon.node)) {
            assertEquals(uid, event.text("involvedObject.uid"), event::toString);
            assertEquals("default", event.text("metadata.namespace"));
            assertEquals(daemon.node, event.text("source.host"));
        }
        List<String> ofPod = reasons("crash-" + daemon.node);
        assertTrue(ofPod.containsAll(List.of("Created", "Started", "BackOff")), ofPod::toString);
        daemon.await(
                "the events of the node",
                () -> reasons(daemon.node).containsAll(List.of("Starting", "NodeReady", "NodeHasSufficientMemory")));
        assertEquals(List.of(), cluster.list("/api/v1/namespaces/nowhere/events"));
        assertTrue(!daemon.log().contains("refuses an event"), daemon.log());
    }

    private List<JsonObject> events(String object) {
        try {
            return cluster.list("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + object);
        } catch (IOException e) {
            return List.of();
        }
    }

    private List<String> reasons(String object) {
        return events(object).stream().map(event -> event.text("reason")).toList();
    }
}
