package io.jubelet.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What a run has measured so far. Used by one thread. */
final class Results {
    private final Map<Figure, Map<Subject, Samples>> samples = new EnumMap<>(Figure.class);
    private final Map<Figure, Map<Subject, String>> failures = new EnumMap<>(Figure.class);

    /** Adds to what was measured before. */
    void add(Figure figure, Subject subject, Samples measured) {
        samples.computeIfAbsent(figure, _ -> new EnumMap<>(Subject.class)).merge(subject, measured, Samples::and);
    }

    /** Notes that a figure could not be measured, unless it was measured before. */
    void fail(Figure figure, Subject subject, String reason) {
        if (samples(figure, subject).isEmpty()) {
            failures.computeIfAbsent(figure, _ -> new EnumMap<>(Subject.class)).put(subject, reason);
        }
    }

    Optional<Samples> samples(Figure figure, Subject subject) {
        return Optional.ofNullable(samples.getOrDefault(figure, Map.of()).get(subject));
    }

    Optional<String> failure(Figure figure, Subject subject) {
        return Optional.ofNullable(failures.getOrDefault(figure, Map.of()).get(subject));
    }

    boolean has(Figure figure) {
        return samples.containsKey(figure) || failures.containsKey(figure);
    }

    /** Whether anything of this subject was measured or failed. */
    boolean has(Subject subject) {
        for (Figure figure : Figure.values()) {
            if (samples(figure, subject).isPresent() || failure(figure, subject).isPresent()) {
                return true;
            }
        }
        return false;
    }

    boolean anyMissed() {
        for (Figure figure : Figure.values()) {
            if (Verdict.on(figure, this) == Verdict.MISSED) {
                return true;
            }
        }
        return false;
    }
}
