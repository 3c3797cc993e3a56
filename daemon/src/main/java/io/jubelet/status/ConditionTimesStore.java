package io.jubelet.status;

import io.jubelet.reconcile.PodView;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Sees that the times of conditions survive a restart of the daemon, writing only what the runtime's facts cannot tell.
 *
 * <p>Safe for use by many threads, as long as each pod is in the hands of one of them at a time: its worker.
 *
 * @param load what was kept of a pod version, by its UID; empty when nothing was
 * @param save keeps a text for a pod version, by its UID; may block for a small file
 */
public record ConditionTimesStore(Function<String, Optional<String>> load, BiConsumer<String, String> save) {

    /** One that forgets. */
    public static final ConditionTimesStore NONE = new ConditionTimesStore(_ -> Optional.empty(), (_, _) -> {});

    public ConditionTimesStore {
        Objects.requireNonNull(load, "load");
        Objects.requireNonNull(save, "save");
    }

    /** A report with the times of its conditions, where they need to be remembered. */
    PodReport remembered(PodReport report) {
        PodView view = report.view();
        if (!ConditionTimes.needed(view) || (report.transitions().isEmpty() && ConditionTimes.tooEarly(view))) {
            return report;
        }
        ConditionTimes facts = PodStatusBuilder.facts(report);
        if (report.transitions().isPresent()) {
            ConditionTimes before = report.transitions().get();
            ConditionTimes now = before.then(facts, view);
            return now.equals(before) && now.equals(facts) ? report : kept(report, now, facts);
        }
        Optional<ConditionTimes> known = load.apply(report.uid()).flatMap(ConditionTimes::parse);
        return kept(report, known.map(facts::or).orElse(facts), facts);
    }

    /** Nothing is written of a pod of which the facts have always told all, nor what is written already. */
    private PodReport kept(PodReport report, ConditionTimes now, ConditionTimes facts) {
        Optional<String> there = load.apply(report.uid());
        boolean told = now.equals(facts) && !now.beyondFacts() && there.isEmpty();
        if (!told && !there.equals(Optional.of(now.text()))) {
            save.accept(report.uid(), now.text());
        }
        return report.with(now);
    }
}
