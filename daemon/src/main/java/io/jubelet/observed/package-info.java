/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * What the runtime shows: lists, statuses and events of the CRI come in, immutable {@code ObservedPod}s and signals to
 * observe a pod again go out.
 *
 * <p>Workers query the runtime on their own threads; events and relists have two loops of their own. Nothing here decides
 * about pods or changes the runtime.
 */
@NullMarked
package io.jubelet.observed;

import org.jspecify.annotations.NullMarked;
