/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A node as kubeadm leaves it behind: its flags, its KubeletConfiguration, a kubeconfig for the API server that is itself one
 * of the static pods, which is not there before the daemon is.
 */
@OnContainerd
@Tag("cluster")
class ControlPlaneClusterTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String PODS = "/api/v1/namespaces/kube-system/pods/";

    private static DaemonProcess daemon;
    private static ApiClient admin;
    private static int etcdPort;
    private static String etcdManifest;

    private static int healthzPort;

    @BeforeAll
    static void start() throws Exception {
        healthzPort = ServerProcess.freePort();
        Path etcd = ServerProcess.program("jubelet.test.etcd");
        Path apiServer = ServerProcess.program("jubelet.test.kube-apiserver");
        daemon = new DaemonProcess();
        etcdPort = ServerProcess.freePort();
        int secure = ServerProcess.freePort();
        CertificateAuthority authority = new CertificateAuthority("kubernetes");
        Path pki = Files.createDirectory(daemon.home.resolve("pki"));
        CertificateAuthority.Issued serving = authority.server("kube-apiserver");
        Files.writeString(pki.resolve("ca.crt"), authority.own().certificatePem());
        Files.writeString(pki.resolve("apiserver.crt"), serving.certificatePem());
        Files.writeString(pki.resolve("apiserver.key"), serving.keyPem());
        Files.writeString(pki.resolve("sa.key"), CertificateAuthority.accountsKeyPem());
        Files.writeString(pki.resolve("tokens.csv"), "administrators-token,admin,1,system:masters\n");
        String url = "https://127.0.0.1:" + secure;
        admin = new ApiClient(url, authority.own().certificate(), "administrators-token", null);
        Instant now = Instant.now();
        Path kubeconfig = new Kubeconfig(
                        url,
                        authority.own().certificatePem(),
                        new Kubeconfig.User.Certificate(authority.client(
                                "system:node:" + daemon.node,
                                List.of("system:nodes"),
                                now.minusSeconds(60),
                                now.plus(Duration.ofDays(365)))))
                .write(daemon.home.resolve("kubelet.conf"));
        Path config = daemon.home.resolve("config.yaml");
        try (var kubeadm =
                ControlPlaneClusterTest.class.getResourceAsStream("/io/jubelet/config/kubeadm-kubelet.yaml")) {
            String text = new String(kubeadm.readAllBytes(), StandardCharsets.UTF_8);
            // Another daemon of this machine may have that one.
            Files.writeString(config, text.replace("healthzPort: 10248", "healthzPort: " + healthzPort));
        }
        daemon.withFlags(
                        "--bootstrap-kubeconfig=" + daemon.home.resolve("bootstrap-kubelet.conf"),
                        "--kubeconfig=" + kubeconfig,
                        "--config=" + config,
                        "--pod-infra-container-image=registry.k8s.io/pause:3.10",
                        "--register-with-taints=node-role.kubernetes.io/control-plane:NoSchedule",
                        "--node-ip=192.0.2.1")
                .start();
        etcdManifest = ControlPlaneContainerdTest.etcdManifest(
                etcd, daemon.home.resolve("etcd-data"), etcdPort, ServerProcess.freePort(), ServerProcess.freePort());
        daemon.write("etcd.yaml", etcdManifest);
        daemon.write(
                "kube-apiserver.yaml",
                ControlPlaneContainerdTest.apiServerManifest(
                        apiServer,
                        pki,
                        etcdPort,
                        secure,
                        List.of(
                                "--allow-privileged=true",
                                "--client-ca-file=/etc/kubernetes/pki/ca.crt",
                                "--enable-admission-plugins=NodeRestriction",
                                "--enable-bootstrap-token-auth=true",
                                "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
                                "--tls-private-key-file=/etc/kubernetes/pki/apiserver.key",
                                "--token-auth-file=/etc/kubernetes/pki/tokens.csv")));
    }

    @AfterAll
    static void stop() throws IOException {
        if (admin != null) {
            admin.close();
        }
        if (daemon != null) {
            daemon.close();
        }
    }

    private static String mirror(String name) {
        return PODS + name + "-" + daemon.node;
    }

    private static boolean isReady(String path) {
        try {
            ApiAnswer answer = admin.send("GET", path, null);
            return answer.ok() && answer.object().status("Ready").equals("True");
        } catch (IOException e) {
            return false;
        }
    }

    private static JsonObject get(String path) throws IOException {
        ApiAnswer answer = admin.send("GET", path, null);
        assertTrue(answer.ok(), answer::toString);
        return answer.object();
    }

    private static void awaitAllReady() {
        for (String path : List.of("/api/v1/nodes/" + daemon.node, mirror("etcd"), mirror("kube-apiserver"))) {
            daemon.await(path + " to be ready", PATIENCE, () -> isReady(path));
        }
    }

    @Test
    void comesUpShowsItselfAndKeepsBothThroughARestartOfTheDaemonAndAnEdit() throws Exception {
        awaitAllReady();
        JsonObject node = get("/api/v1/nodes/" + daemon.node);
        List<String> taints = node.objects("spec.taints").stream()
                .map(taint -> taint.text("key"))
                .toList();
        assertTrue(taints.contains("node-role.kubernetes.io/control-plane"), taints::toString);
        JsonObject etcd = get(mirror("etcd"));
        JsonObject apiServer = get(mirror("kube-apiserver"));
        assertEquals("control-plane", etcd.text("metadata.labels.tier"));
        assertEquals("0", apiServer.text("status.containerStatuses[0].restartCount"));
        // What has no effect is said once, by name.
        assertEquals(
                1,
                daemon.log()
                        .lines()
                        .filter(line -> line.contains("--pod-infra-container-image has no effect"))
                        .count());
        // kubeadm init and kubeadm join wait for this.
        try (InputStream health = URI.create("http://localhost:" + healthzPort + "/healthz")
                .toURL()
                .openStream()) {
            assertEquals("ok", new String(health.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertTrue(!daemon.log().contains("healthzPort"), daemon.log());
        assertTrue(!daemon.log().contains("authentication:"), daemon.log());

        Container before = daemon.awaitRunning("kube-apiserver");
        daemon.kill();
        daemon.start();
        awaitAllReady();
        assertEquals(before.id(), daemon.awaitRunning("kube-apiserver").id());
        assertEquals(etcd.uid(), get(mirror("etcd")).uid());
        assertEquals(apiServer.uid(), get(mirror("kube-apiserver")).uid());

        // kubeadm upgrade writes a manifest, and waits for this to be another.
        String hash = etcd.text("metadata.annotations[kubernetes.io/config.hash]");
        daemon.write(
                "etcd.yaml", etcdManifest.replace("    tier: control-plane", "    tier: control-plane\n    v: two"));
        daemon.await("the mirror of etcd to have another hash", PATIENCE, () -> {
            try {
                ApiAnswer answer = admin.send("GET", mirror("etcd"), null);
                return answer.ok()
                        && !answer.object()
                                .text("metadata.annotations[kubernetes.io/config.hash]")
                                .equals(hash);
            } catch (IOException e) {
                return false;
            }
        });
        awaitAllReady();
        // The API server may still notice that its etcd was away.
        daemon.await("the mirror to show the edit", PATIENCE, () -> {
            try {
                ApiAnswer answer = admin.send("GET", mirror("etcd"), null);
                return answer.ok() && answer.object().text("metadata.labels.v").equals("two");
            } catch (IOException e) {
                return false;
            }
        });
    }
}
