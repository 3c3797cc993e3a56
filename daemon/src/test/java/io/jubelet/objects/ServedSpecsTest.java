/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.manifest.ManifestFile;
import io.jubelet.pod.Pod;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ServedSpecsTest {

    private final ServedSpecs specs = new ServedSpecs();

    private static Pod pod(String value) {
        return ManifestFile.parse("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web}
                        spec:
                          containers:
                          - {name: app, image: busybox, env: [{name: V, value: VALUE}]}
                        """.replace("VALUE", value).getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1")
                .pods()
                .getFirst();
    }

    @Test
    void requestsShareTheTextOfALargeSpec() {
        Pod large = pod("x".repeat(ServedSpecs.LARGE));
        String spec = specs.of(large, "node1");
        assertTrue(spec.contains("\"restartPolicy\":\"Always\""), spec);
        assertSame(spec, specs.of(large, "node1"));
        assertTrue(specs.of(large, "node2").contains("\"nodeName\":\"node2\""), "the node has another name now");
    }

    @Test
    void smallSpecIsMadeForEachRequest() {
        Pod small = pod("x");
        assertEquals(specs.of(small, "node1"), specs.of(small, "node1"));
        assertNotSame(specs.of(small, "node1"), specs.of(small, "node1"));
    }
}
