/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.status.PodViews;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the paths over TLS, with the client certificate that the server has made. */
class KubernetesApiTest extends ServedKubernetesApi {

    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    @Test
    void clientWithoutACertificateIsRefused() throws Exception {
        try (HttpClient client = client(false)) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/version"))
                    .build();
            assertThrows(IOException.class, () -> client.send(request, HttpResponse.BodyHandlers.ofString()));
        }
    }

    @Test
    void keysAreReadableByTheirOwnerAlone() throws Exception {
        for (String file : List.of("ca.key", "server.key", "client.key", "kubeconfig")) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(file))),
                    file);
        }
        assertTrue(Files.readString(directory.resolve("kubeconfig"))
                .contains("    server: https://127.0.0.1:" + port + "\n"));
    }

    @Test
    void restartKeepsTheCertificatesAndCountsOn() throws Exception {
        String kubeconfig = Files.readString(directory.resolve("kubeconfig"));
        long before = Long.parseLong(version(get("/api/v1/pods")));
        api.close();
        open();
        long after = Long.parseLong(version(Eventually.within(Eventually.DEFAULT_TIMEOUT)
                .retrying(IOException.class)
                .until("a list", () -> get("/api/v1/pods"), _ -> true)));
        assertEquals(kubeconfig, Files.readString(directory.resolve("kubeconfig")));
        assertTrue(after > before + Integer.MAX_VALUE, before + " and then " + after);
        HttpResponse<String> old = get("/api/v1/pods?watch=1&resourceVersion=" + before);
        assertEquals(410, old.statusCode());
        assertTrue(old.body().contains("\"reason\":\"Expired\""), old::body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/secrets",
                "/api/v1/namespaces/shop/secrets",
                "/api/v1/namespaces/shop/secrets/password",
                "/api/v1/services",
                "/api/v1/pods/web-node1",
                "/api/v1/namespaces/default/nodes",
                "/api/v1/namespaces/default/pods/web-node1/none",
                "/api/v1/namespaces/default/pods/web-node1/log/more",
                "/apis/apps/v1",
                "/none",
            })
    void whatIsNotServedIsNotFound(String path) throws Exception {
        HttpResponse<String> none = get(path);
        assertEquals(404, none.statusCode());
        assertTrue(none.body().contains("\"kind\":\"Status\""), none::body);
    }

    @Test
    void secretsAreNowhere() throws Exception {
        for (String path : List.of(
                "/api/v1/pods",
                "/api/v1/configmaps",
                "/api/v1/events",
                "/api/v1/namespaces",
                "/api/v1/nodes",
                "/apis",
                "/api/v1")) {
            String body = get(path).body();
            assertFalse(body.contains(ServedNode.SECRET), body);
            assertFalse(body.contains("password"), body);
        }
    }

    @Test
    void listsAreChosenByNamespaceAndSelectors() throws Exception {
        assertEquals(List.of("crashing-node1", "old-node1", "pulling-node1", "web-node1"), names(get("/api/v1/pods")));
        assertEquals(List.of(), names(get("/api/v1/namespaces/shop/pods")));
        assertEquals(List.of("web-node1"), names(get("/api/v1/pods?fieldSelector=metadata.name%3Dweb-node1")));
        assertEquals(List.of(), names(get("/api/v1/pods?labelSelector=app%3Dnone")));
        assertEquals(List.of("colours"), names(get("/api/v1/namespaces/shop/configmaps")));
        assertEquals(List.of("default", "shop"), names(get("/api/v1/namespaces")));
        assertEquals(List.of("node1"), names(get("/api/v1/nodes?labelSelector=zone%3Da")));
        assertEquals(400, get("/api/v1/pods?fieldSelector=spec.none%3Da").statusCode());
    }

    @Test
    void longListsComeInParts() throws Exception {
        HttpResponse<String> first = get("/api/v1/pods?limit=3");
        assertEquals(List.of("crashing-node1", "old-node1", "pulling-node1"), names(first));
        assertTrue(first.body().contains("\"remainingItemCount\":1"), first::body);
        Matcher token = Pattern.compile("\"continue\":\"([^\"]+)\"").matcher(first.body());
        assertTrue(token.find(), first::body);
        // The rest is as it was, whatever happens meanwhile.
        node.statuses.retire(PodViews.pod("web", "app").build().name());
        HttpResponse<String> rest = get("/api/v1/pods?limit=3&continue=" + token.group(1));
        assertEquals(List.of("web-node1"), names(rest));
        assertEquals(version(first), version(rest));
        assertEquals(400, get("/api/v1/pods?limit=3&continue=none").statusCode());
    }

    @ParameterizedTest
    @CsvSource({
        "resourceVersion=0, 200",
        "resourceVersion=1, 200",
        "resourceVersion=1&resourceVersionMatch=NotOlderThan, 200",
        "resourceVersion=1&resourceVersionMatch=Exact, 410",
        "resourceVersion=0&resourceVersionMatch=Exact, 400",
        "resourceVersion=9223372036854775807, 410",
        "resourceVersionMatch=Exact, 400",
        "resourceVersion=1&resourceVersionMatch=Roughly, 400",
        "resourceVersion=x, 400",
        "watch=1&resourceVersion=1, 410",
        "watch=1&sendInitialEvents=true, 400",
        "limit=-1, 400",
    })
    void versionsMeanWhatTheyMeanInKubernetes(String query, int code) throws Exception {
        assertEquals(code, get("/api/v1/pods?" + query).statusCode());
    }

    @Test
    void tablesHaveTheColumnsOfKubectl() throws Exception {
        HttpResponse<String> table = get("/api/v1/pods", "Accept", TABLE);
        assertEquals(
                Optional.of("application/json;as=Table;v=v1;g=meta.k8s.io"),
                table.headers().firstValue("Content-Type"));
        assertEquals(
                List.of(
                        "Name",
                        "Ready",
                        "Status",
                        "Restarts",
                        "Age",
                        "IP",
                        "Node",
                        "Nominated Node",
                        "Readiness Gates"),
                all(Pattern.compile("\"name\":\"([^\"]+)\",\"type\":\"string\""), table.body()));
        assertEquals(
                List.of(
                        "\"crashing-node1\",\"0/1\",\"CrashLoopBackOff\",\"3",
                        "\"old-node1\",\"1/1\",\"Terminating\",\"0",
                        "\"pulling-node1\",\"0/1\",\"ErrImagePull\",\"0",
                        "\"web-node1\",\"2/2\",\"Running\",\"1"),
                all(Pattern.compile("\"cells\":\\[((?:\"[^\"]*\",){3}\"\\d+)"), table.body()));
        assertEquals(406, get("/api/v1/pods", "Accept", "application/yaml").statusCode());
        String node = get("/api/v1/nodes/node1", "Accept", TABLE).body();
        assertTrue(node.contains("\"cells\":[\"node1\",\"Ready\",\"edge\","), node);
    }

    @Test
    void writesNameTheFileToEdit() throws Exception {
        HttpResponse<String> refused = send("DELETE", "/api/v1/namespaces/default/pods/web-node1");
        assertEquals(405, refused.statusCode());
        assertTrue(
                refused.body()
                        .contains(
                                "\"message\":\"cannot delete pods \\\"web-node1\\\" through this read-only API: remove it"
                                        + " from its manifest /etc/kubernetes/manifests/web.yaml\",\"reason\":\"MethodNotAllowed\""),
                refused::body);
        for (String method : List.of("PUT", "PATCH")) {
            String body =
                    send(method, "/api/v1/namespaces/shop/configmaps/colours").body();
            assertTrue(body.contains("edit its manifest /etc/kubernetes/manifests/shop.yaml"), body);
        }
        String debugged = send("PATCH", "/api/v1/namespaces/default/pods/web-node1/ephemeralcontainers")
                .body();
        assertTrue(
                debugged.contains(
                        "cannot add ephemeral containers to pods \\\"web-node1\\\" through this read-only API:"
                                + " a static pod has the containers of its manifest /etc/kubernetes/manifests/web.yaml"),
                debugged);
        HttpResponse<String> evicted = send("POST", "/api/v1/namespaces/default/pods/web-node1/eviction");
        assertEquals(405, evicted.statusCode());
        String created = send("POST", "/api/v1/namespaces/default/pods").body();
        assertTrue(created.contains("put a manifest into /etc/kubernetes/manifests"), created);
    }

    @Test
    void logsAreThoseOfTheContainer() throws Exception {
        String pods = "/api/v1/namespaces/default/pods/";
        assertEquals("app/1: line\n", get(pods + "web-node1/log?container=app").body());
        assertEquals("app/3: line\n", get(pods + "crashing-node1/log").body());
        HttpResponse<String> which = get(pods + "web-node1/log");
        assertEquals(400, which.statusCode());
        assertTrue(which.body().contains("choose one of: [app, proxy]"), which::body);
        assertEquals(404, get(pods + "none/log").statusCode());
    }

    @Test
    void discoveryIsServedInBothForms() throws Exception {
        assertTrue(get("/api").body().contains("\"versions\":[\"v1\"]"));
        assertTrue(get("/api/v1").body().contains("{\"name\":\"pods/log\""));
        String wanted = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        HttpResponse<String> aggregated = get("/api", "Accept", wanted + ",application/json");
        assertEquals(Optional.of(wanted), aggregated.headers().firstValue("Content-Type"));
        assertTrue(aggregated.body().contains("\"resource\":\"pods\""), aggregated::body);
        assertTrue(get("/version").body().contains("\"gitVersion\":\"v1.36.0+jubelet-0.1.0\""));
    }

    @Test
    void streamsAreThoseOfTheKubelet() throws Exception {
        String pods = "/api/v1/namespaces/default/pods/";
        String by = " by the holder of the kubeconfig at 127.0.0.1";
        assertEquals(
                "POST [exec, default, web-node1, app]" + by,
                send("POST", pods + "web-node1/exec?container=app&command=true").body());
        assertEquals(
                "GET [attach, default, old-node1, app]" + by,
                get(pods + "old-node1/attach").body());
        assertEquals(
                "GET [portForward, default, web-node1]" + by,
                get(pods + "web-node1/portforward?ports=80").body());
        assertEquals(400, get(pods + "web-node1/exec").statusCode());
        for (String path : List.of("exec", "attach", "portforward")) {
            assertEquals(404, get(pods + "none/" + path).statusCode());
            assertEquals(405, send("PUT", pods + "web-node1/" + path).statusCode());
        }
        assertEquals(405, send("POST", pods + "web-node1/log").statusCode());
    }

    @Test
    void openApiDescribesPods() throws Exception {
        String v3 = get("/openapi/v3/api/v1").body();
        assertTrue(v3.contains("\"/api/v1/namespaces/{namespace}/pods/{name}\":{\"get\""), v3);
        assertTrue(v3.contains("\"hostNetwork\":{\"description\":\"Works as"), v3);
        assertTrue(get("/openapi/v3").body().contains("/openapi/v3/api/v1"));
        assertTrue(get("/openapi/v2").body().contains("\"swagger\":\"2.0\""));
        HttpResponse<String> protobuf =
                get("/openapi/v2", "Accept", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");
        assertEquals(200, protobuf.statusCode());
        assertTrue(protobuf.body().startsWith("\n\u00032.0"), "field 1 is the version");
        assertEquals(406, get("/openapi/v2", "Accept", "text/html").statusCode());
    }

    @Test
    void usageIsThatOfTheMetricsServer() throws Exception {
        String group = "/apis/metrics.k8s.io/v1beta1/";
        String used = "\"usage\":{\"cpu\":\"2000000n\",\"memory\":\"3072Ki\"}";
        assertEquals(List.of("web-node1"), names(get(group + "pods")));
        assertEquals(List.of(), names(get(group + "namespaces/shop/pods")));
        assertEquals(List.of(), names(get(group + "pods?fieldSelector=metadata.name%3Dother")));
        String pod = get(group + "namespaces/default/pods/web-node1").body();
        assertTrue(pod.contains("\"containers\":[{\"name\":\"app\"," + used + "}]"), pod);
        String node = get(group + "nodes/node1").body();
        assertTrue(node.contains("\"cpu\":\"500000000n\",\"memory\":\"1048576Ki\""), node);
        assertEquals(List.of("node1"), names(get(group + "nodes")));
        for (String path : List.of("nodes/none", "namespaces/default/pods/none", "pods/web-node1", "services")) {
            assertEquals(404, get(group + path).statusCode(), path);
        }
        assertTrue(get("/apis").body().contains("\"preferredVersion\":{\"groupVersion\":\"metrics.k8s.io/v1beta1\""));
        assertTrue(get("/apis/metrics.k8s.io").body().contains("\"kind\":\"APIGroup\""));
        assertTrue(get("/apis/metrics.k8s.io/v1beta1").body().contains("\"kind\":\"PodMetrics\""));
    }
}
