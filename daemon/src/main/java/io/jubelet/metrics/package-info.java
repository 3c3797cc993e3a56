/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
/**
 * Metrics in the text formats of Prometheus and OpenMetrics, and the kubelet's Summary API: counts, views and usage in,
 * text out.
 *
 * <p>Everything is collected when it is requested, on the thread of the request. Until the first request no class of this
 * package is loaded. Imported by {@code boot}.
 */
@NullMarked
package io.jubelet.metrics;

import org.jspecify.annotations.NullMarked;
