/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Events of pods and of the node, in the words of the kubelet. Workers, executors and probes record them on their own
 * threads; readers get snapshots.
 *
 * <p>A bounded number of events is kept in memory, and none survives a restart. Nothing here decides anything.
 */
@NullMarked
package io.jubelet.events;

import org.jspecify.annotations.NullMarked;
