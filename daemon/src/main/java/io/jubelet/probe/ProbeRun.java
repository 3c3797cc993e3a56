/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.concurrent.DurationHistogram;
import io.jubelet.pod.Probe;
import java.util.Optional;

/**
 * One probe of one container instance: when its next attempt is due, and the result of its attempts
 * so far. Pure arithmetic; guarded by the lock of {@link ProbeScheduler}.
 *
 * <p>Times are in nanoseconds of a monotonic clock. Attempts are due on a grid of one period that
 * starts with the first attempt. After an attempt that takes longer than a period, one other
 * follows at once, as with a ticker in Go.
 */
final class ProbeRun {

    /**
     * How many characters of the message of a result are kept, one message for each probe. Statuses
     * and events show no more.
     */
    private static final int MAX_MESSAGE = 1024;

    final ProbedContainer container;
    final Probe.Kind kind;
    final Probe probe;
    private final long period;

    /** The start of the grid; no attempt is made before. */
    private final long notBefore;

    private long due;
    private long begunAt;
    private boolean inProgress;
    private boolean ended;
    private Optional<Boolean> result;
    private String message = "";
    private boolean lastHealthy;
    private int consecutive;
    private long succeeded;
    private long failed;
    private long unknown;
    private final DurationHistogram durations = new DurationHistogram();

    /**
     * @param first when the first attempt is due
     * @param seed the result until attempts change it
     */
    ProbeRun(ProbedContainer container, Probe.Kind kind, Probe probe, long first, Optional<Boolean> seed) {
        this.container = container;
        this.kind = kind;
        this.probe = probe;
        this.period = probe.period().toNanos();
        this.notBefore = first;
        this.due = first;
        this.result = seed;
        // A container that has started needs no startup probe.
        this.ended = kind == Probe.Kind.STARTUP && seed.isPresent();
    }

    /** The last published result, healthy or not; empty before a startup probe has a result. */
    Optional<Boolean> result() {
        return result;
    }

    /** The message of the attempt that made the result. */
    String message() {
        return message;
    }

    long due() {
        return due;
    }

    /** Whether an attempt can become due. */
    boolean canBecomeDue() {
        return !ended && !inProgress;
    }

    /** Makes no more attempts, except for the one in progress. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    /**
     * Starts an attempt. A grid that was not used for long, because the container had not started,
     * starts again.
     */
    void begin(long now) {
        inProgress = true;
        begunAt = now;
        if (now - due >= period) {
            due = now;
        }
    }

    /**
     * Starts a new grid now, unless it is too early.
     *
     * @return whether an attempt is due now that was not before
     */
    boolean runNow(long now) {
        if (!canBecomeDue() || now < notBefore || due <= now) {
            return false;
        }
        due = now;
        return true;
    }

    /**
     * Records the result of an attempt.
     *
     * @return whether the published result has changed
     */
    boolean finish(Outcome outcome, long now) {
        inProgress = false;
        if (!ended) {
            count(outcome.verdict(), now - begunAt);
        }
        long missed = (now - due) / period;
        due += missed < 1 ? period : missed * period;
        if (ended) {
            return false;
        }
        return switch (outcome.verdict()) {
            case SUCCESS, WARNING -> count(true, outcome.message());
            case FAILURE -> count(false, outcome.message());
            case ERROR -> false;
        };
    }

    /** As in the kubelet, the durations of failures do not count. */
    private void count(Outcome.Verdict verdict, long nanos) {
        switch (verdict) {
            case SUCCESS, WARNING -> succeeded++;
            case FAILURE -> failed++;
            case ERROR -> unknown++;
        }
        if (verdict != Outcome.Verdict.FAILURE) {
            durations.record(nanos);
        }
    }

    /** How its attempts ended so far. */
    ProbeStatistics statistics() {
        return new ProbeStatistics(
                container.pod,
                container.version.uid(),
                container.target.spec().name(),
                kind,
                new ProbeStatistics.Results(succeeded, failed, unknown),
                durations.snapshot());
    }

    private boolean count(boolean healthy, String output) {
        consecutive = healthy == lastHealthy ? consecutive + 1 : 1;
        lastHealthy = healthy;
        if (consecutive < (healthy ? probe.successThreshold() : probe.failureThreshold())) {
            return false;
        }
        boolean changed = !result.equals(Optional.of(healthy));
        result = Optional.of(healthy);
        message = output.length() <= MAX_MESSAGE ? output : output.substring(0, MAX_MESSAGE);
        if (kind == Probe.Kind.STARTUP || (kind == Probe.Kind.LIVENESS && !healthy)) {
            ended = true; // the next instance has a run of its own
        }
        return changed;
    }
}
