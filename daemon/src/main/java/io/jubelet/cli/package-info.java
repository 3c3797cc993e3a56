/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The command line: commands that query the daemon over its socket.
 *
 * <p>Commands call and choose; the daemon decides, and {@code printing} prints. No package imports this one.
 */
@NullMarked
package io.jubelet.cli;

import org.jspecify.annotations.NullMarked;
