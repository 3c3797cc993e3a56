/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Resource usage of the node, its pods and their containers. Statistics of the runtime, cgroups and files of
 * {@code /proc} in; a {@link io.jubelet.stats.Summary}, and its JSON as the kubelet's Summary API has it, out.
 *
 * <p>Everything is measured when it is requested, on the thread of the request, which blocks. Until the first request no
 * class of this package is loaded. Imported by {@code metrics} and {@code boot}.
 */
@NullMarked
package io.jubelet.stats;

import org.jspecify.annotations.NullMarked;
