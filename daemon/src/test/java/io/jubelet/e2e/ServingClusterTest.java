package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.Trust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A daemon that was asked to listen shows pods and logs to callers with a certificate, and to nobody else. */
class ServingClusterTest extends InCluster {

    private int port;

    @BeforeEach
    void prepare() throws IOException {
        port = ServerProcess.freePort();
    }

    private String config(String more) throws IOException {
        return node.config("port: " + port + "\naddress: 127.0.0.1\nauthentication:\n  anonymous: {enabled: false}\n"
                + "  x509: {clientCAFile: " + cluster.directory().resolve("ca.crt") + "}\n" + more);
    }

    private static KeyAndCertificates caller(CertificateAuthority authority) {
        Instant now = Instant.now();
        CertificateAuthority.Issued issued =
                authority.client("reader", List.of(), now.minusSeconds(60), now.plusSeconds(3600));
        return new KeyAndCertificates(issued.key(), List.of(issued.certificate()));
    }

    private HttpResponse<String> ask(Trust trust, Optional<KeyAndCertificates> caller, String path)
            throws IOException, InterruptedException {
        SSLContext tls = TlsContexts.client(trust, Optional.of(node.name()), caller);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private boolean answers(Trust trust) {
        try {
            return ask(trust, Optional.of(caller(cluster.authority())), "/healthz")
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Trust own(String file) throws IOException {
        return new Trust.Authorities(Certificates.read(PemText.read(node.pki().resolve(file))));
    }

    @Test
    void callersWithACertificateReadPodsAndLogsAndNobodyElseDoes() throws Exception {
        node.start(config(""));
        node.daemon.write("talks.yaml", DaemonProcess.pod("talks", "echo hello; " + DaemonProcess.sleeper()));
        node.daemon.awaitRunning("talks");
        node.daemon.await(
                "a self-signed certificate", () -> Files.exists(node.pki().resolve("kubelet.crt")));
        Trust trust = own("kubelet.crt");
        node.daemon.await("an answer", () -> answers(trust));
        Optional<KeyAndCertificates> caller = Optional.of(caller(cluster.authority()));

        HttpResponse<String> pods = ask(trust, caller, "/pods");
        assertEquals(200, pods.statusCode());
        assertTrue(pods.body().contains("\"kind\":\"PodList\""), pods::body);
        assertTrue(pods.body().contains("\"talks-" + node.name() + "\""), pods::body);
        assertEquals(
                "hello\n",
                ask(trust, caller, "/containerLogs/default/talks-" + node.name() + "/app")
                        .body());
        for (String other : List.of("/jubelet/v1/pods", "/api/v1/pods", "/exec/default/talks/app", "/", "/metrics")) {
            assertEquals(404, ask(trust, caller, other).statusCode(), other);
        }
        assertThrows(IOException.class, () -> ask(trust, Optional.empty(), "/healthz"));
        KeyAndCertificates stranger = caller(new CertificateAuthority("another"));
        assertThrows(IOException.class, () -> ask(trust, Optional.of(stranger), "/healthz"));

        X509Certificate before = Certificates.read(PemText.read(node.pki().resolve("kubelet.crt")))
                .getFirst();
        node.daemon.kill();
        node.daemon.start();
        node.daemon.await("an answer", () -> answers(trust));
        assertEquals(
                before,
                Certificates.read(PemText.read(node.pki().resolve("kubelet.crt")))
                        .getFirst());
    }

    @Test
    void nobodyListensUnlessAsked() throws Exception {
        node.start();
        assertFalse(ServerProcess.listens(port));
        assertFalse(Files.exists(node.pki()));
    }

    @Test
    void aCertificateOfFilesIsReadAgainWhenItChanges() throws Exception {
        Path certificate = node.daemon.home.resolve("serving.crt");
        Path key = node.daemon.home.resolve("serving.key");
        place(cluster.authority(), certificate, key);
        node.start(config("tlsCertFile: " + certificate + "\ntlsPrivateKeyFile: " + key));
        node.daemon.await("an answer", () -> ServerProcess.listens(port));
        Trust first = new Trust.Authorities(List.of(cluster.authority().own().certificate()));
        node.daemon.await("the first", () -> localhost(first));
        CertificateAuthority next = new CertificateAuthority("next");
        place(next, certificate, key);
        node.daemon.await(
                "the next",
                () -> localhost(new Trust.Authorities(List.of(next.own().certificate()))));
    }

    private static void place(CertificateAuthority authority, Path certificate, Path key) throws IOException {
        CertificateAuthority.Issued issued = authority.server("serving");
        Files.writeString(certificate, issued.certificatePem());
        Files.writeString(key, issued.keyPem());
    }

    /** These certificates are of the loopback, not of the node's name. */
    private boolean localhost(Trust trust) {
        try {
            SSLContext tls = TlsContexts.client(trust, Optional.empty(), Optional.of(caller(cluster.authority())));
            try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
                return client.send(
                                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/healthz"))
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode()
                        == 200;
            }
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void theClusterSignsTheCertificateAndLearnsThePort() throws Exception {
        cluster.startControllerManager();
        Path kubeconfig = cluster.kubeconfigOfNode(node.name());
        node.start("--kubeconfig=" + kubeconfig, "--node-ip=127.0.0.1", config("serverTLSBootstrap: true"));
        node.awaitJoined();
        node.awaitLog("asked for a serving certificate with the request node-csr-");
        JsonObject request = node.requests().getFirst();
        assertEquals("kubernetes.io/kubelet-serving", request.text("spec.signerName"));
        node.decide(request, "Approved", "a test says so");
        Trust trust = new Trust.Authorities(List.of(cluster.authority().own().certificate()));
        node.daemon.await("an answer", () -> answers(trust));
        Path current = node.pki().resolve("kubelet-server-current.pem");
        KeyAndCertificates signed = KeyAndCertificates.read(current, current);
        assertEquals("CN=system:node:" + node.name() + ",O=system:nodes", signed.subject());
        assertNotEquals(
                signed.certificate().getIssuerX500Principal(),
                signed.certificate().getSubjectX500Principal());
        assertEquals(
                Integer.toString(port),
                cluster.get("/api/v1/nodes/" + node.name()).text("status.daemonEndpoints.kubeletEndpoint.Port"));
        node.assertPodUntouched();
    }
}
