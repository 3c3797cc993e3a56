/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlScalarsTest {

    @ParameterizedTest
    @CsvSource({
        "yes, BOOLEAN, true",
        "Off, BOOLEAN, false",
        "y, BOOLEAN, true",
        "N, BOOLEAN, false",
        "TRUE, BOOLEAN, true",
        "yEs, STRING, yEs",
        "~, NULL, null",
        "Null, NULL, null",
        "0, INTEGER, 0",
        "-0, INTEGER, 0",
        "12, INTEGER, 12",
        "+12, INTEGER, 12",
        "0644, INTEGER, 420",
        "0o644, INTEGER, 420",
        "0x1F, INTEGER, 31",
        "-0b11, INTEGER, -3",
        "1_000, INTEGER, 1000",
        "08, FLOAT, 8",
        "1.50, FLOAT, 1.5",
        "15e-1, FLOAT, 1.5",
        ".5, FLOAT, 0.5",
        "1., FLOAT, 1",
        "1e3, FLOAT, 1000",
        "1.2.3, STRING, 1.2.3",
        "64Mi, STRING, 64Mi",
        "250m, STRING, 250m",
        "1e, STRING, 1e",
        "-, STRING, -",
        "2026-01-02, STRING, 2026-01-02",
        "1e999, STRING, 1e999",
        ".inf, STRING, .inf",
    })
    void resolvesAsTheKubelet(String text, Node.Type type, String value) {
        Node.Scalar scalar = YamlScalars.resolve(1, 1, text);
        assertEquals(type, scalar.type());
        assertEquals(value, scalar.value());
    }
}
