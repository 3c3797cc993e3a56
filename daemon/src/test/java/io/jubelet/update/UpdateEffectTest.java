/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.update;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpdateEffectTest {

    /** {@code -} stands for a version that is not there. */
    @ParameterizedTest
    @CsvSource({
        "-, -, -, NONE",
        "-, -, a, STARTED",
        "-, a, a, NONE",
        "-, a, b, REPLACED",
        "-, a, -, STOPPED",
        "a, b, b, NONE",
        "a, b, a, KEPT",
        "a, b, c, REPLACED",
        "a, b, -, STOPPED",
        "a, -, -, STOPPED",
        "a, -, a, KEPT",
        "a, -, b, REPLACED"
    })
    void theEffectFollowsFromTheThreeVersions(String running, String accepted, String next, UpdateEffect effect) {
        assertEquals(effect, UpdateEffect.of(version(running), version(accepted), version(next)));
    }

    private static Optional<String> version(String text) {
        return text.equals("-") ? Optional.empty() : Optional.of(text);
    }
}
