/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Formats durations as kubectl does: with the largest unit, or the two largest. */
public final class Age {

    private Age() {}

    /** The time from an instant until now. */
    public static String since(Optional<Instant> moment, Instant now) {
        return moment.map(then -> of(Duration.between(then, now))).orElse("<unknown>");
    }

    /** A duration. */
    public static String of(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 0) {
            return "0s";
        }
        if (seconds < 2 * 60) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return two(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 3 * 60) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return two(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        if (hours < 8 * 24) {
            return two(hours / 24, "d", hours % 24, "h");
        }
        long days = hours / 24;
        if (days < 2 * 365) {
            return days + "d";
        }
        if (days < 8 * 365) {
            return two(days / 365, "y", days % 365, "d");
        }
        return days / 365 + "y";
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return small == 0 ? large + largeUnit : large + largeUnit + small + smallUnit;
    }
}
