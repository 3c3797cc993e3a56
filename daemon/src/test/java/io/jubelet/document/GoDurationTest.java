/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoDurationTest {

    @ParameterizedTest
    @CsvSource({
        "20s, 20000",
        "1m30s, 90000",
        "1.5h, 5400000",
        "100ms, 100",
        "0, 0",
        "-1s, -1000",
        "0s, 0",
        "100h, 360000000",
        "1000000m, 60000000000",
        "7ms, 7",
        "+1h2m3s4ms, 3723004"
    })
    void readsDurations(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), GoDuration.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "5", "s", "1d", "1..5s", "1s ", "99999999999999h"})
    void refusesOtherStrings(String text) {
        assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(text));
    }

    /** As Go prints them. */
    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "20s, 20s",
        "2m, 2m0s",
        "90s, 1m30s",
        "300s, 5m0s",
        "1h, 1h0m0s",
        "36h0m1.5s, 36h0m1.5s",
        "100ms, 100ms",
        "1500us, 1.5ms",
        "1.5us, 1.5\u00b5s",
        "7ns, 7ns",
        "-90s, -1m30s"
    })
    void writesDurationsAsGoDoes(String text, String written) {
        Duration duration = GoDuration.parse(text);
        assertEquals(written, GoDuration.text(duration));
        assertEquals(duration, GoDuration.parse(written));
    }
}
