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
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A daemon that was asked to listen shows pods and logs to callers that may see them, and to nobody else. */
class ServingClusterTest extends InCluster {

    private static final String ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
    private static final String BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/";
    /** May read health and pods of nodes, and no more. */
    private static final String READERS = "readers";
    /** May read all that nodes serve. */
    private static final String LOG_READERS = "log-readers";

    private int port;

    @BeforeAll
    static void giveRights() throws IOException {
        role("node-reader", "nodes/healthz, nodes/pods");
        role("node-log-reader", "nodes/proxy");
        role("log-reader", "pods, pods/log");
        cluster.bind("node-readers", "node-reader", READERS);
        cluster.bind("node-log-readers", "node-log-reader", LOG_READERS);
        cluster.bind("kubelet-callers", "system:kubelet-api-admin", ApiServerUnderTest.KUBELET_CALLERS);
    }

    private static void role(String name, String resources) throws IOException {
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

    private String config(String more) throws IOException {
        return node.config("port: " + port + "\naddress: 127.0.0.1\nauthentication:\n  anonymous: {enabled: false}\n"
                + "  x509: {clientCAFile: " + cluster.directory().resolve("ca.crt") + "}\n" + more);
    }

    private String[] joined(String more) throws IOException {
        return new String[] {
            "--kubeconfig=" + cluster.kubeconfigOfNode(node.name()), "--node-ip=127.0.0.1", config(more)
        };
    }

    private static KeyAndCertificates caller(CertificateAuthority authority, String user, String... groups) {
        CertificateAuthority.Issued issued = certificate(authority, user, groups);
        return new KeyAndCertificates(issued.key(), List.of(issued.certificate()));
    }

    private static CertificateAuthority.Issued certificate(
            CertificateAuthority authority, String user, String... groups) {
        Instant now = Instant.now();
        return authority.client(user, List.of(groups), now.minusSeconds(60), now.plusSeconds(3600));
    }

    private static Optional<KeyAndCertificates> caller(String user, String... groups) {
        return Optional.of(caller(cluster.authority(), user, groups));
    }

    private HttpResponse<String> ask(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path)
            throws IOException, InterruptedException {
        return ask(trust, caller, path, request -> request);
    }

    private HttpResponse<String> ask(
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

    private boolean answers(TrustPolicy trust) {
        return answers(trust, caller("reader", READERS), "/healthz", 200);
    }

    private boolean answers(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path, int code) {
        try {
            return ask(trust, caller, path).statusCode() == code;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String body(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path) {
        try {
            return ask(trust, caller, path).body();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    private TrustPolicy own(String file) throws IOException {
        return new TrustPolicy.Authorities(
                Certificates.read(PemText.read(node.pki().resolve(file))));
    }

    private TrustPolicy selfSigned() throws IOException {
        node.daemon.await(
                "a self-signed certificate", () -> Files.exists(node.pki().resolve("kubelet.crt")));
        TrustPolicy trust = own("kubelet.crt");
        node.daemon.await("an answer", () -> answers(trust));
        return trust;
    }

    @Test
    void withoutAClusterCallersWithACertificateReadPodsAndLogsAndNobodyElseDoes() throws Exception {
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
        for (String other : List.of("/jubelet/v1/pods", "/api/v1/pods", "/exec/default/talks/app", "/", "/metrics")) {
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
    void aListenerThatCannotAskTheApiServerIsRefusedWithWhatToWrite() throws Exception {
        node.daemon.options(config(""));
        Commands.Outcome outcome = Commands.run(node.daemon.command());
        assertEquals(1, outcome.exitCode(), outcome::toString);
        assertTrue(outcome.err().contains("port: needs --kubeconfig"), outcome::toString);
        assertTrue(
                outcome.err().contains("set authorization.mode (--authorization-mode) to AlwaysAllow"),
                outcome::toString);
    }

    @Test
    void theApiServerSaysWhoMayAskForWhat() throws Exception {
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> reader = caller("reader", READERS);
        String log = "/containerLogs/default/steady-" + node.name() + "/app";

        // It runs, and in a moment the daemon shows that.
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

        // Whoever may do everything still cannot do anything to a pod.
        Optional<KeyAndCertificates> all = caller("api-server", ApiServerUnderTest.KUBELET_CALLERS);
        String exec = "/exec/default/steady-" + node.name() + "/app?command=sh";
        assertEquals(200, ask(trust, all, log).statusCode());
        assertEquals(404, ask(trust, all, exec).statusCode());
        assertEquals(
                405,
                ask(trust, all, exec, r -> r.POST(HttpRequest.BodyPublishers.noBody()))
                        .statusCode());

        // A cluster's authority signs every node and every user; that alone is no right to anything.
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
    void aTokenIsAsGoodAsItsUserIsAndNobodyElses() throws Exception {
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
    void rightsChangeUnderItAndNobodyIsLetInWhileTheApiServerIsAway() throws Exception {
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
                            .contains(
                                    "cannot authorize the request (user=reader, verb=get, resource=nodes, name="
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

    /** What {@code kubectl logs} does: the API server asks the node, with its own certificate. */
    @Test
    void logsAreReadThroughTheApiServer() throws Exception {
        CertificateAuthority.Issued serving = cluster.authority().server("serving");
        Path certificate = Files.writeString(node.daemon.home.resolve("serving.crt"), serving.certificatePem());
        Path key = Files.writeString(node.daemon.home.resolve("serving.key"), serving.keyPem());
        node.start(joined("tlsCertFile: " + certificate + "\ntlsPrivateKeyFile: " + key));
        node.daemon.write(
                "talks.yaml",
                DaemonProcess.pod(
                                "talks",
                                "if mkdir /tmp/d/second 2>/dev/null; then echo one; echo two; exit 1; fi; echo three; echo four; "
                                        + DaemonProcess.sleeper(),
                                "  volumes: [{name: d, emptyDir: {}}]")
                        .replace("    command:", "    volumeMounts: [{name: d, mountPath: /tmp/d}]\n    command:"));
        String mirror = "/api/v1/namespaces/default/pods/talks-" + node.name();
        cluster.awaitObject(
                mirror,
                "to run again",
                pod -> pod.text("status.containerStatuses[0].restartCount").equals("1")
                        && pod.text("status.phase").equals("Running"));
        assertEquals(
                Integer.toString(port),
                cluster.get("/api/v1/nodes/" + node.name()).text("status.daemonEndpoints.kubeletEndpoint.Port"));

        node.daemon.await("the log", () -> {
            try {
                return log(mirror + "/log").equals("three\nfour\n");
            } catch (IOException e) {
                return false;
            }
        });
        assertEquals("four\n", log(mirror + "/log?tailLines=1"));
        assertEquals("one\ntwo\n", log(mirror + "/log?previous=true"));
        assertTrue(log(mirror + "/log?timestamps=true").matches("(?s)20\\S+Z three\n20\\S+Z four\n"));

        assertEquals("three", log(mirror + "/log?limitBytes=5"));
        assertEquals("three\nfour\n", log(mirror + "/log?sinceSeconds=3600"));
        String future =
                Instant.now().plusSeconds(600).truncatedTo(ChronoUnit.SECONDS).toString();
        assertEquals("", log(mirror + "/log?sinceTime=" + future));

        // Whoever reads logs needs a right to logs of pods; the node is asked by the API server alone.
        cluster.bind("log-readers", "log-reader", "pod-log-readers");
        try (ApiClient may = user("may", "pod-log-readers");
                ApiClient mayNot = user("may-not")) {
            ClusterUnderTest.await(
                    "the right to count",
                    () -> may.send("GET", mirror + "/log", null).ok());
            assertEquals("three\nfour\n", may.send("GET", mirror + "/log", null).body());
            assertEquals(403, mayNot.send("GET", mirror + "/log", null).code());
            // A line that is written after the answer began comes at once.
            try (InputStream follow = may.stream(HttpRequest.newBuilder(
                                    URI.create(cluster.apiServer().url() + mirror + "/log?follow=true&tailLines=1"))
                            .build())
                    .body()) {
                assertEquals("four\n", new String(follow.readNBytes(5), StandardCharsets.UTF_8));
                long pid = node.daemon.pid(node.daemon.awaitRunning("talks"));
                Files.writeString(Path.of("/proc/" + pid + "/fd/1"), "five\n");
                assertEquals("five\n", new String(follow.readNBytes(5), StandardCharsets.UTF_8));
                ProcessHandle.of(pid).orElseThrow().destroy();
                assertEquals(
                        "", new String(follow.readAllBytes(), StandardCharsets.UTF_8), "it ends with the container");
            }
        }
        ApiAnswer absent = cluster.admin("GET", mirror + "/log?container=other", null);
        assertEquals(400, absent.code(), absent::toString);
    }

    private static ApiClient user(String name, String... groups) {
        return cluster.as(
                cluster.kubeconfig(new Kubeconfig.User.Certificate(certificate(cluster.authority(), name, groups))));
    }

    private static String log(String path) throws IOException {
        ApiAnswer answer = cluster.admin("GET", path, null);
        assertEquals(200, answer.code(), answer::toString);
        return answer.body();
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
        node.start(config("tlsCertFile: " + certificate + "\ntlsPrivateKeyFile: " + key
                + "\nauthorization: {mode: AlwaysAllow}"));
        node.daemon.await("an answer", () -> ServerProcess.listens(port));
        TrustPolicy first =
                new TrustPolicy.Authorities(List.of(cluster.authority().own().certificate()));
        node.daemon.await("the first", () -> localhost(first));
        CertificateAuthority next = new CertificateAuthority("next");
        place(next, certificate, key);
        node.daemon.await(
                "the next",
                () -> localhost(new TrustPolicy.Authorities(List.of(next.own().certificate()))));
    }

    @Test
    void anAuthorityThatIsNoneAnyMoreCountsForNoRequestOfAnOpenConnectionEither() throws Exception {
        Path authorities = node.daemon.home.resolve("callers.crt");
        String before = cluster.authority().own().certificatePem();
        String after = new CertificateAuthority("next").own().certificatePem();
        Files.writeString(authorities, before);
        node.start(node.config("port: " + port + "\naddress: 127.0.0.1\nauthentication: {x509: {clientCAFile: "
                + authorities + "}}\nauthorization: {mode: AlwaysAllow}"));
        TrustPolicy trust = selfSigned();
        SSLContext tls = TlsContexts.client(trust, Optional.of(node.name()), caller("anybody"));
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpRequest pods = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/pods"))
                    .build();
            assertEquals(
                    200, client.send(pods, HttpResponse.BodyHandlers.ofString()).statusCode());
            Files.writeString(authorities, after);
            assertEquals(
                    401, client.send(pods, HttpResponse.BodyHandlers.ofString()).statusCode());
            assertThrows(IOException.class, () -> ask(trust, caller("anybody"), "/pods"));
            Files.writeString(authorities, after + before);
            assertEquals(
                    200, client.send(pods, HttpResponse.BodyHandlers.ofString()).statusCode());
            assertEquals(200, ask(trust, caller("anybody"), "/pods").statusCode());
        }
    }

    private static void place(CertificateAuthority authority, Path certificate, Path key) throws IOException {
        CertificateAuthority.Issued issued = authority.server("serving");
        Files.writeString(certificate, issued.certificatePem());
        Files.writeString(key, issued.keyPem());
    }

    /** These certificates are of the loopback, not of the node's name. */
    private boolean localhost(TrustPolicy trust) {
        try {
            SSLContext tls = TlsContexts.client(trust, Optional.empty(), caller("anybody"));
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
        TrustPolicy trust =
                new TrustPolicy.Authorities(List.of(cluster.authority().own().certificate()));
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
