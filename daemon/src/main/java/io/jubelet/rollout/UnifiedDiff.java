/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The difference of two texts in the unified format, made by the program {@code diff} as that of kubectl is. */
public final class UnifiedDiff {

    private static final int DIFFERENT = 1;

    private UnifiedDiff() {}

    /**
     * Compares two texts; blocks until {@code diff} has ended.
     *
     * @param from names the old text
     * @param to names the new text
     * @return empty if the texts are the same
     * @throws IOException if {@code diff} cannot be run or fails
     */
    public static String of(String from, String before, String to, String after) throws IOException {
        if (before.equals(after)) {
            return "";
        }
        Path directory = Files.createTempDirectory("jubelet-diff");
        Path old = directory.resolve("old");
        Path next = directory.resolve("new");
        try {
            Files.writeString(old, before);
            Files.writeString(next, after);
            Process diff = new ProcessBuilder(
                            "diff", "-u", "--label", from, "--label", to, old.toString(), next.toString())
                    .redirectErrorStream(true)
                    .start();
            String text = new String(diff.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (diff.waitFor() != DIFFERENT) {
                throw new IOException("diff failed: " + text.strip());
            }
            return text;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while diff ran", e);
        } finally {
            Files.deleteIfExists(old);
            Files.deleteIfExists(next);
            Files.delete(directory);
        }
    }
}
