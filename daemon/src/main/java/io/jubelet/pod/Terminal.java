/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

/** The standard input and terminal of a container. */
public record Terminal(boolean stdin, boolean stdinOnce, boolean tty) {

    /** No standard input and no terminal. */
    public static final Terminal NONE = new Terminal(false, false, false);
}
