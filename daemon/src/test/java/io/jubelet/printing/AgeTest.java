/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgeTest {

    @ParameterizedTest
    @CsvSource({
        "PT-5S, <invalid>",
        "PT0S, 0s",
        "PT119S, 119s",
        "PT2M, 2m",
        "PT9M59S, 9m59s",
        "PT10M30S, 10m",
        "PT179M, 179m",
        "PT3H, 3h",
        "PT7H59M, 7h59m",
        "PT8H30M, 8h",
        "PT47H, 47h",
        "PT48H, 2d",
        "PT53H, 2d5h",
        "P8D, 8d",
        "P729D, 729d",
        "P730D, 2y",
        "P800D, 2y70d",
        "P2920D, 8y"
    })
    void isWrittenAsKubectlDoes(Duration span, String text) {
        assertEquals(text, Age.of(span));
    }
}
