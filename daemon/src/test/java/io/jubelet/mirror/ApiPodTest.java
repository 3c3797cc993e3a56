/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import io.jubelet.kubeapi.ApiObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiPodTest {

    private static final String UID = "0a1b2c3d-0000-4000-8000-000000000000";

    /** Reads a pod as the client does: only the wanted fields. */
    static ApiObject read(String json) {
        JsonStream stream = new JsonStream(
                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)),
                new JsonStream.Limits(1 << 20, 10_000, 1 << 18));
        try {
            return new ApiObject((Node.Mapping)
                    stream.next(ApiPod.WANTED).orElseThrow().node().orElseThrow());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<ApiPod> pod(String namespace, String name, String uid, String metadata) {
        return ApiPod.of(read("{\"metadata\":{\"namespace\":\"" + namespace + "\",\"name\":\"" + name
                + "\",\"uid\":\"" + uid + "\",\"resourceVersion\":\"7\"" + metadata
                + "},\"spec\":{\"nodeName\":\"n\"},\"status\":{\"phase\":\"Running\",\"startTime\":\"t\"}}"));
    }

    @Test
    void keepsWhatThePlannerNeeds() {
        ApiPod pod = pod("default", "web-n", UID, """
                ,"annotations":{"kubernetes.io/config.mirror":"hash","note":"x"},"labels":{"app":"web"}\
                ,"ownerReferences":[{"kind":"Node","uid":"node-uid"}],"deletionTimestamp":"t"\
                ,"managedFields":[{"manager":"jubelet","fieldsV1":{"f:metadata":{"f:annotations":{\
                "f:kubernetes.io/config.mirror":{}}}}},{"manager":"kubectl","fieldsV1":{"f:spec":{"f:x":{}}}}]""").orElseThrow();
        assertEquals(new NamespacedName("default", "web-n"), pod.name());
        assertEquals(7, pod.version());
        assertEquals(Optional.of("hash"), pod.mirrorOf());
        assertEquals(Optional.of("node-uid"), pod.owner());
        assertTrue(pod.deleting());
        assertTrue(pod.started());
        assertEquals(32, pod.status().length());
        assertEquals(Optional.of("kubectl"), pod.edits().editor());
        assertTrue(pod.edits().spec());
        assertEquals(3, pod.edits().present().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"..", "a/b", "a/../../nodes/n", "a?x", "a b", "A", "a%2fb", "a\\r\\nX: y", "", "-a", "a..b"})
    void namesThatArePathTricksAreNoPods(String name) {
        assertEquals(Optional.empty(), pod("default", name, UID, ""));
        assertEquals(Optional.empty(), pod(name, "web", UID, ""));
    }

    @Test
    void namesHaveTheLengthsOfKubernetes() {
        String label = "a".repeat(63);
        assertTrue(pod(label, label + "." + label + "." + label + "." + "a".repeat(61), UID, "")
                .isPresent());
        assertEquals(Optional.empty(), pod(label + "a", "web", UID, ""));
        assertEquals(Optional.empty(), pod("a", label + "." + label + "." + label + "." + "a".repeat(62), UID, ""));
        assertTrue(pod("a", "a".repeat(253), UID, "").isPresent());
        assertEquals(Optional.empty(), pod("a", "a".repeat(254), UID, ""));
        assertTrue(pod("a", "web", "u".repeat(128), "").isPresent());
        assertEquals(Optional.empty(), pod("a", "web", "u".repeat(129), ""));
    }

    @Test
    void textsAreCutAndWeighed() {
        String long1 = "x".repeat(100_000);
        ApiPod pod = pod(
                        "default",
                        "web",
                        UID,
                        ",\"annotations\":{\"kubernetes.io/config.mirror\":\"" + long1
                                + "\"},\"ownerReferences\":[{\"uid\":\"" + long1 + "\"}]")
                .orElseThrow();
        assertTrue(pod.weight() < 2000, () -> "its weight is " + pod.weight());
        assertEquals(256, pod.mirrorOf().orElseThrow().length());
        assertEquals(256, pod.owner().orElseThrow().length());
    }
}
