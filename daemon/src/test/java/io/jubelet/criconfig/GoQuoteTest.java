/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class GoQuoteTest {

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder();
        GoQuote.append(out, text);
        return out.toString();
    }

    @Test
    void quotesAsGoDoes() {
        assertEquals("\"two words\"", quoted("two words"));
        assertEquals("\"a \\\"b\\\" \\\\ c\"", quoted("a \"b\" \\ c"));
        assertEquals("\"\\n\\t\\r\\a\\b\\f\\v\\x00\\x7f\"", quoted("\n\t\r\u0007\b\f\u000b\0\u007f"));
        assertEquals("\"grün \\u00a0\\u200b\\ufeff 😀\"", quoted("grün \u00a0\u200b\ufeff 😀"));
    }
}
