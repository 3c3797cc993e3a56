package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a real API server shows of the static pods of a node, and what the pods notice of it: nothing. */
class MirrorPodsClusterTest {

    /** As promised; what is measured is from an event of the API server's watch to the next. */
    private static final Duration PROMISED = Duration.ofSeconds(2);

    private static final String CONFIG = "metadata.annotations[kubernetes.io/config.";

    private static ClusterUnderTest cluster;

    private DaemonProcess daemon;
    private PodWatch watch;

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

    @BeforeEach
    void makeDaemon() throws IOException {
        daemon = new DaemonProcess();
        daemon.options("--kubeconfig=" + cluster.kubeconfigOfNode(daemon.node));
        watch = new PodWatch(cluster, daemon.node);
    }

    @AfterEach
    void stop() throws IOException {
        watch.close();
        daemon.close();
        for (JsonObject pod : cluster.list("/api/v1/pods?fieldSelector=spec.nodeName%3D" + daemon.node)) {
            cluster.admin("DELETE", path(pod.text("metadata.namespace"), pod.name()), "{\"gracePeriodSeconds\": 0}");
        }
        cluster.admin("DELETE", "/api/v1/nodes/" + daemon.node, null);
    }

    private static String path(String namespace, String name) {
        return "/api/v1/namespaces/" + namespace + "/pods/" + name;
    }

    private String mirror(String pod) {
        return path("default", pod + "-" + daemon.node);
    }

    private JsonObject awaitMirror(String pod) {
        return cluster.awaitObject(
                mirror(pod), "to be ready", o -> o.status("Ready").equals("True"));
    }

    private static void force(String path) throws IOException {
        assertTrue(cluster.admin("DELETE", path, "{\"gracePeriodSeconds\": 0}").ok());
    }

    private int restarts(String pod) {
        return daemon.containers(pod).size() - 1;
    }

    // --- creation

    @Test
    void aRunningPodHasAMirrorAsTheKubeletMakesIt() throws Exception {
        daemon.write(
                "web.yaml",
                DaemonProcess.pod("web", DaemonProcess.sleeper())
                        .replace("  name: web\n", "  name: web\n  labels: {app: web}\n  annotations: {note: mine}\n"));
        daemon.start();
        Container container = daemon.awaitRunning("web");
        JsonObject mirror = awaitMirror("web");
        JsonObject shown = new ApiAnswer(200, daemon.get(mirror("web"))).object();
        String hash = shown.text(CONFIG + "hash]");
        assertEquals(32, hash.length());
        assertEquals(hash, shown.uid());
        assertEquals(hash, mirror.text(CONFIG + "hash]"));
        assertEquals(hash, mirror.text(CONFIG + "mirror]"));
        assertEquals("file", mirror.text(CONFIG + "source]"));
        assertTrue(Instant.parse(mirror.text(CONFIG + "seen]")).isBefore(Instant.now()));
        assertEquals("mine", mirror.text("metadata.annotations.note"));
        assertEquals(List.of("app"), mirror.keys("metadata.labels"));
        assertEquals(1, mirror.objects("metadata.ownerReferences").size());
        String owner = "metadata.ownerReferences[0].";
        assertEquals("Node", mirror.text(owner + "kind"));
        assertEquals(cluster.get("/api/v1/nodes/" + daemon.node).uid(), mirror.text(owner + "uid"));
        assertEquals("true", mirror.text(owner + "controller"));
        assertFalse(mirror.has(owner + "blockOwnerDeletion"));
        assertEquals(daemon.node, mirror.text("spec.nodeName"));
        assertEquals("5", mirror.text("spec.terminationGracePeriodSeconds"));
        assertTrue(mirror.objects("spec.tolerations").stream()
                .anyMatch(t -> t.text("effect").equals("NoExecute") && !t.has("key")));
        assertFalse(mirror.has("spec.serviceAccountName"));
        assertFalse(mirror.has("metadata.annotations[jubelet.io/mirror-without]"));
        assertEquals("containerd://" + container.id().value(), mirror.text("status.containerStatuses[0].containerID"));
        assertEquals("Running", mirror.text("status.phase"));
        assertFalse(mirror.has("status.observedGeneration"));
        for (String same : List.of("conditions", "containerStatuses", "podIPs", "hostIPs", "startTime", "qosClass")) {
            assertEquals(
                    shown.text("status." + same) + shown.objects("status." + same),
                    mirror.text("status." + same) + mirror.objects("status." + same),
                    same);
        }
        assertTrue(daemon.cli("describe", "pod", "web").contains("Mirror:           kept, with UID " + mirror.uid()));
    }
}
