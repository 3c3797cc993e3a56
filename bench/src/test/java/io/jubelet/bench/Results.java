/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The samples and failures of a run. For use by one thread. */
final class Results {
    private final Map<Metric, Map<Subject, Samples>> samples = new EnumMap<>(Metric.class);
    private final Map<Metric, Map<Subject, String>> failures = new EnumMap<>(Metric.class);

    /** Adds samples to those that were measured before. */
    void add(Metric metric, Subject subject, Samples measured) {
        samples.computeIfAbsent(metric, _ -> new EnumMap<>(Subject.class)).merge(subject, measured, Samples::and);
    }

    /** Records that a metric could not be measured, unless it was measured before. */
    void fail(Metric metric, Subject subject, String reason) {
        if (samples(metric, subject).isEmpty()) {
            failures.computeIfAbsent(metric, _ -> new EnumMap<>(Subject.class)).put(subject, reason);
        }
    }

    Optional<Samples> samples(Metric metric, Subject subject) {
        return Optional.ofNullable(samples.getOrDefault(metric, Map.of()).get(subject));
    }

    Optional<String> failure(Metric metric, Subject subject) {
        return Optional.ofNullable(failures.getOrDefault(metric, Map.of()).get(subject));
    }

    boolean has(Metric metric) {
        return samples.containsKey(metric) || failures.containsKey(metric);
    }

    /** Whether anything of this subject was measured or failed. */
    boolean has(Subject subject) {
        for (Metric metric : Metric.values()) {
            if (samples(metric, subject).isPresent() || failure(metric, subject).isPresent()) {
                return true;
            }
        }
        return false;
    }

    boolean anyTargetMissed() {
        for (Metric metric : Metric.values()) {
            if (TargetStatus.on(metric, this) == TargetStatus.MISSED) {
                return true;
            }
        }
        return false;
    }
}
