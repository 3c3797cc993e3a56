/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Objects;

/**
 * The streams that commands print to, and the clock that they use.
 *
 * @param out results
 * @param err notes and errors
 */
record Terminal(PrintStream out, PrintStream err, InstantSource clock) {

    Terminal {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
        Objects.requireNonNull(clock, "clock");
    }

    /** The same without notes and errors. */
    Terminal quiet() {
        return new Terminal(out, new PrintStream(OutputStream.nullOutputStream()), clock);
    }
}
