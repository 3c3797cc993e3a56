package io.jubelet.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/** What became of a target. */
enum TargetStatus {
    /** Within the deciding bound, and within the absolute one if there is another. */
    MET("met"),
    /** Within the deciding bound, but above what the machine of the targets does. */
    MET_RELATIVELY("met (not the absolute)"),
    /** Above the deciding bound, or not measured because of a failure. */
    MISSED("MISSED"),
    /** Nothing to decide: no target, or not measured. */
    NONE("");

    private final String text;

    TargetStatus(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** The verdict on our daemon for one figure. */
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
