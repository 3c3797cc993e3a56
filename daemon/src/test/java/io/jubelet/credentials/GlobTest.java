/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "*,abc,true",
        "*,'',true",
        "'','',true",
        "'',a,false",
        "a*c,abc,true",
        "a*c,ac,true",
        "a*c,abcd,false",
        "*b*,abc,true",
        "*b*,acd,false",
        "**,x,true",
        "a?c,abc,true",
        "a?c,ac,false",
        "[a-c]x,bx,true",
        "[^a-c]x,bx,false",
        "a*b*c,aXbXbc,true",
        "*ab,aab,true",
        "a\\*c,a*c,true",
        "a\\*c,abc,false",
        "[a,a,false"
    })
    void matchesAsGoDoes(String pattern, String text, boolean expected) {
        assertEquals(expected, Glob.matches(pattern, text));
    }

    @Test
    void manyStarsCostLittle() {
        String pattern = "*a".repeat(60) + "*b";
        String text = "a".repeat(250);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertFalse(Glob.matches(pattern, text)));
    }
}
