/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Which fields the v1 objects have, what their values look like, and whether Jubelet honours,
 * ignores or refuses each field.
 *
 * <p>A field or value in, its support or a message out. Pure: no I/O and no clock. {@code manifest}
 * and {@code boot} may import this package.
 */
@NullMarked
package io.jubelet.schema;

import org.jspecify.annotations.NullMarked;
