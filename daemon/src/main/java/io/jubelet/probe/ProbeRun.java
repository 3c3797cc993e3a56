package io.jubelet.probe;

import io.jubelet.pod.Probe;
import java.util.Optional;

/**
 * One probe of one container instance: when its next attempt is due, and what its attempts so far amount to. Arithmetic
 * only; guarded by the lock of {@link ProbeScheduler}.
 *
 * <p>Times are in nanoseconds of a clock that only goes forward. Attempts are due on a grid of one period that begins with
 * the first of them; one that takes longer than a period is followed at once by one other, as with a ticker in Go.
 */
final class ProbeRun {

    final ProbedContainer container;
    final Probe.Kind kind;
    final Probe probe;
    private final long period;

    /** The beginning of the grid; no attempt is made before. */
    private final long notBefore;

    private long due;
    private boolean underWay;
    private boolean ended;
    private Optional<Boolean> result;
    private String message = "";
    private boolean lastGood;
    private int alike;

    /**
     * @param first when the first attempt is due
     * @param seed the result until attempts say otherwise
     */
    ProbeRun(ProbedContainer container, Probe.Kind kind, Probe probe, long first, Optional<Boolean> seed) {
        this.container = container;
        this.kind = kind;
        this.probe = probe;
        this.period = probe.period().toNanos();
        this.notBefore = first;
        this.due = first;
        this.result = seed;
        // A container that has started is not asked again whether it has.
        this.ended = kind == Probe.Kind.STARTUP && seed.isPresent();
    }

    /** What was published last: healthy or not; empty before a startup probe has said anything. */
    Optional<Boolean> result() {
        return result;
    }

    /** What the attempt said that made the result. */
    String message() {
        return message;
    }

    long due() {
        return due;
    }

    /** Whether an attempt can become due at all. */
    boolean waits() {
        return !ended && !underWay;
    }

    /** No attempt any more, but for the one under way. */
    void end() {
        ended = true;
    }

    boolean ended() {
        return ended;
    }

    /** An attempt begins; a grid that was left for long, because the container had not started, begins anew. */
    void begin(long now) {
        underWay = true;
        if (now - due >= period) {
            due = now;
        }
    }

    /** A new grid from now on, if its time has come. */
    boolean hurry(long now) {
        if (!waits() || now < notBefore || due <= now) {
            return false;
        }
        due = now;
        return true;
    }

    /**
     * Takes what an attempt has shown.
     *
     * @return whether the result has changed
     */
    boolean finish(Outcome outcome, long now) {
        underWay = false;
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

    private boolean count(boolean good, String said) {
        alike = good == lastGood ? alike + 1 : 1;
        lastGood = good;
        if (alike < (good ? probe.successThreshold() : probe.failureThreshold())) {
            return false;
        }
        boolean changed = !result.equals(Optional.of(good));
        result = Optional.of(good);
        message = said;
        if (kind == Probe.Kind.STARTUP || (kind == Probe.Kind.LIVENESS && !good)) {
            ended = true; // until there is another instance, which has a run of its own
        }
        return changed;
    }
}
