/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The command line: commands that query the daemon over its socket, and classes that print its answers.
 *
 * <p>Commands call and print; the daemon decides. Classes that print take JSON and an instant, and do no I/O except for the
 * stream that they print to. No package imports this one.
 */
@NullMarked
package io.jubelet.cli;

import org.jspecify.annotations.NullMarked;
