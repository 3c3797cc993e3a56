package io.jubelet.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What was measured, in the order it was measured, and what it comes to. At least one value. */
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

    /** These, and more of the same. */
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

    /** The middle one, or the mean of the two in the middle. */
    double median() {
        List<Double> sorted = sorted();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** The smallest value which at least nine in ten do not exceed. */
    double p90() {
        List<Double> sorted = sorted();
        return sorted.get((sorted.size() * 9 + 9) / 10 - 1);
    }

    private List<Double> sorted() {
        return values.stream().sorted().toList();
    }
}
