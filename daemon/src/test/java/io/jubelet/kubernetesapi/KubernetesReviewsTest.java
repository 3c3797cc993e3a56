/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what {@code kubectl auth} and k9s ask: who a client is, and what it may do. */
class KubernetesReviewsTest extends ServedKubernetesApi {

    private static final String ACCESS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private static final String RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    private static final String SELF = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

    private HttpResponse<String> create(String path, String json) throws Exception {
        return send("POST", path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
    }

    private static String of(String verb, String group, String resource, String subresource, String name) {
        return """
                {"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{"creationTimestamp":null},\
                "spec":{"resourceAttributes":{"namespace":"default","verb":"%s","group":"%s","resource":"%s","subresource":"%s",\
                "name":"%s"}},"status":{"allowed":false}}""".formatted(verb, group, resource, subresource, name);
    }

    @ParameterizedTest
    @CsvSource({
        "get, '', pods, ''",
        "list, '', configmaps, ''",
        "watch, '', nodes, ''",
        "get, '', pods, log",
        "create, '', pods, exec",
        "create, '', pods, attach",
        "get, '', pods, portforward",
        "list, metrics.k8s.io, pods, ''",
        "create, authorization.k8s.io, selfsubjectaccessreviews, ''",
        "create, authentication.k8s.io, selfsubjectreviews, ''",
    })
    void readingAndActingInPodsIsAllowed(String verb, String group, String resource, String subresource)
            throws Exception {
        HttpResponse<String> review = create(ACCESS, of(verb, group, resource, subresource, ""));
        assertEquals(201, review.statusCode(), review::body);
        assertTrue(review.body().contains("\"status\":{\"allowed\":true}}"), review::body);
        assertTrue(review.body().contains("\"namespace\":\"default\",\"verb\":\"" + verb + "\""), review::body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "delete  | ''   | pods        | ''       | web-node1 | remove it from its manifest /etc/kubernetes/manifests/web.yaml",
                "patch   | ''   | pods        | ''       | web-node1 | edit its manifest /etc/kubernetes/manifests/web.yaml",
                "update  | ''   | pods        | ''       | ''        | edit their manifests in /etc/kubernetes/manifests",
                "create  | ''   | pods        | ''       | ''        | put a manifest into /etc/kubernetes/manifests",
                "deletecollection | '' | pods | ''       | ''        | remove their manifests from /etc/kubernetes/manifests",
                "patch   | ''   | nodes       | ''       | node1     | change the configuration of jubelet on the node",
                "create  | ''   | pods        | eviction | web-node1 | decided by the manifests in /etc/kubernetes/manifests",
                "list    | ''   | secrets     | ''       | ''        | cannot list secrets through this read-only API",
                "get     | apps | pods        | ''       | ''        | cannot get pods.apps through this read-only API",
                "*       | ''   | pods        | ''       | ''        | cannot * pods through this read-only API",
                "get     | ''   | *           | ''       | ''        | decided by the manifests in /etc/kubernetes/manifests",
                "watch   | metrics.k8s.io | pods | ''    | ''        | decided by the manifests in /etc/kubernetes/manifests",
            })
    void allElseIsDeniedWithWhatToDo(
            String verb, String group, String resource, String subresource, String name, String reason)
            throws Exception {
        HttpResponse<String> review = create(ACCESS, of(verb, group, resource, subresource, name));
        assertEquals(201, review.statusCode(), review::body);
        assertTrue(review.body().contains("\"status\":{\"allowed\":false,\"reason\":\""), review::body);
        assertTrue(review.body().contains(reason), review::body);
    }

    @ParameterizedTest
    @CsvSource({"get, /version, true", "get, /apis/metrics.k8s.io, true", "get, /logs/, false", "post, /api, false"})
    void pathsAreThoseOfDiscovery(String verb, String path, boolean allowed) throws Exception {
        HttpResponse<String> review = create(ACCESS, """
                {"spec":{"nonResourceAttributes":{"path":"%s","verb":"%s"}}}""".formatted(path, verb));
        assertTrue(review.body().contains("\"status\":{\"allowed\":" + allowed), review::body);
    }

    @Test
    void protocolBufferIsReadAsWell() throws Exception {
        byte[] message = new ProtobufWriter()
                .message(1, type -> type.text(1, "authorization.k8s.io/v1").text(2, "SelfSubjectAccessReview"))
                .message(
                        2,
                        review -> review.message(1, _ -> {})
                                .message(
                                        2,
                                        spec -> spec.message(
                                                1,
                                                resource -> resource.text(1, "default")
                                                        .text(2, "delete")
                                                        .text(5, "pods")
                                                        .text(7, "web-node1"))))
                .toByteArray();
        HttpResponse<String> review =
                send("POST", ACCESS, protobuf(message), "Content-Type", "application/vnd.kubernetes.protobuf");
        assertEquals(201, review.statusCode(), review::body);
        assertTrue(review.body().contains("/etc/kubernetes/manifests/web.yaml"), review::body);
        byte[] broken = protobuf(new byte[] {0x12, 0x7f, 0x01});
        assertEquals(400, send("POST", ACCESS, broken).statusCode());
    }

    private static byte[] protobuf(byte[] message) {
        byte[] whole = new byte[4 + message.length];
        System.arraycopy("k8s\0".getBytes(StandardCharsets.US_ASCII), 0, whole, 0, 4);
        System.arraycopy(message, 0, whole, 4, message.length);
        return whole;
    }

    /** Every rule that is listed is allowed when it is asked for. */
    @Test
    void rulesAreThoseOfTheReviews() throws Exception {
        HttpResponse<String> rules = create(RULES, "{\"spec\":{\"namespace\":\"shop\"}}");
        assertEquals(201, rules.statusCode(), rules::body);
        assertTrue(rules.body().contains("\"spec\":{\"namespace\":\"shop\"}"), rules::body);
        assertTrue(rules.body().contains("\"incomplete\":false"), rules::body);
        assertFalse(rules.body().contains("\"*\""), rules::body);
        List<String> asked = new ArrayList<>();
        for (String rule : all(Pattern.compile("(\\{\"verbs\":\\[[^\\]]*\\],\"apiGroups\":[^}]*)\\}"), rules.body())) {
            List<List<String>> lists = all(Pattern.compile("\\[([^\\]]*)\\]"), rule).stream()
                    .map(list -> List.of(list.replace("\"", "").split(",", -1)))
                    .toList();
            for (String verb : lists.get(0)) {
                for (String resource : lists.get(2)) {
                    String[] parts = (resource + "/").split("/", -1);
                    String review = create(ACCESS, of(verb, lists.get(1).getFirst(), parts[0], parts[1], ""))
                            .body();
                    assertTrue(review.contains("\"allowed\":true"), review);
                    asked.add(verb + " " + resource);
                }
            }
        }
        assertTrue(asked.containsAll(List.of("watch pods", "create pods/exec", "get pods/log")), asked::toString);
    }

    @Test
    void clientLearnsWhoItIs() throws Exception {
        HttpResponse<String> self = create(SELF, "{}");
        assertEquals(201, self.statusCode(), self::body);
        assertTrue(
                self.body()
                        .contains("\"username\":\"jubelet-admin\",\"uid\":\"\","
                                + "\"groups\":[\"system:masters\",\"system:authenticated\"]"),
                self::body);
        assertEquals(403, get("/api/v1/pods", "Impersonate-User", "somebody").statusCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{}", "{\"spec\":[]}", "{\"spec\":{\"resourceAttributes\":{}}}", "k8s"})
    void whatIsNoReviewIsABadRequest(String body) throws Exception {
        assertEquals(400, create(ACCESS, body).statusCode());
    }

    @Test
    void sizeOfAReviewIsLimited() throws Exception {
        String review = of("get", "", "pods", "", "");
        String longest = review + " ".repeat(AccessAttributes.MAX_BYTES - review.length());
        assertEquals(201, create(ACCESS, longest).statusCode());
        HttpResponse<String> longer = create(ACCESS, longest + " ");
        assertEquals(413, longer.statusCode());
        assertTrue(longer.body().contains("longer than 8192 bytes"), longer::body);
    }

    @Test
    void reviewsOfOthersAndReadingOfReviewsAreRefused() throws Exception {
        assertEquals(405, get(ACCESS).statusCode());
        assertEquals(
                405,
                create("/apis/authorization.k8s.io/v1/subjectaccessreviews", "{}")
                        .statusCode());
        assertEquals(
                405,
                create("/apis/authorization.k8s.io/v1beta1/selfsubjectaccessreviews", "{}")
                        .statusCode());
    }
}
