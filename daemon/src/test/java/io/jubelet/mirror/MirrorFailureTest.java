/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MirrorFailureTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void backsOffFromOneSecondToSixty() {
        Optional<MirrorFailure> failure = Optional.empty();
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            failure = Optional.of(MirrorFailure.after(failure, "create", "r", Optional.of("m"), Duration.ZERO, NOW));
            delays.add(Duration.between(NOW, failure.get().nextTry()).toSeconds());
        }
        assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L), delays);
        MirrorFailure asked = MirrorFailure.after(failure, "other", "r", Optional.of("m"), Duration.ofSeconds(7), NOW);
        assertEquals(NOW.plusSeconds(7), asked.nextTry());
    }

    @Test
    void doesNotWaitLongForWhatWentDownWithAnApiServerThatComesAndGoes() {
        Optional<MirrorFailure> failure = Optional.empty();
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            failure = Optional.of(MirrorFailure.after(
                    failure, "create", MirrorFailure.NO_RESPONSE, Optional.of("m"), Duration.ZERO, NOW));
            delays.add(Duration.between(NOW, failure.get().nextTry()).toSeconds());
        }
        assertEquals(List.of(1L, 2L, 3L, 3L, 3L), delays);
    }
}
