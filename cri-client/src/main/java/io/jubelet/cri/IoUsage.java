/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The I/O pressure of a container or sandbox.
 *
 * @param timestamp the time of the measurement; null if unknown
 * @param psi null if not reported
 */
public record IoUsage(@Nullable Instant timestamp, @Nullable PsiStats psi) {}
