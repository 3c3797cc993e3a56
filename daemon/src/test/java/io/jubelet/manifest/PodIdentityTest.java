/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.jubelet.document.FieldTable;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.schema.PodFields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodIdentityTest {

    private static final String TEXT = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: web
              labels: {b: "2", a: "1"}
            spec:
              containers:
              - name: app
                image: busybox:1.36
                args: ["\\u00e9", "tab\\t", "0644"]
                resources: {limits: {cpu: 0.50, memory: 64Mi}}
              terminationGracePeriodSeconds: 0x10
            """;

    private static Pod pod(String text) {
        ManifestFile file = ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/x.yaml", "node1");
        assertEquals(List.of(), file.errors());
        return file.pods().getFirst();
    }

    /** These values must never change: an upgrade restarts nothing. */
    @Test
    void hashesNeverChange() {
        assertEquals(
                "v1:4d95f62ac07d323be15ea00fc95b0644f06c151cc13319d16a988e795d615c60",
                pod(TEXT).hash());
        assertEquals("53c46b82891139c3817abdc7e853f55c", pod(TEXT).uid());
        assertEquals(
                "v1:954f8dd4c7d99962f7650e3016c824cf65435482bc4514585f2d8ccfb0782032",
                pod(PodTexts.pod("web", "busybox")).hash());
        assertEquals(
                "026b08f1ced1429688d61b84b6266221",
                pod(PodTexts.pod("web", "busybox")).uid());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "apiVersion: v1\n~# a comment\napiVersion: v1\n",
                "labels: {b: \"2\", a: \"1\"}~labels: {a: '1', b: '2'}",
                "cpu: 0.50~cpu: 0.5",
                "  name: web\n~  name: web\n  namespace: default\n",
                "  name: web\n~  name: web\n  uid: some\n  creationTimestamp: now\n  resourceVersion: '1'\n",
                "Seconds: 0x10~Seconds: 16",
                "spec:\n~spec:\n  nodeName: ~\n",
                "apiVersion: v1\n~status: {phase: Running}\napiVersion: v1\n"
            })
    void hashIgnoresNotation(String change) {
        String[] sides = change.split("~", 2);
        Pod changed = pod(TEXT.replace(sides[0], sides[1]));
        assertEquals(pod(TEXT).hash(), changed.hash());
        assertEquals(pod(TEXT).uid(), changed.uid());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "image: busybox:1.36~image: busybox:1.37",
                "a: \"1\"~a: \"3\"",
                "  name: web\n~  name: web2\n",
                "  name: web\n~  name: web\n  namespace: other\n",
                "spec:\n~spec:\n  restartPolicy: Always\n",
                "\"0644\"~\"420\""
            })
    void hashDependsOnContent(String change) {
        String[] sides = change.split("~", 2);
        Pod changed = pod(TEXT.replace(sides[0], sides[1]));
        assertNotEquals(pod(TEXT).hash(), changed.hash());
        assertNotEquals(pod(TEXT).uid(), changed.uid());
    }

    @Test
    void uidDependsOnNodeNotOnPath() {
        byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
        Pod here = ManifestFile.parse(text, "/m/x.yaml", "node1").pods().getFirst();
        Pod moved = ManifestFile.parse(text, "/m/y.yaml", "node1").pods().getFirst();
        Pod elsewhere = ManifestFile.parse(text, "/m/x.yaml", "node2").pods().getFirst();
        assertEquals(here.uid(), moved.uid());
        assertEquals(here.hash(), elsewhere.hash());
        assertNotEquals(here.uid(), elsewhere.uid());
    }

    @Test
    void restoresPodFromItsDocument() {
        Pod pod = pod(TEXT);
        assertEquals(
                pod,
                ManifestFile.restore(pod.document(), pod.source(), NodeNames.of(pod.node()), true)
                        .orElseThrow());
        assertEquals(
                true,
                ManifestFile.restore("{\"kind\":", "x", NodeNames.of("n"), true).isEmpty());
    }

    @Test
    void documentIsAsWritten() {
        assertEquals(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\"},"
                        + "\"spec\":{\"containers\":[{\"name\":\"app\",\"image\":\"busybox\"}]}}",
                pod(PodTexts.pod("web", "busybox")).document());
    }

    @Test
    void everyUnsupportedFieldHasNote() {
        for (FieldTable table : PodFields.all()) {
            for (FieldTable.Field field : table.fields()) {
                boolean explained = switch (field.use()) {
                    case HONOURED -> true;
                    case NO_EFFECT, IGNORED, REFUSED ->
                        field.note().filter(note -> !note.isBlank()).isPresent();
                    case DEFAULT_ONLY -> !field.values().isEmpty();
                };
                assertEquals(true, explained, table.what() + " " + field.name());
            }
        }
    }

    @Test
    void versionMadeUnderFormerNameOfNodeKeepsItsUid() {
        byte[] text = TEXT.getBytes(StandardCharsets.UTF_8);
        Pod before = ManifestFile.parse(text, "/m/x.yaml", "node1").pods().getFirst();
        NodeNames renamed = new NodeNames("node2", List.of("node1"), before.uid()::equals, _ -> false);
        Pod now = ManifestFile.parse(text, new ManifestFile.Source("/m/x.yaml", renamed, true, Optional.empty()))
                .pods()
                .getFirst();
        assertEquals(before.uid(), now.uid());
        assertEquals("web-node1", now.runtimeName());
        assertEquals("web-node2", now.fullName());
        Pod edited = ManifestFile.parse(
                        TEXT.replace("name: web", "name: other").getBytes(StandardCharsets.UTF_8),
                        new ManifestFile.Source("/m/x.yaml", renamed, true, Optional.empty()))
                .pods()
                .getFirst();
        assertEquals("other-node2", edited.runtimeName());
    }
}
