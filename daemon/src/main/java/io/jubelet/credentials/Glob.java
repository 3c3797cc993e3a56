/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

/**
 * Matches one label of a host name with {@code *}, {@code ?} and {@code [a-z]} or {@code [^a-z]},
 * as Go's path.Match does.
 */
final class Glob {

    private Glob() {}

    /**
     * Returns whether the pattern matches all of {@code text}; a malformed pattern matches nothing.
     */
    static boolean matches(String pattern, String text) {
        int at = 0;
        int seen = 0;
        int star = -1; // the last star, and where its match ends so far
        int starEnd = 0;
        while (true) {
            int next = at < pattern.length() && pattern.charAt(at) != '*' && seen < text.length()
                    ? one(pattern, at, text.charAt(seen))
                    : -1;
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                starEnd = seen;
            } else if (next >= 0) {
                at = next;
                seen++;
            } else if (at == pattern.length() && seen == text.length()) {
                return true;
            } else if (star >= 0 && starEnd < text.length()) {
                // Only the last star is extended: an earlier one cannot match more than this one.
                at = star + 1;
                seen = ++starEnd;
            } else {
                return false;
            }
        }
    }

    /**
     * Returns the index after the pattern element that matches a character, or -1 if it does not
     * match.
     */
    private static int one(String pattern, int at, char c) {
        return switch (pattern.charAt(at)) {
            case '?' -> at + 1;
            case '[' -> range(pattern, at + 1, c);
            case '\\' -> at + 1 < pattern.length() && pattern.charAt(at + 1) == c ? at + 2 : -1;
            default -> pattern.charAt(at) == c ? at + 1 : -1;
        };
    }

    private static int range(String pattern, int begin, char c) {
        int end = pattern.indexOf(']', begin + 1);
        if (end < 0) {
            return -1;
        }
        boolean negated = pattern.charAt(begin) == '^';
        boolean in = false;
        int at = negated ? begin + 1 : begin;
        while (at < end) {
            char low = pattern.charAt(at);
            boolean span = at + 2 < end && pattern.charAt(at + 1) == '-';
            char high = span ? pattern.charAt(at + 2) : low;
            in |= low <= c && c <= high;
            at += span ? 3 : 1;
        }
        return in == negated ? -1 : end + 1;
    }
}
