package io.jubelet.cli;

/** What {@code -o} takes. Spelt as on the command line. */
enum OutputFormat {
    table,
    wide,
    json,
    yaml,
    name;

    /** Whether people read it, so that remarks may follow. */
    boolean isTable() {
        return this == table || this == wide;
    }
}
