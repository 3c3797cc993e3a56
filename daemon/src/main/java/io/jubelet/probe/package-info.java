/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Probes: views of the workers come in through {@link io.jubelet.probe.PodProbes#watch}, the health of containers goes out,
 * and the worker of a pod is woken when it has changed.
 *
 * <p>One loop, {@code probes}, knows when each probe is due. Every attempt runs on a short-lived virtual thread of its own, so
 * that a slow attempt delays nothing else. While no pod has probes there is no loop, and only {@code PodProbes} is loaded.
 * Nothing here decides what happens to a container.
 */
@NullMarked
package io.jubelet.probe;

import org.jspecify.annotations.NullMarked;
