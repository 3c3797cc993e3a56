/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * A container runtime in memory, with the services of the CRI, for tests, scale runs and
 * experiments. It behaves as containerd does, with its errors; the contract tests of the services
 * run against both. Only {@code boot} and tests import it.
 *
 * <p>Only {@code RealClock} has a thread; calls run on the threads of their callers.
 */
@NullMarked
package io.jubelet.cri.simulated;

import org.jspecify.annotations.NullMarked;
