/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The streams of a process to connect, at least one; a terminal has no separate stderr. */
public record StreamOptions(boolean tty, boolean stdin, boolean stdout, boolean stderr) {
    public StreamOptions {
        if (tty && stderr) {
            throw new IllegalArgumentException("a terminal has no separate stderr");
        }
        if (!stdin && !stdout && !stderr) {
            throw new IllegalArgumentException("no stream selected");
        }
    }
}
