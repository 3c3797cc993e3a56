/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/** Whether a metric met its targets. */
enum TargetStatus {
    /** Within the first target, and within the absolute one if there is another. */
    MET("met"),
    /** Within the first target, but above the absolute one. */
    MET_RELATIVELY("met (not the absolute)"),
    /** Above the first target, or not measured because of a failure. */
    MISSED("MISSED"),
    /** No target, or not measured. */
    NONE("");

    private final String text;

    TargetStatus(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** The status of a metric of Jubelet. */
    static TargetStatus on(Metric metric, Results results) {
        if (results.failure(metric, Subject.JUBELET).isPresent()) {
            return MISSED;
        }
        OptionalDouble value = headline(metric, Subject.JUBELET, results);
        if (value.isEmpty() || metric.targets().isEmpty()) {
            return NONE;
        }
        OptionalDouble floor = headline(metric, Subject.FLOOR, results);
        boolean decided = false;
        for (Target target : metric.targets()) {
            OptionalDouble bound = target.bound(floor);
            if (bound.isEmpty()) {
                continue;
            }
            if (value.getAsDouble() > bound.getAsDouble()) {
                return decided ? MET_RELATIVELY : MISSED;
            }
            decided = true;
        }
        return decided ? MET : NONE;
    }

    private static OptionalDouble headline(Metric metric, Subject subject, Results results) {
        Optional<Samples> samples = results.samples(metric, subject);
        return samples.isPresent() ? OptionalDouble.of(metric.headline(samples.get())) : OptionalDouble.empty();
    }
}
