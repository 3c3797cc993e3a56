/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Composes the parts of the daemon, starts them in the order of the data flow, and stops them in reverse. Decides nothing.
 *
 * <p>May import every package of the daemon except {@code cli}, the only one that imports it.
 */
@NullMarked
package io.jubelet.boot;

import org.jspecify.annotations.NullMarked;
