/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The log of the daemon as an SLF4J provider: one line per event on standard error. Only {@code cli} imports this room.
 *
 * <p>The simple provider of SLF4J writes the same lines, but its dates load the calendars and locales of the JDK, which was
 * measured to cost 35 ms of the start and one megabyte of resident memory.
 */
@NullMarked
package io.jubelet.logging;

import org.jspecify.annotations.NullMarked;
