/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.PodSandboxFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The life of a control plane under the unmodified kubeadm, with Jubelet in the kubelet's place. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@OnContainerd
@Tag("cluster")
@Tag("kubeadm")
class KubeadmContainerdTest {

    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final Set<String> CONTROL_PLANE =
            Set.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");

    private static KubeadmNode node;

    @BeforeAll
    static void prepare() throws Exception {
        node = KubeadmNode.prepare("v1.36.2", "v1.36.3");
    }

    @AfterAll
    static void close() throws Exception {
        if (node != null) {
            node.close();
            node = null;
        }
    }

    /** The cgroups of this machine may be of v1, which kubeadm only lets pass when its checks do not count. */
    private static final String UNCHECKED = "--ignore-preflight-errors=all";

    @Test
    @Order(1)
    void initBringsUpAControlPlane() throws Exception {
        // A static-pod node runs no DaemonSet and no Deployment.
        try (Commands.Running init = node.kubeadm("init", "--config=init.yaml", "--skip-phases=addon", UNCHECKED)) {
            init.awaitPrinted("[kubelet-start] Starting the kubelet");
            node.startDaemon();
            assertEquals(0, init.awaitEnd(PATIENCE), () -> init.printed() + node.details());
            assertTrue(init.printed().contains("control-plane has initialized successfully"), init::printed);
        }
        awaitReady("v1.36.2");
        assertFalse(node.details().contains("spec.priority"), node::details);
        // kubeadm's configuration names the authority of callers.
        node.await("the kubelet's port to be open", () -> node.listens(10250));
    }

    @Test
    @Order(2)
    void aRestartOfTheDaemonTouchesNothing() throws Exception {
        Map<String, String> before = node.runningContainers();
        node.restartDaemon();
        awaitReady("v1.36.2");
        assertEquals(before, node.runningContainers());
    }

    @Test
    @Order(3)
    void upgradeApplyReplacesWhatItChanges() throws Exception {
        Map<String, String> before = node.runningContainers();
        try (Commands.Running upgrade = node.kubeadm("upgrade", "apply", "v1.36.3", "--yes", UNCHECKED)) {
            assertEquals(0, upgrade.awaitEnd(PATIENCE), () -> upgrade.printed() + node.details());
            assertTrue(upgrade.printed().contains("upgraded to \"v1.36.3\""), upgrade::printed);
        }
        awaitReady("v1.36.3");
        Map<String, String> after = node.runningContainers();
        assertEquals(before.get("etcd"), after.get("etcd"), "its manifest is the same");
        assertNotEquals(before.get("kube-apiserver"), after.get("kube-apiserver"));
        node.restartDaemon();
        awaitReady("v1.36.3");
        assertEquals(after, node.runningContainers());
    }

    /** Jubelet runs on, as without a service manager, and starts again what kubeadm removes until the manifests go. */
    @Test
    @Order(4)
    void resetLeavesNothing() throws Exception {
        try (Commands.Running reset = node.kubeadm(
                "reset", "--force", "--cri-socket=unix://" + node.home.resolve("containerd/containerd.sock"))) {
            assertEquals(0, reset.awaitEnd(PATIENCE), () -> reset.printed() + node.details());
        }
        node.await(
                "the pods to be gone",
                () -> node.runtime().listPodSandboxes(PodSandboxFilter.all()).isEmpty()
                        && node.runtime().listContainers(ContainerFilter.all()).isEmpty());
        node.await("Jubelet to show no pod", () -> node.cli("get", "pods").startsWith("No pods found.\n"));
        assertEquals(List.of(), below("etc/manifests"));
        assertEquals(List.of(), below("root/pods"));
    }

    private static List<String> below(String directory) throws IOException {
        try (Stream<Path> files = Files.list(node.home.resolve(directory))) {
            return files.map(Path::toString).toList();
        }
    }

    /** Waits until every component runs the image of this version, is ready, and has a mirror. */
    private static void awaitReady(String version) {
        node.await("the control plane to be ready", PATIENCE, () -> {
            List<String> pods =
                    node.cli("get", "pods", "-A", "--no-headers").lines().toList();
            return pods.size() == CONTROL_PLANE.size()
                    && pods.stream().allMatch(pod -> pod.contains(" 1/1 ") && pod.contains(" Running "));
        });
        assertEquals(CONTROL_PLANE, node.runningContainers().keySet());
        for (String name : CONTROL_PLANE) {
            node.await(
                    name + " to have a mirror",
                    PATIENCE,
                    () -> node.cli("describe", "pod", name, "-n", "kube-system")
                            .contains("Mirror:           created with UID "));
            if (!name.equals("etcd")) {
                String shown = node.cli("describe", "pod", name, "-n", "kube-system");
                assertTrue(shown.contains("registry.k8s.io/" + name + ":" + version), shown);
            }
        }
    }
}
