/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Threads, wake-ups, loops with a back-off, cancellation, and programs that run as child processes.
 *
 * <p>Knows nothing of pods, and imports no other package of Jubelet. Every package may import it.
 */
@NullMarked
package io.jubelet.concurrent;

import org.jspecify.annotations.NullMarked;
