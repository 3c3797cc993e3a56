/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * The Container Runtime Interface (CRI) v1 as blocking Java services: the interfaces, the ids and
 * records that they exchange, and the exceptions that they throw. {@code cri.grpc} implements the
 * services for a real runtime, {@code cri.simulated} in memory. Every package that deals with
 * containers imports this one, and it imports none.
 *
 * <p>The records repeat the messages of the CRI field by field;
 * {@code docs/decisions/0010-cri-records.md} says why.
 */
@NullMarked
package io.jubelet.cri;

import org.jspecify.annotations.NullMarked;
