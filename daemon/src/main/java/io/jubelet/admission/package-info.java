/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Decides which pods fit on this node: host ports, resources, the number of pods, node selectors and affinity.
 *
 * <p>The wanted and the running pods come in; a rejection goes out, or none. Imported by {@code reconcile}, {@code warmup} and
 * {@code boot}. Safe for use by many threads.
 */
@NullMarked
package io.jubelet.admission;

import org.jspecify.annotations.NullMarked;
