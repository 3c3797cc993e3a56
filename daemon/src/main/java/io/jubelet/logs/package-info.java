/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Container logs: an instance of a container in, its log as the container wrote it, or a rotated
 * log, out.
 *
 * <p>Imported by {@code boot}.
 */
@NullMarked
package io.jubelet.logs;

import org.jspecify.annotations.NullMarked;
