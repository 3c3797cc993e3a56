/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The values of a measurement in their order, at least one, and their statistics. */
record Samples(List<Double> values) {
    Samples {
        values = List.copyOf(values);
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no samples");
        }
    }

    static Samples of(double... values) {
        List<Double> list = new ArrayList<>();
        for (double value : values) {
            list.add(value);
        }
        return new Samples(list);
    }

    /** These values, followed by others. */
    Samples and(Samples more) {
        return new Samples(Stream.concat(values.stream(), more.values.stream()).toList());
    }

    int count() {
        return values.size();
    }

    double min() {
        return sorted().getFirst();
    }

    double max() {
        return sorted().getLast();
    }

    /** The middle value, or the mean of the two in the middle. */
    double median() {
        List<Double> sorted = sorted();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The 90th percentile: the smallest value that at least 90 % of the values do not exceed. */
    double p90() {
        List<Double> sorted = sorted();
        return sorted.get((sorted.size() * 9 + 9) / 10 - 1);
    }

    private List<Double> sorted() {
        return values.stream().sorted().toList();
    }
}
