/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When something happened to the sandboxes and containers of one pod, by the steady clock of the worker, which is also the clock
 * of {@link PlannerInput#now}. The times that the runtime shows are of the wall clock, which can be set, and some are unknown;
 * nothing is decided by them. Immutable.
 *
 * @param runs by ID, the instances that have ended
 * @param begun by UID, when the first sandbox of a version was created
 * @param nextSandbox by UID, when another sandbox of a version may be created; absent if it may be at any time
 * @param wallClock how far the wall clock is ahead of the steady one; may be negative
 */
public record PodTimes(
        Map<ContainerId, Run> runs, Map<String, Instant> begun, Map<String, Instant> nextSandbox, Duration wallClock) {

    /** Nothing is known; the times that the runtime shows are taken instead. */
    public static final PodTimes NONE = new PodTimes(Map.of(), Map.of(), Map.of(), Duration.ZERO);

    /**
     * The run of an instance that has ended.
     *
     * @param length how long it ran; null if it never ran, or if that is not known
     * @param end when it ended
     */
    public record Run(@Nullable Duration length, Instant end) {
        public Run {
            Objects.requireNonNull(end, "end");
        }
    }

    public PodTimes {
        runs = Map.copyOf(runs);
        begun = Map.copyOf(begun);
        nextSandbox = Map.copyOf(nextSandbox);
        Objects.requireNonNull(wallClock, "wallClock");
    }

    /** The run of an instance that has ended. */
    Run run(ObservedContainer instance, State.Exited exited, Instant now) {
        Run known = runs.get(instance.id());
        if (known != null) {
            return known;
        }
        Instant end = exited.finishedAt();
        return new Run(length(exited), end == null || end.isAfter(now) ? now : end);
    }

    /** How long an instance ran according to the runtime; null if that is not known. */
    public static @Nullable Duration length(State.Exited exited) {
        return exited.startedAt() == null || exited.finishedAt() == null
                ? null
                : Duration.between(exited.startedAt(), exited.finishedAt());
    }

    /** When the first sandbox of a version was created; empty if it has none. */
    Optional<Instant> begun(String uid) {
        return Optional.ofNullable(begun.get(uid));
    }

    /** What the wall clock shows at a moment of the steady one. */
    Instant wallTime(Instant moment) {
        return moment.plus(wallClock);
    }
}
