/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TrustPolicy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kubelet's port with the rights that RBAC of a real API server gives, and the read-only port. */
class KubeletPortClusterTest extends ServingNode {

    /** What a subresource of the Node opens. */
    private static final Map<String, List<String>> PATHS = Map.of(
            "pods", List.of("/pods", "/runningpods", "/runningpods/"),
            "healthz", List.of("/healthz", "/healthz/syncloop"),
            "configz", List.of("/configz"));

    @BeforeAll
    static void giveRightsToRead() throws IOException {
        for (String subresource : List.of("pods", "healthz", "configz", "metrics", "stats", "proxy")) {
            role("node-" + subresource, "nodes/" + subresource);
            cluster.bind("node-" + subresource, "node-" + subresource, "get-" + subresource);
        }
        role("node-all", "nodes/pods, nodes/healthz, nodes/configz, nodes/metrics, nodes/stats, nodes/proxy");
        cluster.bind("node-all", "node-all", "get-all");
    }

    private int code(TrustPolicy trust, Optional<KeyAndCertificates> caller, String method, String path)
            throws Exception {
        return ask(trust, caller, path, request -> request.method(method, HttpRequest.BodyPublishers.noBody()))
                .statusCode();
    }

    private JsonObject object(TrustPolicy trust, Optional<KeyAndCertificates> caller, String path) throws Exception {
        HttpResponse<String> response = ask(trust, caller, path);
        return new ApiAnswer(response.statusCode(), response.body()).object();
    }

    @Test
    void eachSubresourceOpensItsPaths() throws Exception {
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        for (String own : PATHS.keySet()) {
            Optional<KeyAndCertificates> caller = caller("user-of-" + own, "get-" + own);
            for (String other : PATHS.keySet()) {
                String path = PATHS.get(other).getFirst();
                assertEquals(own.equals(other) ? 200 : 403, code(trust, caller, "GET", path), own + ": " + path);
            }
            String last = PATHS.get(own).getLast();
            assertEquals(200, code(trust, caller, "GET", last), last);
            assertEquals(200, code(trust, caller, "HEAD", last), last);
            assertEquals(403, code(trust, caller, "POST", last), last);
            String log = "/containerLogs/default/steady-" + node.name() + "/app";
            assertEquals(403, code(trust, caller, "GET", log), own);
        }
        for (List<String> paths : PATHS.values()) {
            assertEquals(200, code(trust, caller("user-of-proxy", "get-proxy"), "GET", paths.getFirst()));
        }
    }

    /** With the kubelet, the right to get {@code nodes/proxy} is enough. */
    @Test
    void theRightToGetEverythingDoesNotRunCommands() throws Exception {
        node.start(joined(""));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> getter = caller("getter", "get-all");
        assertEquals(200, code(trust, getter, "GET", "/pods"));
        String pod = "/default/steady-" + node.name();
        for (String path : List.of(
                "/exec" + pod + "/app?command=id&output=1",
                "//exec" + pod + "/app?command=id&output=1",
                "/%65xec" + pod + "/app?command=id&output=1",
                "/attach" + pod + "/app?output=1",
                "/run" + pod + "/app?cmd=id",
                "/portForward" + pod + "?port=80")) {
            for (String method : List.of("GET", "POST")) {
                assertEquals(403, code(trust, getter, method, path), method + " " + path);
            }
            HttpResponse<String> refused = ask(trust, getter, path);
            assertTrue(
                    refused.body()
                            .contains("Forbidden (user=getter, verb=create, resource=nodes, name=" + node.name()
                                    + ", subresource(s)=proxy)"),
                    refused::body);
        }
        assertEquals(0, processesOf("id"));
        node.assertPodUntouched();
    }

    private long processesOf(String command) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").equals(command))
                .count();
    }

    @Test
    void configurationAndRunningPodsAreThoseOfTheNode() throws Exception {
        node.start(joined("evictionHard: {memory.available: 7Mi}\ncpuManagerPolicy: none\n"));
        TrustPolicy trust = selfSigned();
        Optional<KeyAndCertificates> all = caller("reader", "get-all");
        JsonObject configuration = object(trust, all, "/configz");
        assertEquals(Integer.toString(port), configuration.text("kubeletconfig.port"));
        assertEquals("KubeletConfiguration", configuration.text("kubeletconfig.kind"));
        assertEquals("1s", configuration.text("kubeletconfig.nodeStatusUpdateFrequency"));
        assertEquals("1m0s", configuration.text("kubeletconfig.nodeStatusReportFrequency"));
        assertEquals("7Mi", configuration.text("kubeletconfig.evictionHard[memory.available]"));
        assertEquals(
                daemon.manifests.toString(),
                configuration.text("kubeletconfig.staticPodPath"),
                configuration::toString);

        List<JsonObject> running = object(trust, all, "/runningpods").objects("items");
        assertEquals(1, running.size(), running::toString);
        assertEquals("steady-" + node.name(), running.getFirst().text("metadata.name"));
        List<JsonObject> pods = object(trust, all, "/pods").objects("items");
        assertEquals(pods.getFirst().text("metadata.uid"), running.getFirst().text("metadata.uid"));
        assertEquals(
                "app", running.getFirst().objects("spec.containers").getFirst().text("name"));
    }

    @Test
    void readOnlyPortNeedsNoIdentityAndShowsLittle() throws Exception {
        int readOnly = ServerProcess.freePort();
        node.start(joined("readOnlyPort: " + readOnly));
        node.daemon.await("the read-only port", () -> ServerProcess.listens(readOnly));
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (Map.Entry<String, Integer> expected : Map.of(
                            "/healthz", 200, "/pods", 200, "/runningpods", 405, "/configz", 404, "/", 404)
                    .entrySet()) {
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + readOnly + expected.getKey()))
                        .build();
                HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
                assertEquals(expected.getValue(), response.statusCode(), expected::toString);
            }
            String exec = "http://127.0.0.1:" + readOnly + "/exec/default/steady-" + node.name() + "/app?command=id";
            HttpRequest post = HttpRequest.newBuilder(URI.create(exec))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            assertEquals(
                    405, client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode());
        }
        daemon.stop();
        daemon.start(joined(""));
        assertFalse(ServerProcess.listens(readOnly));
    }
}
