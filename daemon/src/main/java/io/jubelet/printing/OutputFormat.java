/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

/** The values of {@code -o}, spelt as on the command line. */
public enum OutputFormat {
    table,
    wide,
    json,
    yaml,
    name;

    /** Whether the output is for people, so that notes can follow it. */
    public boolean isTable() {
        return this == table || this == wide;
    }
}
