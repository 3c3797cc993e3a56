/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.KeyAndCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Nodes that come with a bootstrap token, or whose certificate is about to expire, get one that the cluster signs. */
class BootstrapClusterTest extends InCluster {

    private Path kubeconfig() {
        return node.daemon.home.resolve("kubelet.conf");
    }

    private void bootstrapped() throws IOException {
        node.start("--kubeconfig=" + kubeconfig(), "--bootstrap-kubeconfig=" + cluster.bootstrapKubeconfig());
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private KeyAndCertificates certificate() throws IOException {
        return KeyAndCertificates.read(node.current(), node.current());
    }

    @Test
    void aNodeGetsItsCertificateAndKubeconfigOnce() throws Exception {
        cluster.startControllerManager();
        bootstrapped();
        node.awaitJoined();

        KeyAndCertificates certificate = certificate();
        assertEquals("CN=system:node:" + node.name() + ",O=system:nodes", certificate.subject());
        certificate.certificate().verify(cluster.authority().own().certificate().getPublicKey());
        assertTrue(Files.isSymbolicLink(node.current()));
        assertEquals("rw-------", mode(node.current()));
        assertEquals("rw-------", mode(kubeconfig()));
        String written = Files.readString(kubeconfig());
        assertTrue(written.contains("client-certificate: \"" + node.current() + "\""), written);
        assertFalse(written.contains("token"), written);
        Path asked = node.pki().resolve("kubelet-client.key.tmp");
        node.daemon.await("the key that was asked with to be gone", () -> !Files.exists(asked));
        assertEquals(1, node.requests().size());

        node.daemon.kill();
        node.daemon.start();
        node.awaitAlive();
        assertEquals(certificate.certificate(), certificate().certificate());
        assertEquals(1, node.requests().size());
        node.assertPodUntouched();
    }

    @Test
    void aNodeThatIsKilledWhileItWaitsFindsItsRequestAgain() throws Exception {
        bootstrapped();
        node.awaitLog("requested a client certificate with CertificateSigningRequest node-csr-");
        assertEquals(1, node.requests().size());
        assertFalse(Files.exists(kubeconfig()));
        node.daemon.kill();
        node.daemon.start();
        node.daemon.await(
                "the request to be found again",
                () -> node.daemon
                                .log()
                                .split("requested a client certificate with CertificateSigningRequest node-csr-")
                                .length
                        == 3);
        assertEquals(1, node.requests().size(), "not another one");
        cluster.startControllerManager();
        node.awaitJoined();
        assertEquals(1, node.requests().size());
        node.assertPodUntouched();
    }

    @Test
    void deniedRequestIsReportedAndRepeatedLater() throws Exception {
        bootstrapped();
        node.awaitLog("requested a client certificate with CertificateSigningRequest node-csr-");
        JsonObject denied = node.requests().getFirst();
        node.decide(denied, "Denied", "not this one");
        node.awaitLog("no client certificate: " + denied.name() + " was denied: not this one; next request in 10 s");
        node.daemon.await("another request", () -> others(denied) == 1);
        node.assertPodUntouched();
        cluster.startControllerManager();
        node.awaitJoined();
        node.assertPodUntouched();
    }

    private int others(JsonObject denied) {
        try {
            return (int) node.requests().stream()
                    .filter(request -> !request.name().equals(denied.name()))
                    .count();
        } catch (IOException e) {
            return 0;
        }
    }

    @Test
    void podsRunAndANodeJoinsWhenTheApiServerComes() throws Exception {
        Path bootstrap = cluster.bootstrapKubeconfig();
        cluster.apiServer().kill();
        try {
            node.start("--kubeconfig=" + kubeconfig(), "--bootstrap-kubeconfig=" + bootstrap);
            node.awaitLog("the API server is unreachable");
        } finally {
            cluster.apiServer().start();
        }
        cluster.startControllerManager();
        node.awaitJoined();
        node.assertPodUntouched();
    }

    @Test
    void nodeWithExpiredCertificateBootstrapsAgain() throws Exception {
        cluster.startControllerManager();
        Instant now = Instant.now();
        cluster.kubeconfig(new Kubeconfig.User.Certificate(
                        cluster.nodeCertificate(node.name(), now.minusSeconds(3600), now.minusSeconds(60))))
                .write(kubeconfig());
        node.start("--kubeconfig=" + kubeconfig(), "--bootstrap-kubeconfig=" + cluster.bootstrapKubeconfig());
        node.awaitJoined();
        assertTrue(certificate().notAfter().isAfter(now));
        node.assertPodUntouched();
    }

    @Test
    void aCertificateIsRotatedBeforeItExpires() throws Exception {
        cluster.bootstrapToken(); // with the rights to renew
        cluster.startControllerManager();
        Instant now = Instant.now();
        Instant end = now.plusSeconds(25);
        CertificateAuthority.Issued old = cluster.nodeCertificate(node.name(), now.minus(Duration.ofHours(10)), end);
        cluster.kubeconfig(new Kubeconfig.User.Certificate(old)).write(kubeconfig());
        node.start("--kubeconfig=" + kubeconfig(), node.config("rotateCertificates: true"));
        node.awaitJoined();
        node.daemon.await("the next certificate", () -> Files.exists(node.current()));
        assertNotEquals(old.certificate(), certificate().certificate());
        node.daemon.await("the old one to expire", () -> Instant.now().isAfter(end.plusSeconds(2)));
        node.awaitAlive();
        assertEquals(1, node.requests().size(), "not more than one was asked for");
        node.daemon.kill();
        node.daemon.start();
        node.awaitAlive();
        assertEquals(1, node.requests().size());
        node.assertPodUntouched();
    }

    @Test
    void requestsNoCertificateWithoutRotation() throws Exception {
        cluster.startControllerManager();
        Instant now = Instant.now();
        cluster.kubeconfig(new Kubeconfig.User.Certificate(
                        cluster.nodeCertificate(node.name(), now.minus(Duration.ofHours(10)), now.plusSeconds(600))))
                .write(kubeconfig());
        node.start("--kubeconfig=" + kubeconfig());
        node.awaitJoined();
        node.awaitAlive();
        assertFalse(Files.exists(node.pki()));
    }
}
