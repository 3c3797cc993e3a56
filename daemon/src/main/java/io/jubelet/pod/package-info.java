/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The vocabulary: pods as accepted from a manifest, and their status, with the names and meanings of the Kubernetes v1 Pod.
 *
 * <p>Immutable values and arithmetic on them. Pure: no I/O and no clock. This package imports no
 * other package of Jubelet, and the packages that handle pods import it.
 */
@NullMarked
package io.jubelet.pod;

import org.jspecify.annotations.NullMarked;
