/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The cluster that other tests join behaves as clusters do. */
@Tag("cluster")
class ClusterUnderTestTest {

    private static final String NODES = "/api/v1/nodes";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private static ClusterUnderTest cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = ClusterUnderTest.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static String node(String name) {
        return "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"" + name + "\"}}";
    }

    private static String lease(String name) {
        return "{\"apiVersion\": \"coordination.k8s.io/v1\", \"kind\": \"Lease\", \"metadata\": {\"name\": \"" + name
                + "\"}, \"spec\": {\"holderIdentity\": \"" + name + "\", \"leaseDurationSeconds\": 40}}";
    }

    @Test
    void aNodeMayDoWhatNodesMayAndNoMore() throws Exception {
        try (ApiClient own = cluster.as(cluster.nodeKubeconfig("own"))) {
            assertEquals(201, own.send("POST", NODES, node("own")).code());
            assertEquals(201, own.send("POST", LEASES, lease("own")).code());
            ApiAnswer other = own.send("POST", NODES, node("other"));
            assertEquals(403, other.code(), other::toString);
            assertEquals(403, own.send("POST", LEASES, lease("other")).code());
            ApiAnswer label = own.send("PATCH", NODES + "/own", """
                    {"metadata": {"labels": {"node-restriction.kubernetes.io/a": "b"}}}""");
            assertEquals(403, label.code(), label::toString);
            assertEquals(
                    403,
                    own.send("GET", "/api/v1/namespaces/default/secrets", null).code());
        }
    }

    @Test
    void aCertificateIsOfUseOnlyInItsTime() throws Exception {
        Instant now = Instant.now();
        Kubeconfig past = cluster.kubeconfig(new Kubeconfig.User.Certificate(
                cluster.nodeCertificate("past", now.minusSeconds(20), now.minusSeconds(10))));
        try (ApiClient client = cluster.as(past)) {
            assertEquals(401, client.send("GET", NODES + "/past", null).code());
        }
    }

    @Test
    void kubeconfigsAreWrittenWithDataAndWithFiles() throws Exception {
        Kubeconfig config = cluster.nodeKubeconfig("written");
        Path whole = config.write(cluster.newFile("whole"));
        assertTrue(Files.readString(whole).contains("client-key-data: "));
        Path file = config.writeWithFiles(cluster.newFile("files"));
        assertTrue(Files.readString(file).contains("client-key: " + file.getFileName() + ".key\n"));
        assertTrue(Files.readString(file.resolveSibling(file.getFileName() + ".crt"))
                .contains("BEGIN CERTIFICATE"));
    }

    @Test
    void theControllerManagerSignsForTheBearerOfABootstrapToken() throws Exception {
        cluster.startControllerManager();
        KeyPair keys = CertificateAuthority.newKeys();
        byte[] request = new JcaPKCS10CertificationRequestBuilder(
                        new X500Name("O=system:nodes,CN=system:node:joins"), keys.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                .getEncoded();
        String pem = CertificateAuthority.pem("CERTIFICATE REQUEST", request);
        Kubeconfig bootstrap = cluster.kubeconfig(new Kubeconfig.User.Token(cluster.bootstrapToken()));
        try (ApiClient client = cluster.as(bootstrap)) {
            // The API server learns of tokens and of rights a moment after they are there.
            ClusterUnderTest.await(
                    "the token to count",
                    () -> client.send("POST", NODES, node("joins")).code() != 401);
            assertEquals(403, client.send("POST", NODES, node("joins")).code());
            String order = """
                    apiVersion: certificates.k8s.io/v1
                    kind: CertificateSigningRequest
                    metadata: {name: joins}
                    spec:
                      signerName: kubernetes.io/kube-apiserver-client-kubelet
                      usages: [digital signature, client auth]
                      request: %s
                    """.formatted(Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8)));
            ClusterUnderTest.await(
                    "the right to ask",
                    () -> client.send("POST", REQUESTS, order).code() == 201);
        }
        JsonObject signed = cluster.awaitObject(REQUESTS + "/joins", "to be signed", o -> o.has("status.certificate"));
        String certificate =
                new String(Base64.getDecoder().decode(signed.text("status.certificate")), StandardCharsets.UTF_8);
        assertTrue(certificate.contains("BEGIN CERTIFICATE"), certificate);
    }

    @Test
    void theControllerManagerWatchesOverNodes() throws Exception {
        cluster.create(NODES, node("silent"));
        cluster.startControllerManager(
                "--node-monitor-period=1s", "--node-monitor-grace-period=2s", "--node-startup-grace-period=2s");
        cluster.awaitObject(
                NODES + "/silent",
                "to be not ready",
                node -> node.status("Ready").equals("Unknown"));
    }

    @Test
    void theApiServerComesBackAtItsPortWithItsObjects() throws Exception {
        cluster.create(NODES, node("stays"));
        cluster.apiServer().kill();
        assertThrows(IOException.class, () -> cluster.admin("GET", NODES + "/stays", null));
        cluster.apiServer().start();
        assertEquals("stays", cluster.get(NODES + "/stays").name());
    }

    // --- the network before the API server

    private static final String ANY = "/api/v1/namespaces/default";

    private static ApiClient admin(String url) {
        return cluster.as(cluster.adminKubeconfig().at(url));
    }

    @Test
    void aNetworkPassesRefusesAndResets() throws Exception {
        try (ApiServerProxy proxy = new ApiServerProxy(cluster.apiServer().port());
                ApiClient client = admin(proxy.url())) {
            assertEquals(200, client.send("GET", ANY, null).code());
            proxy.to(new ApiServerProxy.Mode.Refuse());
            assertThrows(ConnectException.class, () -> client.send("GET", ANY, null));
            proxy.to(new ApiServerProxy.Mode.Reset());
            try (Socket socket = new Socket("127.0.0.1", URI.create(proxy.url()).getPort())) {
                InputStream in = socket.getInputStream();
                SocketException reset = assertThrows(SocketException.class, in::read);
                assertEquals("Connection reset", reset.getMessage());
            }
            proxy.pass();
            assertEquals(200, client.send("GET", ANY, null).code());
        }
    }

    @Test
    void aNetworkHangsAndIsSlow() throws Exception {
        try (ApiServerProxy proxy = new ApiServerProxy(cluster.apiServer().port());
                ApiClient client = admin(proxy.url());
                ExecutorService aside = Executors.newVirtualThreadPerTaskExecutor()) {
            assertEquals(200, client.send("GET", ANY, null).code());
            proxy.to(new ApiServerProxy.Mode.Hang());
            Future<ApiAnswer> answer = aside.submit(() -> client.send("GET", ANY, null));
            assertThrows(TimeoutException.class, () -> answer.get(1, TimeUnit.SECONDS));
            proxy.to(new ApiServerProxy.Mode.Delay(Duration.ofMillis(300)));
            assertEquals(200, answer.get(60, TimeUnit.SECONDS).code());
            long begin = System.nanoTime();
            assertEquals(200, client.send("GET", ANY, null).code());
            Duration taken = Duration.ofNanos(System.nanoTime() - begin);
            assertTrue(taken.toMillis() >= 300, taken::toString);
        }
    }

    @Test
    void configuredFaultsApplyAndOtherRequestsSucceed() throws Exception {
        try (FaultyApiServer faulty = new FaultyApiServer(cluster);
                ApiClient client = cluster.as(cluster.nodeKubeconfig("told").at(faulty.url()))) {
            faulty.fail(1, ApiFault.conflict(), request -> request.is("POST", NODES));
            faulty.fail(1, new ApiFault.Lost(), request -> request.is("POST", NODES));
            ApiAnswer conflict = client.send("POST", NODES, node("told"));
            assertEquals(409, conflict.code(), conflict::toString);
            assertEquals("Conflict", conflict.object().text("reason"));
            cluster.awaitGone(NODES + "/told");
            assertThrows(IOException.class, () -> client.send("POST", NODES, node("told")));
            assertEquals("told", cluster.get(NODES + "/told").name());
            assertEquals(409, client.send("POST", NODES, node("told")).code());
            assertEquals(403, client.send("POST", NODES, node("another")).code());
            faulty.fail(ApiFault.empty(), request -> request.is("GET", NODES));
            assertEquals(new ApiAnswer(200, ""), client.send("GET", NODES + "/told", null));
            faulty.fail(1, ApiFault.internalError(), request -> true);
            faulty.heal();
            assertEquals(200, client.send("GET", NODES + "/told", null).code());
            assertEquals(
                    List.of("POST", "POST", "POST", "POST", "GET", "GET"),
                    faulty.requests(request -> request.user().equals("system:node:told")).stream()
                            .map(FaultyApiServer.Request::method)
                            .toList());
        }
    }

    @Test
    void aBusyServerSaysWhenToComeBack() throws Exception {
        try (FaultyApiServer faulty = new FaultyApiServer(cluster);
                ApiClient client = admin(faulty.url())) {
            faulty.fail(1, ApiFault.tooManyRequests(Duration.ofSeconds(2)), request -> true);
            HttpResponse<InputStream> busy = client.stream(
                    HttpRequest.newBuilder(URI.create(faulty.url() + ANY)).build());
            busy.body().close();
            assertEquals(429, busy.statusCode());
            assertEquals("2", busy.headers().firstValue("Retry-After").orElse(""));
            assertEquals(200, client.send("GET", ANY, null).code());
        }
    }

    @Test
    void watchesPassAndBreakAndAreGone() throws Exception {
        cluster.create(NODES, node("watched"));
        try (FaultyApiServer faulty = new FaultyApiServer(cluster);
                ApiClient client = admin(faulty.url())) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(faulty.url() + NODES + "?watch=true&fieldSelector=metadata.name%3Dwatched"))
                    .header("Authorization", "Bearer " + cluster.apiServer().adminToken())
                    .build();
            try (InputStream body = client.stream(request).body();
                    BufferedReader events = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
                assertTrue(events.readLine().startsWith("{\"type\":\"ADDED\""));
                cluster.patch(NODES + "/watched", "{\"metadata\": {\"labels\": {\"a\": \"b\"}}}");
                assertTrue(events.readLine().startsWith("{\"type\":\"MODIFIED\""));
                faulty.breakWatches();
                assertThrows(IOException.class, events::readLine);
            }
            faulty.fail(1, ApiFault.watchGone(), FaultyApiServer.Request::isWatch);
            try (InputStream body = client.stream(request).body()) {
                String event = new String(body.readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(event.startsWith("{\"type\": \"ERROR\"") && event.contains("410"), event);
            }
        }
    }
}
