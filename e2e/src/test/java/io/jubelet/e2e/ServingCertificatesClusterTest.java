/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.KeyAndCertificates;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

/** The certificates of the listener, the authorities of its callers, and the logs that the API server reads through it. */
class ServingCertificatesClusterTest extends ServingNode {

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
                                "if mkdir /tmp/d/second 2>/dev/null; then echo one; echo two; exit 1; fi;"
                                        + " echo three; echo four; "
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

        // A user needs the right to the logs of pods; the node authorizes only the API server.
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
    void certificateFileIsReloadedWhenItChanges() throws Exception {
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
    void removedAuthorityAlsoAppliesToOpenConnections() throws Exception {
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
    void clusterSignsServingCertificateAndKnowsThePort() throws Exception {
        cluster.startControllerManager();
        Path kubeconfig = cluster.kubeconfigOfNode(node.name());
        node.start("--kubeconfig=" + kubeconfig, "--node-ip=127.0.0.1", config("serverTLSBootstrap: true"));
        node.awaitJoined();
        node.awaitLog("requested a serving certificate with CertificateSigningRequest node-csr-");
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
