/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

/** The type of a metric. */
public enum MetricType {
    /** The value only increases. */
    COUNTER,
    /** The value increases and decreases. */
    GAUGE
}
