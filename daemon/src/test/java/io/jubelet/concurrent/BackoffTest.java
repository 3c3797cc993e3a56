/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private static Backoff seconds(long first, long max) {
        return new Backoff(Duration.ofSeconds(first), Duration.ofSeconds(max));
    }

    private static List<Long> delays(Backoff backoff, int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(backoff::delay)
                .map(Duration::toSeconds)
                .toList();
    }

    @Test
    void doublesUpToTheMaximum() {
        assertEquals(List.of(10L, 20L, 40L, 80L, 160L, 300L, 300L), delays(seconds(10, 300), 7));
    }

    @Test
    void reachesAMaximumThatIsAPowerOfTheFirstDelay() {
        assertEquals(List.of(2L, 4L, 8L, 8L), delays(seconds(2, 8), 4));
    }

    @Test
    void theMaximumBoundsTheFirstDelay() {
        assertEquals(List.of(3L, 3L), delays(seconds(10, 3), 2));
    }

    @Test
    void afterYieldsTheSameDelays() {
        Backoff backoff = seconds(10, 300);
        assertEquals(
                delays(backoff, 8),
                Stream.iterate(backoff.after(Duration.ZERO), backoff::after)
                        .limit(8)
                        .map(Duration::toSeconds)
                        .toList());
    }

    @Test
    void aPreviousDelayAboveTheMaximumIsFollowedByTheMaximum() {
        assertEquals(Duration.ofSeconds(60), seconds(10, 60).after(Duration.ofSeconds(300)));
    }

    @Test
    void doesNotOverflow() {
        assertEquals(LONGEST, new Backoff(Duration.ofNanos(1), LONGEST).delay(Integer.MAX_VALUE));
        assertEquals(LONGEST, new Backoff(LONGEST, LONGEST).after(LONGEST.minusNanos(1)));
        assertEquals(Duration.ofSeconds(5), seconds(1, 5).after(LONGEST));
        assertEquals(Duration.ofSeconds(5), seconds(1, 5).delay(Integer.MAX_VALUE));
    }

    @Test
    void rejectsWhatIsNoDelayOrNoCount() {
        assertThrows(IllegalArgumentException.class, () -> seconds(0, 5));
        assertThrows(IllegalArgumentException.class, () -> seconds(1, 0));
        assertThrows(IllegalArgumentException.class, () -> seconds(1, 5).delay(0));
    }
}
