/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.pod.NodeSelection.Operator;
import io.jubelet.pod.NodeSelection.Requirement;
import io.jubelet.pod.NodeSelection.Term;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Why a pod cannot run on a node, in words. */
class NodeSelectionTest {

    private static final Map<String, String> LABELS = Map.of("zone", "c", "disk", "ssd");

    private static String mismatch(Map<String, String> labels, Term... terms) {
        return new NodeSelection(labels, List.of(terms)).mismatch("node1", LABELS);
    }

    private static Term term(String key, Operator operator, String... values) {
        return new Term(List.of(new Requirement(key, operator, List.of(values))), List.of());
    }

    @Test
    void namesTheLabelsThatTheSelectorMisses() {
        assertEquals(
                "has the label disk=ssd (disk=tape), has no label rack (rack=r7)",
                mismatch(Map.of("rack", "r7", "disk", "tape", "zone", "c")));
        assertEquals("", mismatch(Map.of("zone", "c")));
    }

    @Test
    void namesTheLabelsThatTheAffinityMisses() {
        assertEquals(
                "has no label node-role.kubernetes.io/control-plane",
                mismatch(Map.of(), term("node-role.kubernetes.io/control-plane", Operator.Exists)));
        assertEquals(
                "has the label zone=c (zone In [a, b]), has no label cores (cores Gt 4)",
                mismatch(Map.of(), term("zone", Operator.In, "a", "b"), term("cores", Operator.Gt, "4")));
        assertEquals("", mismatch(Map.of(), term("zone", Operator.In, "a", "b"), term("disk", Operator.Exists)));
    }

    @Test
    void namesTheNodeWhoseNameDoesNotMatch() {
        Requirement other = new Requirement("metadata.name", Operator.In, List.of("node2"));
        assertEquals(
                "is named node1 (metadata.name In [node2])", mismatch(Map.of(), new Term(List.of(), List.of(other))));
        assertEquals("does not match a term without requirements", mismatch(Map.of(), new Term(List.of(), List.of())));
    }
}
