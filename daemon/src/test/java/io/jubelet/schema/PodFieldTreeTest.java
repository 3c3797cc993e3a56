/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PodFieldTreeTest {

    private static final Map<String, FieldTable> TABLES = PodFieldTree.create().tables();

    @Test
    void hasEveryTable() {
        Set<FieldTable> placed = new HashSet<>(TABLES.values());
        assertEquals(
                List.of(),
                PodFields.all().stream()
                        .filter(table -> !placed.contains(table))
                        .map(FieldTable::what)
                        .toList());
    }

    @Test
    void everyPathLeadsThroughFieldsOfItsTables() {
        List<String> wrong = new ArrayList<>();
        for (String path : TABLES.keySet()) {
            if (!path.isEmpty()) {
                int dot = path.lastIndexOf('.');
                FieldTable above = TABLES.get(dot < 0 ? "" : path.substring(0, dot));
                String name = path.substring(dot + 1).replace("[]", "");
                if (above == null || !names(above).contains(name)) {
                    wrong.add(path);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** Puts each field of each level at each other level, where it is unknown. */
    @Test
    void namesPlacesThatHaveTheFieldFromEveryLevel() {
        Set<String> names = new HashSet<>();
        TABLES.values().forEach(table -> names.addAll(names(table)));
        int hints = 0;
        for (Map.Entry<String, FieldTable> level : TABLES.entrySet()) {
            for (String name : names) {
                if (!names(level.getValue()).contains(name)) {
                    hints += hint(level.getKey(), name) ? 1 : 0;
                }
            }
        }
        int questions = TABLES.size() * names.size();
        assertTrue(hints > questions / 2, () -> "too few of " + questions + " have a hint");
    }

    private static boolean hint(String path, String name) {
        String message = message(path, name);
        int start = message.indexOf("it belongs to ");
        if (start < 0) {
            return false;
        }
        String places = message.substring(start + "it belongs to ".length());
        places = places.replaceFirst(", where it is refused because .*", "").replace("[0]", "[]");
        for (String place : places.split(", | or ")) {
            FieldTable table = TABLES.get(place.equals("the top level") ? "" : place);
            assertTrue(table != null && names(table).contains(name), () -> path + ": " + message);
        }
        return true;
    }

    /** The finding about an unknown field without a value at a path. */
    private static String message(String path, String name) {
        Node node = mapping(new Node.Entry(1, 1, name, new Node.Scalar(1, 1, Node.Type.NULL, "", "null")));
        List<String> steps = path.isEmpty() ? List.of() : List.of(path.split("\\."));
        for (String step : steps.reversed()) {
            boolean list = step.endsWith("[]");
            Node value = list ? new Node.Sequence(1, 1, List.of(node)) : node;
            node = mapping(new Node.Entry(1, 1, step.replace("[]", ""), value));
        }
        Findings findings = new Findings();
        FieldReader reader =
                FieldReader.open((Node.Mapping) node, PodFields.POD, () -> PodFieldTree.create(), findings);
        String at = "";
        for (String step : steps) {
            at = at.isEmpty() ? step : at + "." + step;
            FieldTable table = TABLES.get(at);
            reader = step.endsWith("[]")
                    ? reader.mappings(step.replace("[]", ""), table).getFirst()
                    : reader.mapping(step, table);
        }
        return findings.errors().stream()
                .map(Finding::message)
                .filter(message -> message.contains("has no field \"" + name + "\""))
                .findFirst()
                .orElseThrow();
    }

    private static Node.Mapping mapping(Node.Entry entry) {
        return new Node.Mapping(1, 1, List.of(entry));
    }

    private static List<String> names(FieldTable table) {
        return table.fields().stream().map(FieldTable.Field::name).toList();
    }
}
