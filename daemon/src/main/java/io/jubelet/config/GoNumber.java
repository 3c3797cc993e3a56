/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import java.util.Optional;

/** Numbers and booleans as the flags of the kubelet take them, that is, as Go's {@code strconv} parses them. */
final class GoNumber {

    private GoNumber() {}

    /** {@code true} or {@code false} for what {@code strconv.ParseBool} takes; empty for other texts. */
    static Optional<String> bool(String text) {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> Optional.of("true");
            case "0", "f", "F", "false", "FALSE", "False" -> Optional.of("false");
            default -> Optional.empty();
        };
    }

    /**
     * A whole number in decimal digits; empty for what {@code strconv.ParseInt} with base 0 does not take. The prefixes 0x, 0o
     * and 0b set the base, a leading 0 means octal, and underscores can separate digits.
     */
    static Optional<String> integer(String text, long min, long max) {
        int sign = !text.isEmpty() && (text.charAt(0) == '-' || text.charAt(0) == '+') ? 1 : 0;
        String digits = text.substring(sign);
        int radix = radix(digits);
        if (radix != 10) {
            boolean octal = radix == 8 && !digits.startsWith("0o") && !digits.startsWith("0O");
            digits = digits.substring(octal ? 1 : 2);
        } else if (digits.startsWith("_")) {
            return Optional.empty();
        }
        digits = withoutUnderscores(digits);
        // What Long.parseLong also takes, such as a second sign or digits of other scripts, is no number here.
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) > 'z' || Character.digit(digits.charAt(i), radix) < 0) {
                return Optional.empty();
            }
        }
        try {
            long number = Long.parseLong((text.startsWith("-") ? "-" : "") + digits, radix);
            return number >= min && number <= max ? Optional.of(Long.toString(number)) : Optional.empty();
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }

    private static int radix(String digits) {
        if (digits.length() < 2 || digits.charAt(0) != '0') {
            return 10;
        }
        return switch (digits.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'b', 'B' -> 2;
            default -> 8;
        };
    }

    /** The digits behind a prefix; empty when an underscore does not separate two of them, or a prefix and one. */
    private static String withoutUnderscores(String digits) {
        boolean misplaced = digits.endsWith("_") || digits.contains("__");
        return misplaced ? "" : digits.replace("_", "");
    }

    /** A number of 32 bits that is not negative; empty for what {@code strconv.ParseUint} with base 10 does not take. */
    static Optional<String> decimal(String text) {
        if (text.isEmpty() || text.length() > 20) {
            return Optional.empty();
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return Optional.empty();
            }
        }
        return integer(text.replaceFirst("^0+(?=.)", ""), 0, 0xffff_ffffL);
    }
}
