/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** A real etcd and a real kube-apiserver as static pods, from manifests of the form that kubeadm writes. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@OnContainerd
@Tag("cluster")
class ControlPlaneContainerdTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static DaemonProcess daemon;

    @BeforeAll
    static void start() throws Exception {
        Path etcd = ServerProcess.program("jubelet.test.etcd");
        Path apiServer = ServerProcess.program("jubelet.test.kube-apiserver");
        daemon = new DaemonProcess();
        int client = ServerProcess.freePort();
        int peer = ServerProcess.freePort();
        int metrics = ServerProcess.freePort();
        int secure = ServerProcess.freePort();
        Path pki = Files.createDirectory(daemon.home.resolve("pki"));
        Files.writeString(pki.resolve("sa.key"), CertificateAuthority.accountsKeyPem());
        daemon.start();
        daemon.write("etcd.yaml", etcdManifest(etcd, daemon.home.resolve("etcd-data"), client, peer, metrics));
        daemon.write("kube-apiserver.yaml", apiServerManifest(apiServer, pki, client, secure, List.of()));
    }

    @AfterAll
    static void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** The programs are those of the host, and so are their libraries: there is no registry to get images from. */
    private static final String LIBRARIES = """
            - mountPath: /lib
              name: lib
              readOnly: true
            - mountPath: /lib64
              name: lib64
              readOnly: true
            """.indent(4).stripTrailing();

    private static final String LIBRARY_VOLUMES = """
            - hostPath:
                path: /lib
                type: Directory
              name: lib
            - hostPath:
                path: /lib64
                type: Directory
              name: lib64
            """.indent(2).stripTrailing();

    static String etcdManifest(Path program, Path data, int client, int peer, int metrics) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  annotations:
                    kubeadm.kubernetes.io/etcd.advertise-client-urls: http://127.0.0.1:%2$s
                  labels:
                    component: etcd
                    tier: control-plane
                  name: etcd
                  namespace: kube-system
                spec:
                  containers:
                  - command:
                    - /usr/local/bin/etcd
                    - --data-dir=/var/lib/etcd
                    - --unsafe-no-fsync
                    - --listen-client-urls=http://127.0.0.1:%2$s
                    - --advertise-client-urls=http://127.0.0.1:%2$s
                    - --listen-peer-urls=http://127.0.0.1:%3$s
                    - --initial-advertise-peer-urls=http://127.0.0.1:%3$s
                    - --initial-cluster=default=http://127.0.0.1:%3$s
                    - --listen-metrics-urls=http://127.0.0.1:%4$s
                    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    livenessProbe:
                      failureThreshold: 3
                      httpGet:
                        host: 127.0.0.1
                        path: /health?exclude=NOSPACE&serializable=true
                        port: probe-port
                        scheme: HTTP
                      initialDelaySeconds: 5
                      periodSeconds: 2
                      timeoutSeconds: 5
                    name: etcd
                    ports:
                    - containerPort: %4$s
                      name: probe-port
                      protocol: TCP
                    resources:
                      requests:
                        cpu: 100m
                        memory: 100Mi
                    startupProbe:
                      failureThreshold: 48
                      httpGet:
                        host: 127.0.0.1
                        path: /health?serializable=false
                        port: probe-port
                        scheme: HTTP
                      initialDelaySeconds: 1
                      periodSeconds: 2
                      timeoutSeconds: 15
                    volumeMounts:
                    - mountPath: /var/lib/etcd
                      name: etcd-data
                    - mountPath: /usr/local/bin/etcd
                      name: program
                      readOnly: true
                %5$s
                  hostNetwork: true
                  priority: 2000001000
                  priorityClassName: system-node-critical
                  terminationGracePeriodSeconds: 5
                  volumes:
                  - hostPath:
                      path: %6$s
                      type: DirectoryOrCreate
                    name: etcd-data
                  - hostPath:
                      path: %1$s
                      type: File
                    name: program
                %7$s
                status: {}
                """.formatted(program, client, peer, metrics, LIBRARIES, data, LIBRARY_VOLUMES);
    }

    /**
     * @param pki with {@code sa.key} in it
     * @param more flags of the API server
     */
    static String apiServerManifest(Path program, Path pki, int etcd, int secure, List<String> more) {
        String flags = more.stream().map(flag -> "    - " + flag + "\n").collect(Collectors.joining());
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  annotations:
                    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 127.0.0.1:%4$s
                  labels:
                    component: kube-apiserver
                    tier: control-plane
                  name: kube-apiserver
                  namespace: kube-system
                spec:
                  containers:
                  - command:
                    - /usr/local/bin/kube-apiserver
                    - --advertise-address=127.0.0.1
                    - --bind-address=127.0.0.1
                    - --authorization-mode=Node,RBAC
                    - --cert-dir=/tmp/certificates
                    - --etcd-servers=http://127.0.0.1:%3$s
                    - --endpoint-reconciler-type=none
                    - --secure-port=%4$s
                    - --service-account-issuer=https://kubernetes.default.svc.cluster.local
                    - --service-account-key-file=/etc/kubernetes/pki/sa.key
                    - --service-account-signing-key-file=/etc/kubernetes/pki/sa.key
                    - --service-cluster-ip-range=10.96.0.0/12
                %7$s    image: docker.io/library/busybox:1
                    imagePullPolicy: IfNotPresent
                    livenessProbe:
                      failureThreshold: 3
                      httpGet:
                        host: 127.0.0.1
                        path: /livez
                        port: %4$s
                        scheme: HTTPS
                      initialDelaySeconds: 5
                      periodSeconds: 2
                      timeoutSeconds: 5
                    name: kube-apiserver
                    readinessProbe:
                      failureThreshold: 3
                      httpGet:
                        host: 127.0.0.1
                        path: /readyz
                        port: %4$s
                        scheme: HTTPS
                      periodSeconds: 1
                      timeoutSeconds: 15
                    resources:
                      requests:
                        cpu: 250m
                    startupProbe:
                      failureThreshold: 48
                      httpGet:
                        host: 127.0.0.1
                        path: /livez
                        port: %4$s
                        scheme: HTTPS
                      initialDelaySeconds: 1
                      periodSeconds: 2
                      timeoutSeconds: 15
                    volumeMounts:
                    - mountPath: /etc/kubernetes/pki
                      name: k8s-certs
                      readOnly: true
                    - mountPath: /usr/local/bin/kube-apiserver
                      name: program
                      readOnly: true
                %5$s
                  hostNetwork: true
                  priority: 2000001000
                  priorityClassName: system-node-critical
                  terminationGracePeriodSeconds: 5
                  volumes:
                  - hostPath:
                      path: %2$s
                      type: DirectoryOrCreate
                    name: k8s-certs
                  - hostPath:
                      path: %1$s
                      type: File
                    name: program
                %6$s
                status: {}
                """.formatted(program, pki, etcd, secure, LIBRARIES, LIBRARY_VOLUMES, flags);
    }

    @Test
    @Order(1)
    void becomesReady() {
        awaitReady();
    }

    @Test
    @Order(2)
    void survivesKillOfTheDaemonAndStaysReady() throws Exception {
        awaitReady();
        Container etcd = daemon.awaitRunning("etcd");
        Container apiServer = daemon.awaitRunning("kube-apiserver");
        daemon.kill();
        daemon.start();
        // It answers before it has looked at the runtime, and then shows no pod yet; but never one that is not ready.
        List<String> seen = new ArrayList<>();
        daemon.await("the control plane to be shown", () -> {
            seen.add(daemon.cliQuietly("get", "pods", "--no-headers"));
            return ready(seen.getLast());
        });
        daemon.holdsFor("ready in the eyes of the new daemon", Duration.ofSeconds(5), () -> {
            seen.add(daemon.cliQuietly("get", "pods", "--no-headers"));
            return ready(seen.getLast());
        });
        assertTrue(seen.stream().noneMatch(pods -> pods.contains(" 0/1 ")), seen::toString);
        assertEquals(etcd.id(), daemon.awaitRunning("etcd").id());
        assertEquals(apiServer.id(), daemon.awaitRunning("kube-apiserver").id());
    }

    @Test
    @Order(3)
    void isRestartedByItsLivenessProbeWhenItHangs() throws Exception {
        for (String name : List.of("kube-apiserver", "etcd")) {
            awaitReady();
            Container before = daemon.awaitRunning(name);
            Commands.shell(daemon.home, "kill -STOP " + daemon.pid(before));
            daemon.await(
                    name + " to be replaced",
                    PATIENCE,
                    () -> daemon.running(name).stream().anyMatch(c -> !c.id().equals(before.id())));
        }
        awaitReady();
        String pods = daemon.cli("get", "pods", "-n", "kube-system");
        assertTrue(pods.contains("Running"), pods);
    }

    private static void awaitReady() {
        daemon.await("the control plane to be ready", PATIENCE, ControlPlaneContainerdTest::ready);
    }

    private static boolean ready() {
        return ready(daemon.cliQuietly("get", "pods", "--no-headers"));
    }

    private static boolean ready(String pods) {
        return pods.lines()
                        .filter(line -> line.contains(" 1/1 ") && line.contains(" Running "))
                        .count()
                == 2;
    }
}
