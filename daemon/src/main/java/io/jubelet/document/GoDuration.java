/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Durations as in the flags and files of the kubelet: {@code 20s}, {@code 1m30s}, {@code 1.5h},
 * {@code 100ms}.
 */
public final class GoDuration {

    private GoDuration() {}

    /**
     * Parses a duration.
     *
     * @throws IllegalArgumentException when the text is not a duration; the message, for the user,
     *     shows valid ones
     */
    public static Duration parse(String text) {
        boolean negative = text.startsWith("-");
        int at = negative || text.startsWith("+") ? 1 : 0;
        if (text.substring(at).equals("0")) {
            return Duration.ZERO;
        }
        Duration whole = wholeUnits(text);
        if (whole != null) {
            return whole;
        }
        BigDecimal nanos = BigDecimal.ZERO;
        if (at == text.length()) {
            throw new IllegalArgumentException(malformed(text));
        }
        while (at < text.length()) {
            int number = at;
            while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            int unit = at;
            while (at < text.length() && !Character.isDigit(text.charAt(at)) && text.charAt(at) != '.') {
                at++;
            }
            nanos = nanos.add(part(text, text.substring(number, unit), text.substring(unit, at)));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException(malformed(text));
        }
        Duration duration = Duration.ofNanos(nanos.longValue());
        return negative ? duration.negated() : duration;
    }

    /**
     * A whole number of one unit, which most durations are; null for other texts. To use BigDecimal for
     * the first time takes 12 ms, which the start of the daemon does not have to spend.
     */
    private static @Nullable Duration wholeUnits(String text) {
        int unit = 0;
        while (unit < text.length() && text.charAt(unit) >= '0' && text.charAt(unit) <= '9') {
            unit++;
        }
        if (unit == 0 || unit > 9) {
            return null;
        }
        int number = Integer.parseInt(text.substring(0, unit));
        return switch (text.substring(unit)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> number < 1_000_000 ? Duration.ofMinutes(number) : null;
            case "h" -> number < 1_000_000 ? Duration.ofHours(number) : null;
            default -> null;
        };
    }

    private static BigDecimal part(String text, String number, String unit) {
        long nanos = switch (unit) {
            case "ns" -> 1L;
            case "us", "\u00b5s", "\u03bcs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> throw new IllegalArgumentException(malformed(text));
        };
        try {
            return new BigDecimal(number).multiply(BigDecimal.valueOf(nanos));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(malformed(text), e);
        }
    }

    /** A duration as Go prints it, which {@link #parse} takes: {@code 0s}, {@code 1m30s}, {@code 1h0m0s}, {@code 1.5ms}. */
    public static String text(Duration duration) {
        if (duration.isNegative()) {
            return "-" + text(duration.negated());
        }
        long nanos = duration.toNanos();
        if (nanos == 0) {
            return "0s";
        }
        if (nanos < 1_000) {
            return nanos + "ns";
        }
        if (nanos < 1_000_000) {
            return decimal(nanos, 3) + "\u00b5s";
        }
        if (nanos < 1_000_000_000) {
            return decimal(nanos, 6) + "ms";
        }
        long minutes = nanos / 60_000_000_000L;
        String seconds = decimal(nanos % 60_000_000_000L, 9) + "s";
        if (minutes == 0) {
            return seconds;
        }
        return (minutes < 60 ? "" : minutes / 60 + "h") + minutes % 60 + "m" + seconds;
    }

    /** A number with so many digits behind the point, without zeros at its end. */
    private static String decimal(long number, int digits) {
        return BigDecimal.valueOf(number, digits).stripTrailingZeros().toPlainString();
    }

    /** Whether {@link #parse} takes a text. */
    public static boolean isDuration(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** What is wrong with a text that is not a duration, and how to write one. */
    public static String malformed(String text) {
        return "\"" + text + "\" is not a duration; write numbers with units, such as 20s, 1m30s or 100ms";
    }
}
