/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the type of a plain scalar by the rules of YAML 1.1, as the kubelet does.
 *
 * <p>{@code yes}, {@code on} and {@code y} are booleans, {@code 0644} is octal, {@code 1_000} is a
 * thousand, and a date is a string.
 */
final class YamlScalars {

    private YamlScalars() {}

    static Node.Scalar resolve(int line, int column, String text) {
        if (text.isEmpty()) {
            return new Node.Scalar(line, column, Node.Type.NULL, text, "null");
        }
        char first = text.charAt(0);
        if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.') {
            return number(line, column, text);
        }
        if (text.length() > 5) {
            return new Node.Scalar(line, column, Node.Type.STRING, text, text);
        }
        return switch (text) {
            case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON" ->
                new Node.Scalar(line, column, Node.Type.BOOLEAN, text, "true");
            case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF" ->
                new Node.Scalar(line, column, Node.Type.BOOLEAN, text, "false");
            case "~", "null", "Null", "NULL" -> new Node.Scalar(line, column, Node.Type.NULL, text, "null");
            default -> new Node.Scalar(line, column, Node.Type.STRING, text, text);
        };
    }

    private static Node.Scalar number(int line, int column, String text) {
        String plain = text.indexOf('_') < 0 ? text : text.replace("_", "");
        String integer = integer(plain);
        if (integer != null) {
            return new Node.Scalar(line, column, Node.Type.INTEGER, text, integer);
        }
        if (looksLikeFloat(plain)) {
            String value = decimal(plain);
            if (value != null) {
                return new Node.Scalar(line, column, Node.Type.FLOAT, text, value);
            }
        }
        return new Node.Scalar(line, column, Node.Type.STRING, text, text);
    }

    /** The decimal form of an integer in any base; null when the text is not an integer. */
    private static @Nullable String integer(String plain) {
        int start = plain.charAt(0) == '-' || plain.charAt(0) == '+' ? 1 : 0;
        int radix = 10;
        int digits = start;
        if (plain.length() - start > 1 && plain.charAt(start) == '0') {
            switch (plain.charAt(start + 1)) {
                case 'x', 'X' -> {
                    radix = 16;
                    digits += 2;
                }
                case 'o', 'O' -> {
                    radix = 8;
                    digits += 2;
                }
                case 'b', 'B' -> {
                    radix = 2;
                    digits += 2;
                }
                default -> {
                    radix = 8;
                    digits += 1;
                }
            }
        }
        if (digits == plain.length() || plain.length() > 70) {
            return null;
        }
        for (int i = digits; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c > 'f' || Character.digit(c, radix) < 0) {
                return null;
            }
        }
        if (radix == 10 && start == 0) {
            return plain;
        }
        BigInteger value = new BigInteger(plain.substring(digits), radix);
        return (plain.charAt(0) == '-' ? value.negate() : value).toString();
    }

    /**
     * Whether the text is an optional sign, at least one digit with at most one point, and an
     * optional exponent.
     */
    private static boolean looksLikeFloat(String plain) {
        int i = plain.charAt(0) == '-' || plain.charAt(0) == '+' ? 1 : 0;
        int digits = 0;
        boolean point = false;
        for (; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (c == '.' && !point) {
                point = true;
            } else if (c >= '0' && c <= '9') {
                digits++;
            } else {
                break;
            }
        }
        if (digits == 0) {
            return false;
        }
        if (i == plain.length()) {
            return true;
        }
        if (plain.charAt(i) != 'e' && plain.charAt(i) != 'E') {
            return false;
        }
        i++;
        if (i < plain.length() && (plain.charAt(i) == '-' || plain.charAt(i) == '+')) {
            i++;
        }
        int exponent = plain.length() - i;
        for (; i < plain.length(); i++) {
            if (plain.charAt(i) < '0' || plain.charAt(i) > '9') {
                return false;
            }
        }
        return exponent > 0;
    }

    /**
     * The canonical form of a number, which is equal for 1.50 and 15e-1; null when the number
     * exceeds the range of a double.
     */
    static @Nullable String decimal(String plain) {
        double value = Double.parseDouble(plain);
        if (Double.isInfinite(value)) {
            return null;
        }
        return value == 0
                ? "0"
                : new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }
}
