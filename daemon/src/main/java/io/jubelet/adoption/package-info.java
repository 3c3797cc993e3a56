/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Pods that a kubelet started and that run on under Jubelet: sandboxes of a kubelet come in, and a view of the runtime goes
 * out in which they look like our own. Loaded only on a node that was moved over from a kubelet.
 *
 * <p>Used by {@code boot}, which puts the view between the runtime and everything else.
 */
@NullMarked
package io.jubelet.adoption;

import org.jspecify.annotations.NullMarked;
