/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What users read of a finding. */
class FindingTest {

    @Test
    void quotedTextStaysOnItsLine() {
        Finding finding = Finding.of(3, 5, "metadata.labels.a\nb", "must not be \"x\n\t\u001b[2J\u202ey\"");
        assertEquals("3:5: metadata.labels.a\\nb: must not be \"x\\n\\t\\u001b[2J\\u202ey\"", finding.toString());
    }

    @Test
    void otherTextStaysAsItIs() {
        assertEquals(
                "is \"größer \uD83D\uDE00\"",
                Finding.ofFile("is \"größer \uD83D\uDE00\"").message());
    }
}
