/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetachKeysTest {

    /** Keys as they come in reads, which | separates; P and Q stand for Ctrl-P and Ctrl-Q. */
    @ParameterizedTest
    @CsvSource({
        "abc, abc, false",
        "aPQb, a, true",
        "a|P|Q|b, a, true",
        "PPQ, P, true",
        "P|P|x, PPx, false",
        "PxQ, PxQ, false",
        "Q, Q, false",
        "xP, xP, false",
        "P, P, false",
    })
    void endAtCtrlPFollowedByCtrlQ(String typed, String passed, boolean detached) throws IOException {
        Stream<InputStream> reads = Stream.of(typed.split("\\|"))
                .map(read -> new ByteArrayInputStream(keys(read).getBytes(StandardCharsets.UTF_8)));
        DetachKeys keys = new DetachKeys(new SequenceInputStream(Collections.enumeration(reads.toList())));
        assertEquals(keys(passed), new String(keys.readAllBytes(), StandardCharsets.UTF_8));
        assertEquals(detached, keys.typed());
    }

    private static String keys(String text) {
        return text.replace('P', '\u0010').replace('Q', '\u0011');
    }
}
