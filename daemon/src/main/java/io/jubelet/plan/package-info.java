/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Pure decisions: what is wanted and what is observed come in, and a {@code PodPlan} goes out, which is data: the actions with
 * their reasons, and when to plan again.
 *
 * <p>No class here does I/O, reads a clock or logs; {@code ImportDirectionTest} checks this. Every package that decides about,
 * executes or shows pods may import it.
 */
@NullMarked
package io.jubelet.plan;

import org.jspecify.annotations.NullMarked;
