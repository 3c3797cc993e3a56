/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What containers and manifests contain does not act on the terminal that shows it. */
class TableTest {

    /** Escape, CSI of C1, two bidirectional overrides, the ends of lines, zero width, byte order mark. */
    private static final String HARMFUL =
            "\u0007\u001b\r\u007f\u0085\u009b\u202a\u202e\u2066\u2069\u2028\u2029\u200b\ufeff";

    @Test
    void aCellHasOneLineAndNoControlCharacter() {
        assertEquals(
                "a" + "?".repeat(HARMFUL.length()) + " b  Zürich 東京 \uD83D\uDE00",
                Table.printable("a" + HARMFUL + " b\n\tZürich 東京 \uD83D\uDE00"));
        assertEquals("?", Table.printable("\uD83D"));
    }

    @ParameterizedTest
    @EnumSource(names = {"json", "yaml"})
    void objectsHaveNoControlCharacter(OutputFormat format) throws IOException {
        for (String text : new String[] {HARMFUL, "line\n" + HARMFUL + "\n", "東京 \uD83D\uDE00"}) {
            StringBuilder json = new StringBuilder();
            for (char c : text.toCharArray()) {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
            Json object = Json.read(
                    new ByteArrayInputStream(("{\"message\":\"" + json + "\"}").getBytes(StandardCharsets.UTF_8)));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ObjectPrinter.print(object, format, new PrintStream(bytes, false, StandardCharsets.UTF_8));
            String shown = bytes.toString(StandardCharsets.UTF_8);
            assertTrue(shown.codePoints().allMatch(c -> c == '\n' || !Table.isHarmful(c)), shown);
            assertEquals(text.contains("東京"), shown.contains("東京 \uD83D\uDE00"), shown);
            if (format == OutputFormat.json) {
                Json read = Json.read(new ByteArrayInputStream(bytes.toByteArray()));
                assertEquals(text, read.at("message").text());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {' ', 'a', '~', 0xa0, 0xe9, 0x6771, 0x1f600})
    void ordinaryCharactersAreNotHarmful(int c) {
        assertFalse(Table.isHarmful(c));
    }
}
