package io.jubelet.bench;

import java.util.Locale;

/** What a figure counts. */
enum Unit {
    MILLISECONDS("ms", 0),
    SECONDS("s", 2),
    PERCENT("%", 2),
    /** Of 1024 x 1024 bytes, as the targets were measured. */
    MEBIBYTES("MiB", 1),
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

    /** The value with as many decimals as are worth reading, without the unit. */
    String format(double value) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
