/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RestartBackoffTest {

    @Test
    void doublesFromTenSecondsToTheMaximum() {
        RestartBackoff backoff = new RestartBackoff(Duration.ofSeconds(300));
        assertEquals(
                "0 10 20 40 80 160 300 300",
                String.join(
                        " ",
                        Stream.iterate(Duration.ZERO, backoff::following)
                                .limit(8)
                                .map(d -> String.valueOf(d.toSeconds()))
                                .toList()));
    }

    @Test
    void aMaximumBelowTenSecondsIsAlsoTheFirstDelay() {
        RestartBackoff backoff = new RestartBackoff(Duration.ofSeconds(3));
        assertEquals(Duration.ofSeconds(3), backoff.following(Duration.ZERO));
        assertEquals(Duration.ofSeconds(3), backoff.following(Duration.ofSeconds(3)));
    }

    @Test
    void aLoweredMaximumAppliesToOldInstances() {
        RestartBackoff backoff = new RestartBackoff(Duration.ofSeconds(60));
        assertEquals(Duration.ofSeconds(60), backoff.delay(Duration.ofSeconds(300), Duration.ofSeconds(1)));
    }

    @Test
    void aRunOfMoreThanTenMinutesResets() {
        RestartBackoff backoff = new RestartBackoff(Duration.ofSeconds(300));
        Duration kept = Duration.ofSeconds(300);
        assertEquals(kept, backoff.delay(kept, Duration.ofSeconds(600)));
        assertEquals(Duration.ZERO, backoff.delay(kept, Duration.ofSeconds(601)));
        assertEquals(kept, backoff.delay(kept, null));
    }

    @Test
    void rejectsAMaximumThatIsNotPositive() {
        assertThrows(IllegalArgumentException.class, () -> new RestartBackoff(Duration.ZERO));
    }
}
