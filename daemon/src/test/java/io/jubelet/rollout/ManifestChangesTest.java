/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.LocalClient;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.manifest.ObjectKey;
import io.jubelet.manifest.PodTexts;
import io.jubelet.pod.ConfigMap;
import io.jubelet.pod.Pod;
import io.jubelet.printing.Json;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManifestChangesTest {

    private static final String MAP = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: b}\n";
    private static final String SECRET = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";

    private final Map<String, String> answers = new HashMap<>();
    private final DaemonManifests daemon = new DaemonManifests(target -> {
        String answer = answers.get(target);
        if (answer == null) {
            throw LocalClient.refused(404, "{}".getBytes(StandardCharsets.UTF_8));
        }
        return Json.read(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
    });

    @BeforeEach
    void nothingIsThere() {
        answers.put("/jubelet/v1/manifests", "{\"items\": []}");
    }

    private static ManifestFile parse(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1");
    }

    private static String version(String field, String text) {
        Pod pod = parse(text).pods().getFirst();
        return "\"" + field + "\": {\"hash\": \"" + pod.hash() + "\", \"document\": " + pod.document() + "}";
    }

    private void runs(String name, String... versions) {
        answers.put("/jubelet/v1/pods/default/" + name + "/versions", "{" + String.join(", ", versions) + "}");
    }

    private ManifestChanges changes(String text) throws Exception {
        return ManifestChanges.of(parse(text), Optional.of(Path.of("/m/web.yaml")), daemon);
    }

    private static String pod(String image) {
        return PodTexts.pod("web", image);
    }

    @Test
    void aNewPodIsStarted() throws Exception {
        ManifestChanges.Change change = changes(pod("a")).changes().getFirst();
        assertEquals("the pod is started", change.effect());
        assertEquals("", change.before());
        assertTrue(change.after().contains("image: a"), change.after());
    }

    @Test
    void commentsAndTheOrderOfKeysChangeNothing() throws Exception {
        runs("web", version("desired", pod("a")));
        ManifestChanges changes = changes("# a comment\nkind: Pod\n" + pod("a").replace("kind: Pod\n", ""));
        assertFalse(changes.different());
        assertEquals("nothing changes", changes.changes().getFirst().effect());
    }

    @Test
    void anEditReplacesThePodAndIsComparedWithWhatRuns() throws Exception {
        runs("web", version("desired", pod("b")), version("running", pod("a")));
        ManifestChanges.Change change = changes(pod("c")).changes().getFirst();
        assertTrue(change.effect().startsWith("the pod is replaced"), change.effect());
        assertTrue(change.before().contains("image: a"), change.before());
        assertTrue(changes(pod("a")).changes().getFirst().effect().startsWith("the running version is kept"));
        assertFalse(changes(pod("b")).different());
    }

    @Test
    void whatTheFileHasNoMoreIsRemoved() throws Exception {
        answers.put(
                "/jubelet/v1/manifests",
                "{\"items\": [{\"path\": \"/m/web.yaml\", \"pods\": [\"default/old\"], \"configObjects\":"
                        + " [\"ConfigMap default/m\"]}]}");
        runs("old", version("desired", PodTexts.pod("old", "a")));
        List<ManifestChanges.Change> changes = changes(pod("a")).changes();
        assertEquals(
                "the pod is stopped within its grace period and removed",
                changes.get(1).effect());
        assertTrue(changes.get(1).before().contains("name: old"));
        assertEquals(new ObjectKey("ConfigMap", "default", "m"), changes.get(2).key());
        assertTrue(changes.get(2).different());
    }

    @Test
    void anObjectOfAnotherFileIsAConflict() throws Exception {
        answers.put(
                "/jubelet/v1/manifests", "{\"items\": [{\"path\": \"/m/other.yaml\", \"pods\": [\"default/web\"]}]}");
        assertEquals(
                Map.of(new ObjectKey("Pod", "default", "web"), "/m/other.yaml"),
                changes(pod("a")).conflicts());
    }

    @Test
    void configMapsAreComparedAndSecretsAreNot() throws Exception {
        runs("web", version("desired", pod("a")));
        assertEquals(
                List.of("nothing changes", "it is added", "it is added"),
                changes(pod("a") + MAP + SECRET).changes().stream()
                        .map(ManifestChanges.Change::effect)
                        .toList());
        answers.put(
                "/jubelet/v1/configmaps/default/m",
                ManifestEndpoint.text(new ConfigMap("default", "m", false, Map.of("a", "b"), Map.of())));
        answers.put(
                "/jubelet/v1/manifests",
                "{\"items\": [{\"path\": \"/m/web.yaml\", \"pods\": [\"default/web\"], \"configObjects\": [\"Secret"
                        + " default/s\"]}]}");
        ManifestChanges same = changes(pod("a") + MAP + SECRET);
        assertFalse(same.different());
        assertEquals(
                "it is not compared, because the daemon serves no Secrets",
                same.changes().getLast().effect());
        ManifestChanges other = changes(pod("a") + MAP.replace("a: b", "a: c") + SECRET);
        assertTrue(other.changes().get(1).effect().startsWith("volumes show it within two seconds"));
        assertTrue(other.different());
    }

    @Test
    void theDifferenceIsUnified() throws Exception {
        assertEquals("", UnifiedDiff.of("x", "a\n", "y", "a\n"));
        assertEquals("--- x\n+++ y\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n", UnifiedDiff.of("x", "a\nb\n", "y", "a\nc\n"));
    }
}
