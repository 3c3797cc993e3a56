/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which changes of a mirror pod by clients of the API server are noticed. */
class MirrorEditsTest {

    private static final String CREATED = "{'manager':'jubelet','operation':'Update','fieldsV1':{'f:metadata':{"
            + "'f:annotations':{'.':{},'f:kubernetes.io/config.mirror':{},'f:note':{}},"
            + "'f:labels':{'.':{},'f:app':{}}},'f:spec':{'f:containers':{}}}},"
            + "{'manager':'jubelet','operation':'Update','subresource':'status','fieldsV1':{'f:status':{}}}";
    private static final String LABELS = "'app':'web'";
    private static final String ANNOTATIONS = "'kubernetes.io/config.mirror':'abc','note':'mine'";

    private static String difference(String generation, String labels, String annotations, String managed) {
        String pod = "{'metadata':{" + generation + "'labels':{" + labels + "},'annotations':{" + annotations
                + "},'managedFields':[" + managed + "]}}";
        return MirrorEdits.of(ApiPodTest.read(pod.replace('\'', '"')))
                .difference(Map.of("app", "web"), Map.of("note", "mine"))
                .orElse("");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "none",
            value = {
                "'generation':1,||",
                "'generation':2,|{'manager':'kubectl-set','fieldsV1':{'f:spec':{}}}|its spec was edited by kubectl-set",
                "'generation':2,||its spec was edited",
                "~~|{'manager':'kubectl-edit','fieldsV1':{'f:spec':{}}}|its spec was edited by kubectl-edit",
                "~~|{'manager':'kubectl-label','fieldsV1':{'f:metadata':{'f:labels':{'f:more':{}}}}}"
                        + "|its labels were edited by kubectl-label",
                "~~|{'manager':'kubectl-annotate','fieldsV1':{'f:metadata':{'f:annotations':{'f:note':{}}}}}"
                        + "|its annotations were edited by kubectl-annotate",
                "~~|{'manager':'network','fieldsV1':{'f:metadata':{'f:annotations':{'f:address':{}}}}}|",
                "~~|{'manager':'network','subresource':'status','fieldsV1':{'f:metadata':{'f:labels':{'f:app':{}}}}}|",
            })
    void aChangeByAnotherClientIsAnEdit(String generation, String managed, String expected) {
        String all = CREATED + (managed == null ? "" : "," + managed);
        assertEquals(
                expected == null ? "" : expected,
                difference(generation == null ? "" : generation, LABELS, ANNOTATIONS, all));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~|'kubernetes.io/config.mirror':'abc','note':'mine'|its labels were edited",
                "'app':'web'|'kubernetes.io/config.mirror':'abc'|its annotations were edited",
                "'app':'web','topology.kubernetes.io/zone':'a'|'kubernetes.io/config.mirror':'abc','note':'mine'|",
            })
    void whatIsMissingWasRemovedAndWhatAdmissionAddedIsNoEdit(String labels, String annotations, String expected) {
        assertEquals(expected == null ? "" : expected, difference("", labels, annotations, CREATED));
    }

    @Test
    void ofVeryManyNamesSomeAreKept() {
        StringBuilder names = new StringBuilder("'app':'web'");
        for (int i = 1; i < MirrorEdits.MAX_NAMES - 2; i++) {
            names.append(",'n").append(i).append("':''");
        }
        // One more name makes it impossible to tell whether the annotation is missing.
        assertEquals("its annotations were edited", difference("", names.toString(), "'x':''", CREATED));
        assertEquals("", difference("", names + ",'more':''", "'x':''", CREATED));
    }
}
