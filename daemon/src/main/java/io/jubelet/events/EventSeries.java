/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.events;

import java.time.Instant;
import java.util.Objects;

/**
 * How often and when the same event happened.
 *
 * @param count at least one
 * @param first when it happened first
 * @param last when it happened last
 */
public record EventSeries(int count, Instant first, Instant last) {

    public EventSeries {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(last, "last");
    }

    static EventSeries startingAt(Instant now) {
        return new EventSeries(1, now, now);
    }

    EventSeries next(Instant now) {
        return new EventSeries(count + 1, first, now);
    }
}
