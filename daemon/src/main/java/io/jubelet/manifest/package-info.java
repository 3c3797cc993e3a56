/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The bytes of one manifest in, its {@code Pod}s, {@code ConfigMap}s and {@code Secret}s or
 * findings out. Pure: no I/O and no clock. {@code desired}, {@code warmup} and {@code boot} may
 * import this package.
 */
@NullMarked
package io.jubelet.manifest;

import org.jspecify.annotations.NullMarked;
