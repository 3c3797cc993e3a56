/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Objects;

/**
 * A Kubernetes resource quantity such as {@code 250m}, {@code 64Mi} or {@code 1e3}.
 *
 * <p>Source: the Kubernetes API conventions on quantities. Comparison is by value; {@link #text}
 * keeps what was written.
 *
 * @param text as written
 * @param number its value
 */
public record Quantity(String text, BigDecimal number) implements Comparable<Quantity> {

    private static final String[] SUFFIXES = {
        "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"
    };
    private static final BigDecimal[] FACTORS = {
        new BigDecimal("1e-9"),
        new BigDecimal("1e-6"),
        new BigDecimal("1e-3"),
        new BigDecimal("1e3"),
        new BigDecimal("1e6"),
        new BigDecimal("1e9"),
        new BigDecimal("1e12"),
        new BigDecimal("1e15"),
        new BigDecimal("1e18"),
        BigDecimal.valueOf(1L << 10),
        BigDecimal.valueOf(1L << 20),
        BigDecimal.valueOf(1L << 30),
        BigDecimal.valueOf(1L << 40),
        BigDecimal.valueOf(1L << 50),
        BigDecimal.valueOf(1L << 60)
    };

    /** The index of the first suffix for a power of 1024. */
    private static final int BINARY = 9;

    /** The API replaces larger values with this one. */
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    public Quantity {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(number, "number");
    }

    /**
     * Parses a quantity.
     *
     * @throws IllegalArgumentException when {@code text} is not a quantity; the message, for the
     *     user, shows valid ones
     */
    public static Quantity parse(String text) {
        int end = 0;
        if (end < text.length() && (text.charAt(end) == '+' || text.charAt(end) == '-')) {
            end++;
        }
        int digits = 0;
        boolean point = false;
        for (; end < text.length(); end++) {
            char c = text.charAt(end);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' && !point) {
                point = true;
            } else {
                break;
            }
        }
        if (digits == 0 || end > 64) {
            throw malformed(text);
        }
        BigDecimal number = new BigDecimal(text.substring(0, end)).multiply(factor(text, text.substring(end)));
        return new Quantity(text, number.compareTo(MAX) > 0 ? MAX : number);
    }

    private static BigDecimal factor(String text, String suffix) {
        if (suffix.isEmpty()) {
            return BigDecimal.ONE;
        }
        for (int i = 0; i < SUFFIXES.length; i++) {
            if (SUFFIXES[i].equals(suffix)) {
                return FACTORS[i];
            }
        }
        if (suffix.matches("[eE][+-]?\\d{1,3}")) {
            return BigDecimal.ONE.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1)));
        }
        throw malformed(text);
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("\"" + text
                + "\" is not a quantity; write a number with an optional suffix, such as 250m, 1.5, 64Mi or 2G");
    }

    /** The value in thousandths, rounded up, at most {@link Long#MAX_VALUE}. */
    public long milli() {
        return ceiling(number.movePointRight(3));
    }

    /** The quantity rounded up to thousandths, as the API stores requests and limits. */
    public Quantity inMilli() {
        return number.scale() <= 3 ? this : new Quantity(text, number.setScale(3, RoundingMode.CEILING));
    }

    /** The value in whole units, rounded up, at most {@link Long#MAX_VALUE}. */
    public long value() {
        return ceiling(number);
    }

    private static long ceiling(BigDecimal number) {
        BigDecimal whole = number.setScale(0, RoundingMode.CEILING);
        return whole.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : whole.longValue();
    }

    /** The sum of both, written as this one is unless it is zero. */
    Quantity plus(Quantity other) {
        BigDecimal sum = number.add(other.number);
        return new Quantity(new Quantity(number.signum() == 0 ? other.text : text, sum).canonical(), sum);
    }

    /** A quantity of bytes, written with a binary suffix where it has one. */
    public static Quantity bytes(long value) {
        return new Quantity(value % 1024 == 0 ? value / 1024 + "Ki" : Long.toString(value), BigDecimal.valueOf(value));
    }

    /** A quantity of thousandths. */
    public static Quantity ofMilli(long value) {
        return new Quantity(value + "m", BigDecimal.valueOf(value, 3));
    }

    @Override
    public int compareTo(Quantity other) {
        return number.compareTo(other.number);
    }

    /**
     * The text that the API serves: without fraction, and with the largest suffix of the written kind that fits.
     *
     * <p>Source: {@code resource.Quantity} of the API, whose values are multiples of a billionth.
     */
    public String canonical() {
        String suffix = text.substring(Math.min(text.length(), suffixAt()));
        BigDecimal exact = number.scale() > 9 ? number.setScale(9, RoundingMode.UP) : number;
        if (exact.signum() == 0) {
            return "0";
        }
        boolean whole = exact.stripTrailingZeros().scale() <= 0;
        return suffix.endsWith("i") && whole && exact.abs().compareTo(FACTORS[BINARY]) >= 0
                ? binary(exact.toBigIntegerExact())
                : decimal(exact, suffix.startsWith("e") || (suffix.startsWith("E") && suffix.length() > 1));
    }

    /** Where the number of the text ends. */
    private int suffixAt() {
        int end = 0;
        while (end < text.length() && "+-.0123456789".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return end;
    }

    private static String binary(BigInteger number) {
        BigInteger mantissa = number;
        int power = 0;
        while (power < SUFFIXES.length - BINARY && mantissa.getLowestSetBit() >= 10) {
            mantissa = mantissa.shiftRight(10);
            power++;
        }
        return mantissa + (power == 0 ? "" : SUFFIXES[BINARY + power - 1]);
    }

    private static String decimal(BigDecimal number, boolean exponent) {
        BigDecimal stripped = number.stripTrailingZeros();
        int power = Math.floorDiv(-stripped.scale(), 3) * 3;
        power = exponent ? power : Math.min(power, 18);
        String mantissa = stripped.scaleByPowerOfTen(-power).toBigIntegerExact().toString();
        if (power == 0) {
            return mantissa;
        }
        int index = power < 0 ? power / 3 + 3 : power / 3 + 2;
        return mantissa + (exponent ? "e" + power : SUFFIXES[index]);
    }

    /** As written. */
    @Override
    public String toString() {
        return text;
    }
}
