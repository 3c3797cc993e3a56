/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** A daemon with a configured port serves pods and logs to authorized callers only. */
class ServingClusterTest extends ServingNode {

    private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/";

    @Test
    void onlyCallersWithCertificateReadPodsAndLogsWithoutCluster() throws Exception {
        node.start(config("authorization: {mode: AlwaysAllow}\ntlsMinVersion: VersionTLS13"));
        node.daemon.write("talks.yaml", DaemonProcess.pod("talks", "echo hello; " + DaemonProcess.sleeper()));
        node.daemon.awaitRunning("talks");
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> caller = caller("anybody");

        HttpResponse<String> pods = ask(trust, caller, "/pods");
        assertEquals(200, pods.statusCode());
        assertTrue(pods.body().contains("\"kind\":\"PodList\""), pods::body);
        assertTrue(pods.body().contains("\"talks-" + node.name() + "\""), pods::body);
        String log = "/containerLogs/default/talks-" + node.name() + "/app";
        node.daemon.await(
                "what the container says", () -> body(trust, caller, log).equals("hello\n"));
        for (String other : List.of("/jubelet/v1/pods", "/api/v1/pods", "/exec", "/", "/Pods")) {
            assertEquals(404, ask(trust, caller, other).statusCode(), other);
        }
        assertThrows(IOException.class, () -> ask(trust, Optional.empty(), "/healthz"));
        assertTrue(speaks(trust, "TLSv1.3"));
        assertFalse(speaks(trust, "TLSv1.2"));
        KeyAndCertificates stranger = caller(new CertificateAuthority("another"), "anybody");
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

    private boolean speaks(TrustPolicy trust, String version) throws Exception {
        SSLContext tls = TlsContexts.client(trust, Optional.of(node.name()), caller("anybody"));
        SSLParameters only = new SSLParameters();
        only.setProtocols(new String[] {version});
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(tls).sslParameters(only).build()) {
            HttpRequest health = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/healthz"))
                    .build();
            return client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void listenerWithoutApiServerIsRejectedWithRemedy() throws Exception {
        node.daemon.options(config(""));
        Commands.Outcome outcome = Commands.run(node.daemon.command());
        assertEquals(1, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains("port: needs --kubeconfig"), outcome::toString);
        assertTrue(
                outcome.err().contains("set authorization.mode (--authorization-mode) to AlwaysAllow"),
                outcome::toString);
    }

    @Test
    void apiServerAuthorizesRequests() throws Exception {
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> reader = caller("reader", READERS);
        String log = "/containerLogs/default/steady-" + node.name() + "/app";

        // The container runs; the daemon reports that a moment later.
        node.daemon.await("the log", () -> answers(trust, caller("other", LOG_READERS), log, 200));
        assertTrue(ask(trust, reader, "/pods").body().contains("\"steady-" + node.name() + "\""));
        HttpResponse<String> refused = ask(trust, reader, log);
        assertEquals(403, refused.statusCode());
        assertTrue(
                refused.body()
                        .contains("Forbidden (user=reader, verb=get, resource=nodes, name=" + node.name()
                                + ", subresource(s)=proxy)"),
                refused::body);
        assertEquals(403, ask(trust, reader, "/pods", r -> r.DELETE()).statusCode());
        assertEquals(200, ask(trust, caller("other", LOG_READERS), log).statusCode());
        assertEquals(200, ask(trust, caller("other", LOG_READERS), "/pods").statusCode());

        // A command needs streams, which a plain request does not have.
        Optional<KeyAndCertificates> all = caller("api-server", ApiServerUnderTest.KUBELET_CALLERS);
        String exec = "/exec/default/steady-" + node.name() + "/app?command=sh&stdout=1";
        assertEquals(200, ask(trust, all, log).statusCode());
        assertEquals(400, ask(trust, all, exec).statusCode());
        assertEquals(
                400,
                ask(trust, all, exec, r -> r.POST(HttpRequest.BodyPublishers.noBody()))
                        .statusCode());

        // The authority of a cluster signs the certificates of all nodes and users; a certificate alone gives no right.
        for (Optional<KeyAndCertificates> other : List.of(
                caller("somebody"),
                caller("system:node:other", "system:nodes"),
                caller("system:node:" + node.name(), "system:nodes"))) {
            for (String path : List.of("/pods", log, "/healthz", "/", "/exec/default/steady/app")) {
                assertEquals(403, ask(trust, other, path).statusCode(), path);
            }
        }
        assertThrows(
                IOException.class,
                () -> ask(trust, Optional.of(caller(new CertificateAuthority("x"), "a", "system:masters")), "/pods"));
        assertEquals(401, ask(trust, Optional.empty(), "/pods").statusCode());
        node.assertPodUntouched();
    }

    @Test
    void tokenHasTheRightsOfItsUser() throws Exception {
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        String admin = cluster.apiServer().adminToken();
        assertEquals(200, withToken(trust, admin, "GET").statusCode());
        assertEquals(405, withToken(trust, admin, "POST").statusCode(), "nothing can be changed");
        assertEquals(401, withToken(trust, admin + "x", "GET").statusCode());

        String account = "/api/v1/namespaces/default/serviceaccounts/default/token";
        String token = cluster.create(
                        account, "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{}}")
                .text("status.token");
        HttpResponse<String> refused = withToken(trust, token, "GET");
        assertEquals(403, refused.statusCode());
        assertTrue(refused.body().contains("user=system:serviceaccount:default:default"), refused::body);
        assertTrue(!node.daemon.log().contains(admin), "a token is in the log");
    }

    private HttpResponse<String> withToken(TrustPolicy trust, String token, String method) throws Exception {
        return ask(
                trust,
                Optional.empty(),
                "/pods",
                request -> request.method(method, HttpRequest.BodyPublishers.noBody())
                        .header("Authorization", "Bearer " + token));
    }

    @Test
    void changedRightsApplyAndRequestsFailWhileApiServerIsDown() throws Exception {
        node.start(joined("authorization: {webhook: {cacheAuthorizedTTL: 1s, cacheUnauthorizedTTL: 1s}}"));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> late = caller("late", "latecomers");
        assertEquals(403, ask(trust, late, "/pods").statusCode());
        cluster.bind("latecomers", "node-reader", "latecomers");
        node.daemon.await("the new right to count", () -> answers(trust, late, "/pods", 200));
        cluster.delete(BINDINGS + "latecomers");
        node.daemon.await("the right to be gone", () -> answers(trust, late, "/pods", 403));

        Optional<KeyAndCertificates> reader = caller("reader", READERS);
        cluster.apiServer().kill();
        try {
            node.daemon.await("what was known to be forgotten", () -> answers(trust, reader, "/pods", 500));
            HttpResponse<String> away = ask(trust, reader, "/pods");
            assertTrue(
                    away.body()
                            .contains("cannot authorize the request (user=reader, verb=get, resource=nodes, name="
                                    + node.name() + ", subresource=pods): "),
                    away::body);
            assertEquals(500, ask(trust, caller("stranger"), "/pods").statusCode());
            assertEquals(
                    500,
                    withToken(trust, cluster.apiServer().adminToken(), "GET").statusCode());
            assertEquals(401, ask(trust, Optional.empty(), "/pods").statusCode());
        } finally {
            cluster.apiServer().start();
        }
        node.daemon.await("it to be asked again", () -> answers(trust, reader, "/pods", 200));
        assertEquals(403, ask(trust, late, "/pods").statusCode());
        node.assertPodUntouched();
    }

    @Test
    void doesNotListenByDefault() throws Exception {
        node.start();
        assertFalse(ServerProcess.listens(port));
        assertFalse(Files.exists(node.pki()));
    }
}
