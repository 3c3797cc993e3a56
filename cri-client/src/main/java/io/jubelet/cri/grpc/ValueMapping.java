/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.proto.Cri;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Times, durations, optional numbers and lists: Java values to wire values and back. */
final class ValueMapping {
    private ValueMapping() {}

    /**
     * Returns the time of a number of nanoseconds since 1970; null for 0 and for Go's zero time,
     * which is negative.
     */
    static @Nullable Instant instant(long nanos) {
        return nanos <= 0 ? null : Instant.ofEpochSecond(0, nanos);
    }

    /**
     * Returns whole seconds, rounded up so that a timeout becomes no shorter and only zero becomes
     * zero.
     */
    static long seconds(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("negative duration " + duration);
        }
        return duration.getNano() == 0 ? duration.getSeconds() : duration.getSeconds() + 1;
    }

    static Cri.Int64Value int64Value(long value) {
        return Cri.Int64Value.newBuilder().setValue(value).build();
    }

    static <W, R> List<R> map(List<W> wire, Function<W, R> fromWire) {
        if (wire.isEmpty()) {
            return List.of();
        }
        List<R> records = new ArrayList<>(wire.size());
        for (W each : wire) {
            records.add(fromWire.apply(each));
        }
        return records;
    }
}
