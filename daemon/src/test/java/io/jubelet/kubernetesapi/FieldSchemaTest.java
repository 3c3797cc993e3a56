/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldTable;
import io.jubelet.schema.PodFieldTree;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldSchemaTest {

    private static final FieldSchema POD = FieldSchema.pod();

    private static FieldSchema at(String path) {
        FieldSchema schema = POD;
        for (String name : path.split("\\.")) {
            schema = schema.properties().getOrDefault(name, FieldSchema.object("there is none"));
            if (schema.type().equals(Optional.of(FieldSchema.ARRAY))) {
                schema = schema.items().orElseThrow();
            }
        }
        return schema;
    }

    @ParameterizedTest
    @CsvSource({
        "spec.containers.image, string",
        "spec.containers.command, string",
        "spec.containers.ports.containerPort, integer",
        "spec.containers.securityContext.privileged, boolean",
        "spec.securityContext.supplementalGroups, integer",
        "spec.volumes.emptyDir, object",
        "metadata.labels, object",
    })
    void fieldsHaveTheTypesOfKubernetes(String path, String type) {
        assertEquals(Optional.of(type), at(path).type());
    }

    /** {@code port} is a number or a name. */
    @Test
    void typeThatVariesIsLeftOpen() {
        assertEquals(
                Optional.empty(),
                at("spec.containers.livenessProbe.httpGet.port").type());
    }

    @Test
    void refusedFieldSaysWhatToDo() {
        assertTrue(at("spec.volumes.nfs").description().startsWith("Refused: "));
    }

    @Test
    void everyFieldOfTheTablesIsThere() {
        Set<String> missing = new TreeSet<>();
        PodFieldTree.create().tables().forEach((path, table) -> {
            for (FieldTable.Field field : table.fields()) {
                String full = (path.isEmpty() ? "" : path.replace("[]", "") + ".") + field.name();
                if (at(full).description().equals("there is none")) {
                    missing.add(full);
                }
            }
        });
        assertEquals(Set.of(), missing);
    }
}
