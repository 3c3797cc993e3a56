/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldTable;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldExplanationTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pod.spec.containers.livenessProbe",
                "pods.spec.containers.livenessProbe",
                "Pod.spec.containers[].livenessProbe",
                "spec.containers[0].livenessProbe"
            })
    void aPathCanBeWrittenInSeveralWays(String path) throws FieldExplanation.UnknownFieldException {
        String text = FieldExplanation.of(path, false);
        assertTrue(text.startsWith("""
                KIND:     Pod
                VERSION:  v1
                FIELD:    spec.containers[].livenessProbe <Probe>
                SUPPORT:  honoured: it works as the Kubernetes API reference says

                FIELDS:
                """), text);
        assertTrue(text.contains("  periodSeconds                  <integer>          honoured\n"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            metadata.uid               | <string>   | ignored with a warning: is ignored; Jubelet derives the uid
            spec.serviceAccountName    | <string>   | refused unless it is empty: a static pod cannot use a service account
            spec.tolerations           | <[]Toleration> | no effect, and no warning: a static pod is not scheduled
            spec.containers.resources.limits | <map[string]Quantity> | honoured
            spec.containers.livenessProbe.httpGet.port | <IntOrString> | honoured
            secret.data                | <map[string]base64> | honoured
            configmap.immutable        | <boolean>  | honoured
            """)
    void typeAndSupportAreTold(String path, String type, String support) throws FieldExplanation.UnknownFieldException {
        String text = FieldExplanation.of(path, false);
        assertTrue(text.contains(type + "\nSUPPORT:  " + support), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pod.spec.containers.livenesProbe | a container has no field "livenesProbe"; did you mean "livenessProbe"?
            spec.livenessProbe | spec has no field "livenessProbe"; there is spec.containers[].livenessProbe, spec.initContainers[].livenessProbe
            pdo.spec           | a Pod has no field "pdo"
            spec.hostNetwork.x | spec.hostNetwork is of type boolean and has no field "x"
            spec..containers   | spec has no field ""
            """)
    void theNearestFieldIsNamed(String path, String message) {
        Exception unknown =
                assertThrows(FieldExplanation.UnknownFieldException.class, () -> FieldExplanation.of(path, false));
        assertEquals(message, unknown.getMessage());
    }

    @Test
    void everyFieldOfAPodCanBeExplained() throws FieldExplanation.UnknownFieldException {
        for (Map.Entry<String, FieldTable> entry :
                PodFieldTree.create().tables().entrySet()) {
            for (FieldTable.Field field : entry.getValue().fields()) {
                String path = entry.getKey().isEmpty() ? field.name() : entry.getKey() + "." + field.name();
                assertTrue(FieldExplanation.of(path, false).contains("FIELD:    " + path + " <"), path);
            }
        }
    }

    @Test
    void recursiveListsAllLevels() throws FieldExplanation.UnknownFieldException {
        String text = FieldExplanation.of("pod", true);
        assertTrue(text.contains("\n        httpGet"), text);
        assertTrue(text.contains("httpHeaders"), text);
    }
}
