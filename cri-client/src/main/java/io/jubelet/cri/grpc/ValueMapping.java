package io.jubelet.cri.grpc;

import io.jubelet.cri.proto.Cri;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** How the CRI writes moments, durations and numbers that may be absent. */
final class ValueMapping {
    private ValueMapping() {}

    /** Nanoseconds since 1970; zero, or what Go writes for a zero time, is null. */
    static Instant instant(long nanos) {
        return nanos <= 0 ? null : Instant.ofEpochSecond(0, nanos);
    }

    /** Whole seconds, rounded up: a timeout must not become shorter, and none but zero may become zero. */
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
