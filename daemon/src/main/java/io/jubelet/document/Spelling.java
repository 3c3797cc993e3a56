/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Finds the word that the user probably meant. */
public final class Spelling {

    private Spelling() {}

    /** The known word with the fewest edits from {@code word}; null when none is close. */
    public static @Nullable String closest(String word, Collection<String> known) {
        String best = null;
        int bestDistance = 1 + Math.min(3, Math.max(1, word.length() / 3));
        for (String candidate : known) {
            if (candidate.equalsIgnoreCase(word)) {
                return candidate;
            }
            if (Math.abs(candidate.length() - word.length()) < bestDistance) {
                int distance = distance(word, candidate);
                if (distance < bestDistance) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return best;
    }

    /** Letters to insert, remove, replace or swap with their neighbour to make one word of the other. */
    static int distance(String from, String to) {
        int[][] rows = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                int same = Character.toLowerCase(from.charAt(i - 1)) == Character.toLowerCase(to.charAt(j - 1)) ? 0 : 1;
                int least = Math.min(rows[i - 1][j - 1] + same, Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1));
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    least = Math.min(least, rows[i - 2][j - 2] + 1);
                }
                rows[i][j] = least;
            }
        }
        return rows[from.length()][to.length()];
    }
}
