/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryPatternTest {

    @ParameterizedTest
    @CsvSource({
        "example.org, example.org/app, true",
        "https://example.org/v1/, example.org/app, true",
        "http://example.org/v2/, example.org/app, true",
        "https://example.org, example.org/team/app, true",
        "example.org, example.com/app, false",
        "example.org/team, example.org/team/app, true",
        "example.org/team, example.org/teamwork/app, true",
        "example.org/team, example.org/other/app, false",
        "*.example.org, a.example.org/app, true",
        "*.example.org, example.org/app, false",
        "*.example.org, a.b.example.org/app, false",
        "*.*.example.org, a.b.example.org/app, true",
        "a*.example.org, abc.example.org/app, true",
        "a?c.example.org, abc.example.org/app, true",
        "[a-c]1.example.org, b1.example.org/app, true",
        "[^a-c]1.example.org, b1.example.org/app, false",
        "example.org:5000, example.org:5000/app, true",
        "example.org, example.org:5000/app, false",
        "example.org:5000, example.org/app, false",
        "127.0.0.1:5000, 127.0.0.1:5000/app, true",
        "*, example.org/app, false"
    })
    void isForWhatTheKubeletTakesItFor(String pattern, String image, boolean matches) {
        assertEquals(matches, RegistryPattern.parse(pattern).orElseThrow().matches(image));
    }

    @Test
    void whatIsNoHostIsForNothing() {
        assertTrue(RegistryPattern.parse("").isEmpty());
        assertTrue(RegistryPattern.parse("https:///v1/").isEmpty());
    }
}
