package io.jubelet.bench;

import java.util.Optional;
import java.util.OptionalDouble;

/** What became of a target. */
enum Verdict {
    /** Within the deciding bound, and within the absolute one if there is another. */
    MET("met"),
    /** Within the deciding bound, but above what the machine of the targets does. */
    MET_RELATIVELY("met (not the absolute)"),
    /** Above the deciding bound, or not measured because of a failure. */
    MISSED("MISSED"),
    /** Nothing to decide: no target, or not measured. */
    NONE("");

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    /** The verdict on our daemon for one figure. */
    static Verdict on(Figure figure, Results results) {
        if (results.failure(figure, Subject.JUBELET).isPresent()) {
            return MISSED;
        }
        OptionalDouble value = headline(figure, Subject.JUBELET, results);
        if (value.isEmpty() || figure.limits().isEmpty()) {
            return NONE;
        }
        OptionalDouble floor = headline(figure, Subject.FLOOR, results);
        boolean decided = false;
        for (Limit limit : figure.limits()) {
            OptionalDouble bound = limit.bound(floor);
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

    private static OptionalDouble headline(Figure figure, Subject subject, Results results) {
        Optional<Samples> samples = results.samples(figure, subject);
        return samples.isPresent() ? OptionalDouble.of(figure.headline(samples.get())) : OptionalDouble.empty();
    }
}
