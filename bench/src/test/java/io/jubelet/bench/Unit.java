/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.Locale;

/** The unit of a metric. */
enum Unit {
    MILLISECONDS("ms", 0),
    SECONDS("s", 2),
    PERCENT("%", 2),
    /** 1024 x 1024 bytes, the unit of the targets. */
    MEBIBYTES("MiB", 1),
    MEBIBYTES_PER_SECOND("MiB/s", 0),
    CLASSES("classes", 0),
    TIMES("x", 2);

    private final String symbol;
    private final int decimals;

    Unit(String symbol, int decimals) {
        this.symbol = symbol;
        this.decimals = decimals;
    }

    String symbol() {
        return symbol;
    }

    /** The value, rounded to the decimals of this unit, without the symbol. */
    String format(double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
