/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.document.FileProblem;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.reconcile.PodView;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the times of conditions across a restart of the daemon. Writes only what the facts of the
 * runtime do not tell.
 *
 * <p>Safe for use by many threads if each pod is used by one thread at a time: its worker.
 *
 * @param load loads the text of a pod version by its UID; empty if none is stored
 * @param save stores a text for a pod version by its UID; may block for a small file
 */
public record ConditionTimesStore(Load load, Save save) {

    private static final Logger LOG = LoggerFactory.getLogger(ConditionTimesStore.class);

    /** Reads what was saved. */
    @FunctionalInterface
    public interface Load {

        /** The text that was saved for a pod version, by its UID; empty when there is none. */
        Optional<String> of(String uid) throws IOException;
    }

    /** Saves a text. */
    @FunctionalInterface
    public interface Save {

        /** Saves a text for a pod version, by its UID. */
        void of(String uid, String text) throws IOException;
    }

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
        Optional<ConditionTimes> known = load(report.uid()).flatMap(ConditionTimes::parse);
        return stored(report, known.map(facts::mergedWith).orElse(facts), facts);
    }

    /**
     * Writes nothing if the facts of the runtime have always been sufficient, or if the same text
     * is stored already.
     */
    private PodReport stored(PodReport report, ConditionTimes now, ConditionTimes facts) {
        Optional<String> there = load(report.uid());
        boolean upToDate = now.equals(facts) && !now.hasUnreadyContainers() && there.isEmpty();
        if (!upToDate && !there.equals(Optional.of(now.text()))) {
            save(report.uid(), now.text());
        }
        return report.with(now);
    }

    /** What the probes of a container said before the daemon restarted; empty when nothing was saved. */
    public Optional<ContainerHealth> health(String uid, String container) {
        return load(uid).flatMap(ConditionTimes::parse).flatMap(before -> before.health(container));
    }

    private Optional<String> load(String uid) {
        try {
            return load.of(uid);
        } catch (IOException e) {
            LOG.warn("cannot read the condition times of pod version {}: {}", uid, FileProblem.of(e));
            return Optional.empty();
        }
    }

    private void save(String uid, String text) {
        try {
            save.of(uid, text);
        } catch (IOException e) {
            LOG.warn("cannot save the condition times of pod version {}: {}", uid, FileProblem.of(e));
        }
    }
}
