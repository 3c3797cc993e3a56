/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

/** The values of {@code -o}, spelt as on the command line. */
enum OutputFormat {
    table,
    wide,
    json,
    yaml,
    name;

    /** Whether the output is for people, so that notes can follow it. */
    boolean isTable() {
        return this == table || this == wide;
    }
}
