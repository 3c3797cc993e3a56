/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.plan.TestPods;
import org.junit.jupiter.api.Test;

/** What a user reads about an object that a pod refers to and that does not exist. */
class ConfigRefTest {

    private static Pod pod(String source) {
        Pod pod = TestPods.pod("web", RestartPolicy.Always, "app");
        return new Pod(
                pod.name(),
                pod.node(),
                pod.uid(),
                pod.hash(),
                pod.labels(),
                pod.annotations(),
                pod.spec(),
                new Pod.Manifest("{}", source));
    }

    @Test
    void itSaysWhereAMissingObjectBelongsAndWhatItLooksLike() {
        assertEquals(
                "configmap \"settings\" not found: write it to a file in /etc/manifests, such as {apiVersion: v1, kind:"
                        + " ConfigMap, metadata: {name: settings, namespace: default}, data: {level: value}}",
                new ConfigRef(ConfigRef.Kind.ConfigMap, "settings", false)
                        .notFound(pod("/etc/manifests/web.yaml"), "level"));
        assertEquals(
                "secret \"token\" not found: write it to a file in the manifest directory with mode 0600, such as"
                        + " {apiVersion: v1, kind: Secret, metadata: {name: token, namespace: default}, stringData:"
                        + " {KEY: value}}",
                new ConfigRef(ConfigRef.Kind.Secret, "token", false).notFound(pod(""), ""));
    }
}
