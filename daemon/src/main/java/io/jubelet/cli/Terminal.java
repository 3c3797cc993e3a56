package io.jubelet.cli;

import java.io.PrintStream;
import java.time.InstantSource;
import java.util.Objects;

/**
 * Where commands print to, and what they take for now.
 *
 * @param out results
 * @param err remarks and errors
 */
record Terminal(PrintStream out, PrintStream err, InstantSource clock) {

    Terminal {
        Objects.requireNonNull(out, "out");
        Objects.requireNonNull(err, "err");
        Objects.requireNonNull(clock, "clock");
    }
}
