/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.api.ApiError;
import io.jubelet.api.ApiRequest;
import io.jubelet.api.Client;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests selectors as Kubernetes defines them. */
class SelectorTest {

    @Test
    void malformedLabelSelectorIsABadRequest() {
        ApiRequest request = new ApiRequest(
                new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
                List.of(),
                Map.of("labelSelector", List.of("a b")),
                new Client("user root", true));
        ApiError error = assertThrows(ApiError.class, () -> Selection.of(request, Optional.empty()));
        assertEquals(400, error.code());
        assertTrue(error.getMessage().contains("\"a b\" is not a condition for a label"), error::getMessage);
    }

    @Test
    void numberOfRequirementsIsLimited() {
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
