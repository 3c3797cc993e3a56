/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * Writes a time such as {@code 2026-11-21T08:05:09.042Z} without a formatter, which would be loaded
 * only for this.
 */
final class UtcTime {

    private UtcTime() {}

    static void append(StringBuilder out, Instant time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        digits(out, utc.getYear(), 4).append('-');
        digits(out, utc.getMonthValue(), 2).append('-');
        digits(out, utc.getDayOfMonth(), 2).append('T');
        digits(out, utc.getHour(), 2).append(':');
        digits(out, utc.getMinute(), 2).append(':');
        digits(out, utc.getSecond(), 2).append('.');
        digits(out, utc.getNano() / 1_000_000, 3).append('Z');
    }

    private static StringBuilder digits(StringBuilder out, int number, int width) {
        int least = 1;
        for (int i = 1; i < width; i++) {
            least *= 10;
        }
        for (int rest = Math.max(number, 1); rest < least; rest *= 10) {
            out.append('0');
        }
        return out.append(number);
    }
}
