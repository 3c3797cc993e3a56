/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import java.util.List;
import java.util.Objects;

/**
 * A metric that Jubelet has.
 *
 * @param help one line; that of the kubelet's metrics begins with their stability, as the kubelet has it
 * @param labels the names of its labels, in the order of the values of a sample
 */
public record Metric(String name, Type type, String help, List<String> labels) {

    /** The type of a metric. */
    public enum Type {
        /** Only grows until the daemon, or what it counts in, starts anew. */
        COUNTER,
        /** Any value at any time. */
        GAUGE,
        /** Durations in seconds, counted in buckets. */
        HISTOGRAM
    }

    /** The end of the name of each counter, which OpenMetrics demands. */
    static final String TOTAL = "_total";

    public Metric {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(help, "help");
        labels = List.copyOf(labels);
        if ((type == Type.COUNTER) != name.endsWith(TOTAL)) {
            throw new IllegalArgumentException("exactly the names of counters end in _total: " + name);
        }
    }

    static Metric counter(String name, String help, String... labels) {
        return new Metric(name, Type.COUNTER, help, List.of(labels));
    }

    static Metric gauge(String name, String help, String... labels) {
        return new Metric(name, Type.GAUGE, help, List.of(labels));
    }

    static Metric histogram(String name, String help, String... labels) {
        return new Metric(name, Type.HISTOGRAM, help, List.of(labels));
    }
}
