/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.Locale;

/** Prints to standard error what is being measured, with the seconds since the start of the run. */
final class Progress {
    private final long begin = System.nanoTime();

    void print(String format, Object... arguments) {
        long seconds = (System.nanoTime() - begin) / 1_000_000_000;
        System.err.println(
                String.format(Locale.ROOT, "[%4d s] ", seconds) + String.format(Locale.ROOT, format, arguments));
    }
}
