package io.jubelet.status;

import io.jubelet.reconcile.PodView;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Keeps the times of conditions across a restart of the daemon. Writes only what the facts of the
 * runtime do not tell.
 *
 * <p>Safe for use by many threads if each pod is used by one thread at a time: its worker.
 *
 * @param load loads the text of a pod version by its UID; empty if none is stored
 * @param save stores a text for a pod version by its UID; may block for a small file
 */
public record ConditionTimesStore(Function<String, Optional<String>> load, BiConsumer<String, String> save) {

    /** Stores nothing. */
    public static final ConditionTimesStore NONE = new ConditionTimesStore(_ -> Optional.empty(), (_, _) -> {});

    public ConditionTimesStore {
        Objects.requireNonNull(load, "load");
        Objects.requireNonNull(save, "save");
    }

    /** Returns the report with the times of its conditions, if these have to be stored. */
    PodReport withConditionTimes(PodReport report) {
        PodView view = report.view();
        if (!ConditionTimes.needed(view) || (report.conditionTimes().isEmpty() && ConditionTimes.tooEarly(view))) {
            return report;
        }
        ConditionTimes facts = PodStatusBuilder.facts(report);
        if (report.conditionTimes().isPresent()) {
            ConditionTimes before = report.conditionTimes().get();
            ConditionTimes now = before.updated(facts, view);
            return now.equals(before) && now.equals(facts) ? report : stored(report, now, facts);
        }
        Optional<ConditionTimes> known = load.apply(report.uid()).flatMap(ConditionTimes::parse);
        return stored(report, known.map(facts::mergedWith).orElse(facts), facts);
    }

    /**
     * Writes nothing if the facts of the runtime have always told everything, or if the same text
     * is stored already.
     */
    private PodReport stored(PodReport report, ConditionTimes now, ConditionTimes facts) {
        Optional<String> there = load.apply(report.uid());
        boolean upToDate = now.equals(facts) && !now.hasUnreadyContainers() && there.isEmpty();
        if (!upToDate && !there.equals(Optional.of(now.text()))) {
            save.accept(report.uid(), now.text());
        }
        return report.with(now);
    }
}
