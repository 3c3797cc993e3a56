/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Finding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a manifest is told about fields that belong to another place of it. */
class MisplacedFieldsTest {

    private static List<String> errors(String text) {
        return ManifestFile.parse(text.getBytes(StandardCharsets.UTF_8), "/m/web.yaml", "node1").errors().stream()
                .map(Finding::toString)
                .toList();
    }

    /** A line is put into a pod at the named place; it must be the only error. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            metadata  | restartPolicy: Never        | 4:3: metadata.restartPolicy: metadata has no field "restartPolicy"; it belongs to spec
            metadata  | component: web              | metadata has no field "component"; if it is a label, it belongs to metadata.labels
            metadata  | version: v1.2               | metadata has no field "version"; if it is a label, it belongs to metadata.labels
            metadata  | component: {a: b}           | metadata has no field "component"
            metadata  | hostNetwork: true           | it belongs to spec
            metadata  | spec: {containers: []}      | it belongs to the top level
            metadata  | serviceAccountName: x       | it belongs to spec, where it is refused because a static pod cannot use a service account: it must start without an API server. Write its token or kubeconfig to a Secret beside the manifest, such as {apiVersion: v1, kind: Secret, metadata: {name: NAME, namespace: NAMESPACE}, stringData: {token: TOKEN}}, and mount that with a secret volume
            spec      | livenessProbe: {}           | it belongs to spec.containers[]
            spec      | env: [{name: A, value: b}]  | it belongs to spec.containers[]
            spec      | image: busybox              | it belongs to spec.containers[]
            spec      | labels: {a: b}              | it belongs to metadata
            spec      | namespace: web              | it belongs to metadata
            spec      | runAsUser: 5                | it belongs to spec.securityContext
            spec      | securityContext: {allowPrivilegeEscalation: false} | it belongs to spec.containers[].securityContext
            spec      | securityContext: {capabilities: {drop: [ALL]}} | it belongs to spec.containers[].securityContext
            spec      | volumes: [{name: x, path: /x}] | it belongs to spec.volumes[0].hostPath
            spec      | volumes: [{name: x, mountPath: /x}] | it belongs to spec.containers[].volumeMounts[]
            spec      | initContainers: [{name: a, image: b, limits: {cpu: 1}}] | it belongs to spec.initContainers[0].resources
            container | hostNetwork: true           | it belongs to spec
            container | volumes: []                 | it belongs to spec
            container | restartpolicy: Never        | a container has no field "restartpolicy"; did you mean "restartPolicy"?
            container | privileged: true            | it belongs to spec.containers[0].securityContext
            container | containerPort: 80           | it belongs to spec.containers[0].ports[]
            container | initialDelaySeconds: 5      | it belongs to spec.containers[0].livenessProbe, spec.containers[0].readinessProbe or spec.containers[0].startupProbe
            container | key: x                      | a container has no field "key"
            container | securityContext: {fsGroup: 5} | it belongs to spec.securityContext
            container | resources: {cpu: 1}         | resources has no field "cpu"; it belongs to spec.containers[0].resources.limits or spec.containers[0].resources.requests
            """)
    void namesThePlace(String place, String line, String message) {
        List<String> errors = errors(PodTexts.with(place, line));
        assertEquals(1, errors.size(), errors::toString);
        String error = errors.getFirst();
        assertEquals(message, error.substring(Math.max(0, error.length() - message.length())), error);
    }

    @Test
    void fieldAtTheTopLevelBelongsBelow() {
        assertEquals(
                List.of(
                        "3:1: name: a Pod has no field \"name\"; it belongs to metadata",
                        "6:1: hostPID: a Pod has no field \"hostPID\"; it belongs to spec"),
                errors("""
                        apiVersion: v1
                        kind: Pod
                        name: web
                        metadata: {name: web}
                        spec: {containers: [{name: a, image: b}]}
                        hostPID: true
                        """));
    }

    @Test
    void fieldBesideItsEmptyParentHasToBeIndented() {
        assertEquals(
                List.of("10:5: spec.containers[0].httpGet: a container has no field \"httpGet\"; it belongs to"
                        + " spec.containers[0].readinessProbe, which is empty; indent it further"),
                errors("""
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: web
                        spec:
                          containers:
                          - name: app
                            image: busybox
                            readinessProbe:
                            httpGet: {port: 80}
                        """));
    }

    @Test
    void fieldOfOneNameAndAnotherPlaceHasBothHints() {
        assertEquals(
                List.of(
                        "6:3: spec.hostIP: spec has no field \"hostIP\"; did you mean \"hostIPC\"? If not, it belongs to"
                                + " spec.containers[].ports[]"),
                errors("""
                        apiVersion: v1
                        kind: Pod
                        metadata:
                          name: web
                        spec:
                          hostIP: 127.0.0.1
                          containers: [{name: app, image: busybox}]
                        """));
    }

    @Test
    void fieldThatHoldsAnAnchorIsToldWhereAnchorsGo() {
        List<String> errors = errors("""
                x-common: &common {image: busybox}
                apiVersion: v1
                kind: Pod
                metadata: {name: web}
                spec: {containers: [{<<: *common, name: a}]}
                """);
        assertEquals(
                List.of("1:1: x-common: a Pod has no field \"x-common\"; a field that only holds an anchor is not"
                        + " supported: set the anchor where its value is used first, such as \"env: &common\""),
                errors);
    }

    @Test
    void anchorWhereItsValueIsUsedFirstIsRead() {
        assertEquals(List.of(), errors("""
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web}
                        spec:
                          containers:
                          - &common
                            name: a
                            image: busybox
                            env: &env [{name: TZ, value: UTC}]
                          - {<<: *common, name: b}
                          - {name: c, image: busybox, env: *env}
                        """));
    }

    @Test
    void configMapIsToldToo() {
        assertEquals(
                List.of("4:1: namespace: a ConfigMap has no field \"namespace\"; it belongs to metadata"), errors("""
                        apiVersion: v1
                        kind: ConfigMap
                        metadata: {name: web}
                        namespace: prod
                        data: {a: b}
                        """));
    }
}
