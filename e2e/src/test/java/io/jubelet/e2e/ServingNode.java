/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TlsContexts;
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A cluster with users that may read different parts of what a node serves, and means to send requests to the node as them. */
abstract class ServingNode extends InCluster {

    static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

    /** May read health and pods of nodes, and no more. */
    static final String READERS = "readers";

    /** May read all that nodes serve. */
    static final String LOG_READERS = "log-readers";

    int port;

    @BeforeAll
    static void giveRights() throws IOException {
        role("node-reader", "nodes/healthz, nodes/pods");
        role("node-log-reader", "nodes/proxy");
        role("log-reader", "pods, pods/log");
        cluster.bind("node-readers", "node-reader", READERS);
        cluster.bind("node-log-readers", "node-log-reader", LOG_READERS);
        cluster.bind("kubelet-callers", "system:kubelet-api-admin", ApiServerUnderTest.KUBELET_CALLERS);
    }

    static void role(String name, String resources) throws IOException {
        cluster.create(ROLES, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRole
                metadata: {name: %s}
                rules: [{apiGroups: [""], resources: [%s], verbs: [get]}]
                """.formatted(name, resources));
    }

    @BeforeEach
    void prepare() throws IOException {
        port = ServerProcess.freePort();
    }

    String config(String more) throws IOException {
        return node.config("port: " + port + "\naddress: 127.0.0.1\nauthentication:\n  anonymous: {enabled: false}\n"
                + "  x509: {clientCAFile: " + cluster.directory().resolve("ca.crt") + "}\n" + more);
    }

    String[] joined(String more) throws IOException {
        return new String[] {
            "--kubeconfig=" + cluster.kubeconfigOfNode(node.name()), "--node-ip=127.0.0.1", config(more)
        };
    }

    static KeyAndCertificates caller(CertificateAuthority authority, String user, String... groups) {
        CertificateAuthority.Issued issued = certificate(authority, user, groups);
        return new KeyAndCertificates(issued.key(), List.of(issued.certificate()));
    }

    static CertificateAuthority.Issued certificate(CertificateAuthority authority, String user, String... groups) {
        Instant now = Instant.now();
        return authority.client(user, List.of(groups), now.minusSeconds(60), now.plusSeconds(3600));
    }

    static Optional<KeyAndCertificates> caller(String user, String... groups) {
        return Optional.of(caller(cluster.authority(), user, groups));
    }

    HttpResponse<String> ask(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path)
            throws IOException, InterruptedException {
        return ask(trust, caller, path, request -> request);
    }

    HttpResponse<String> ask(
            TrustPolicy trust,
            Optional<KeyAndCertificates> caller,
            String path,
            UnaryOperator<HttpRequest.Builder> more)
            throws IOException, InterruptedException {
        SSLContext tls = TlsContexts.client(trust, Optional.of(node.name()), caller);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            return client.send(
                    more.apply(HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    boolean answers(TrustPolicy trust) {
        return answers(trust, caller("reader", READERS), "/healthz", 200);
    }

    boolean answers(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path, int code) {
        try {
            return ask(trust, caller, path).statusCode() == code;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    String body(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path) {
        try {
            return ask(trust, caller, path).body();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    TrustPolicy own(String file) throws IOException {
        return new TrustPolicy.Authorities(
                Certificates.read(PemText.read(node.pki().resolve(file))));
    }

    TrustPolicy selfSigned() throws IOException {
        node.daemon.await(
                "a self-signed certificate", () -> Files.exists(node.pki().resolve("kubelet.crt")));
        TrustPolicy trust = own("kubelet.crt");
        node.daemon.await("an answer", () -> answers(trust));
        return trust;
    }
}
