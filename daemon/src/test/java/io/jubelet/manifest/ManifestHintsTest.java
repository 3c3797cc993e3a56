/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Finding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hints for manifests that other tools wrote, or that were written for another version. */
class ManifestHintsTest {

    private static ManifestFile parse(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1");
    }

    private static List<String> errors(String text) {
        return parse(text).errors().stream().map(Finding::toString).toList();
    }

    private static List<String> warnings(String text) {
        assertEquals(List.of(), parse(text).errors());
        return parse(text).warnings().stream().map(Finding::toString).toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            limits: {memory: 128m}               | 8:34: spec.containers[0].resources.limits.memory: is 0.128 byte; did you mean "128Mi"?
            requests: {memory: 64m}              | is 0.064 byte; did you mean "64Mi"?
            limits: {memory: 512}                | is 512 bytes; did you mean "512Mi"?
            limits: {memory: 0.5}                | is 0.5 byte; did you mean "0.5Mi"?
            limits: {cpu: 100M}                  | spec.containers[0].resources.limits.cpu: is 100000000 cores; did you mean "100m"?
            requests: {cpu: 250Mi}               | is 262144000 cores; did you mean "250m"?
            limits: {cpu: 1500}                  | is 1500 cores; did you mean "1500m"?
            """)
    void quantityInTheWrongUnitIsWarnedAbout(String resources, String message) {
        List<String> warnings = warnings(PodTexts.with("container", "resources: {" + resources + "}"));
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().endsWith(message), warnings::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {limits: {memory: 128Mi, cpu: 200m}}
            {limits: {memory: 4096, cpu: 96}}
            {limits: {memory: 0, cpu: 0}}
            {requests: {memory: 1e9, cpu: "1e3"}}
            """)
    void usualQuantityIsNotWarnedAbout(String resources) {
        assertEquals(List.of(), warnings(PodTexts.with("container", "resources: " + resources)));
    }

    @Test
    void sizeLimitInTheWrongUnitIsWarnedAbout() {
        assertEquals(
                List.of("5:47: spec.volumes[0].emptyDir.sizeLimit: is 0.5 byte; did you mean \"500Mi\"?"),
                warnings(PodTexts.with("spec", "volumes: [{name: tmp, emptyDir: {sizeLimit: 500m}}]")));
    }

    @Test
    void keysOfPodmanCanGo() {
        List<String> errors = errors("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  annotations:
                    "bind-mount-options:/srv/web": Z
                    run.oci.keep_original_groups/web: "1"
                    io.podman.annotations.infra.name: web-infra
                    "my:key": x
                spec: {containers: [{name: app, image: busybox}]}
                """);
        assertEquals(3, errors.size(), errors::toString);
        for (String error : errors.subList(0, 2)) {
            assertTrue(
                    error.endsWith("Podman wrote this annotation for itself; leave it out, it has no effect here"),
                    error);
        }
        assertTrue(
                errors.getFirst().startsWith("6:5: metadata.annotations.bind-mount-options:/srv/web: "),
                errors::toString);
        assertTrue(!errors.getLast().contains("Podman"), errors::toString);
    }

    @Test
    void misspeltVolumeSourceHasOneMessage() {
        assertEquals(
                List.of("5:25: spec.volumes[0].empty-dir: a volume has no field \"empty-dir\"; did you mean"
                        + " \"emptyDir\"?"),
                errors(PodTexts.with("spec", "volumes: [{name: tmp, empty-dir: {}}]")));
    }

    @ParameterizedTest
    @CsvSource({"memory, Memory", "Hugepages, HugePages"})
    void mediumIsSpelt(String wrong, String right) {
        List<String> errors =
                errors(PodTexts.with("spec", "volumes: [{name: tmp, emptyDir: {medium: " + wrong + "}}]"));
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().endsWith("; did you mean \"" + right + "\"?"), errors::toString);
    }

    @Test
    void generateNameBesideNameIsIgnored() {
        assertEquals(
                List.of(
                        "4:3: metadata.generateName: is ignored; no API server makes a name from it, and metadata.name is"
                                + " the name"),
                warnings(PodTexts.with("metadata", "generateName: web-")));
    }

    @Test
    void generateNameAloneIsNoName() {
        List<String> errors =
                errors(PodTexts.with("metadata", "generateName: web-").replace("  name: web\n", ""));
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().contains("metadata.name: is required"), errors::toString);
    }

    @Test
    void exportedMirrorIsToldTheNameInTheFile() {
        List<String> errors = errors("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: web-node1
                  annotations: {kubernetes.io/config.mirror: 0c1e}
                spec: {containers: [{name: app, image: busybox}]}
                """);
        assertEquals(
                List.of(
                        "4:9: metadata.name: ends with the name of this node, as the names of mirror pods do; write"
                                + " \"name: web\"",
                        "5:17: metadata.annotations.kubernetes.io/config.mirror: marks the mirror pod of a static pod;"
                                + " leave it out"),
                errors);
    }

    @Test
    void containerManifestOfOldIsNamed() {
        List<String> errors = errors("""
                version: v1beta2
                id: agent
                containers: [{name: agent, image: busybox}]
                """);
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(
                errors.getFirst().startsWith("1:1: is a container manifest of before Kubernetes 1.0"),
                errors::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"kind": "Pod",~"spec": {"n":~  {{ count }}}}     | 3:3
            kind: Pod~metadata:~  name: {{ name }}            | 3:9
            kind: Pod~{{- if .Values.web }}~metadata: {}      | 2:1
            kind: Pod~{% if web %}~metadata: {}~{% endif %}   | 2:1
            kind: Pod~metadata: {name: {{ .Name }}-web}       | 2:18
            """)
    void templateIsNamedWithItsFirstExpression(String lines, String place) {
        List<String> errors = errors(lines.replace('~', '\n'));
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().startsWith(place + ": is a template that was not rendered: "), errors::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            args: ["-f", "{{.Id}}"]
            args: ["-f", '{{ .Id }} {% x %}']
            command: [x] # {{ no template }}
            """)
    void quotedExpressionIsNoTemplate(String line) {
        assertEquals(List.of(), warnings(PodTexts.with("container", line)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            metadata  | namespace: "{{ ns }}"             | 4:14: metadata.namespace: "{{ ns }}" is not a DNS label
            container | workingDir: /x%~    imagePullPolicy: '{{policy}}' | 9:22: spec.containers[0].imagePullPolicy: must be one of
            """)
    void valueThatIsRefusedIsNamedAsATemplate(String place, String line, String message) {
        List<String> errors = errors(PodTexts.with(place, line.replace('~', '\n')));
        assertEquals(1, errors.size(), errors::toString);
        assertTrue(errors.getFirst().startsWith(message), errors::toString);
        assertTrue(errors.getFirst().endsWith("; this seems to be a template that was not rendered"), errors::toString);
    }

    @Test
    void otherMistakeBesideQuotedExpressionIsNoTemplate() {
        List<String> errors = errors(PodTexts.with("container", "args: [\"{{.Id}}\"] ]"));
        assertTrue(errors.getFirst().contains("is not YAML"), errors::toString);
    }
}
