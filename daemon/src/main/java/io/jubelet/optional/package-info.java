/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Libraries that most nodes never need, loaded from outside the class path when a feature first
 * needs one. Only {@code certificate} and {@code node} import this room.
 */
@NullMarked
package io.jubelet.optional;

import org.jspecify.annotations.NullMarked;
