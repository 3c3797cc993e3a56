/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.ApiError;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests selectors as Kubernetes defines them. */
class SelectorTest {

    private static final Map<String, String> LABELS = Map.of("app", "web", "tier", "a", "n", "5", "example.org/x", "");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                       | true",
                "app=web                  | true",
                "app==web                 | true",
                "app=db                   | false",
                "app!=db                  | true",
                "app!=web                 | false",
                "none!=web                | true",
                "none=                    | false",
                "example.org/x=           | true",
                "app                      | true",
                "none                     | false",
                "!none                    | true",
                "!app                     | false",
                "app in (db, web)         | true",
                "app in (db)              | false",
                "app notin (db)           | true",
                "none notin (db)          | true",
                "none in (db)             | false",
                "n > 4                    | true",
                "n>5                      | false",
                "n<6                      | true",
                "app>1                    | false",
                "app=web,tier in (a,b),!x | true",
                "app=web , tier=b         | false",
            })
    void labelsAreChosen(String selector, boolean matches) {
        assertEquals(matches, LabelSelector.parse(selector).matches(LABELS));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=a", "a=b=c", "a in b", "a in (b", "a,,b", "a)", "a=b,", "a b", "a>x", "a='b'"})
    void malformedLabelSelectorIsABadRequest(String selector) {
        ApiError error = assertThrows(ApiError.class, () -> LabelSelector.parse(selector));
        assertEquals(400, error.code());
        assertTrue(error.getMessage().contains(selector), error::getMessage);
    }

    @Test
    void numberOfRequirementsIsLimited() {
        String labels = "a,".repeat(LabelSelector.MAX_REQUIREMENTS - 1) + "a";
        assertTrue(LabelSelector.parse(labels).matches(Map.of("a", "")));
        assertThrows(ApiError.class, () -> LabelSelector.parse(labels + ",a"));
        String fields = "a=b,".repeat(FieldSelector.MAX_REQUIREMENTS - 1) + "a=b";
        assertTrue(FieldSelector.parse(fields).matches(Map.of("a", "b")));
        assertThrows(ApiError.class, () -> FieldSelector.parse(fields + ",a=b"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                      | true",
                "status.phase=Running                    | true",
                "status.phase==Running                   | true",
                "status.phase!=Running                   | false",
                "status.phase!=Failed,metadata.name=a    | true",
                "status.phase=Running,metadata.name=b    | false",
                "odd=a\\,b\\=c                           | true",
                "empty=                                  | true",
            })
    void fieldsAreChosen(String selector, boolean matches) {
        assertEquals(
                matches,
                FieldSelector.parse(selector)
                        .matches(Map.of("status.phase", "Running", "metadata.name", "a", "odd", "a,b=c", "empty", "")));
    }

    @Test
    void fieldWithoutASelectorIsABadRequest() {
        ApiError unknown = assertThrows(
                ApiError.class, () -> FieldSelector.parse("spec.color=red").matches(Map.of("metadata.name", "a")));
        assertEquals("field label not supported: spec.color", unknown.getMessage());
        assertEquals(
                400,
                assertThrows(ApiError.class, () -> FieldSelector.parse("red")).code());
    }
}
