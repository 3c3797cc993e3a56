/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;

/**
 * The two clocks of the node: the wall clock, whose times are for showing and storing, and a steady clock, by which everything
 * waits and is compared. An administrator or NTP can set the wall clock by any amount at any moment; the steady clock only ever
 * runs forward, at the pace of {@link System#nanoTime}. Any thread may use it.
 *
 * <p>Times of the steady clock are only comparable within one process.
 */
public final class NodeClock implements InstantSource {

    private final InstantSource wall;
    private final InstantSource steady;

    /**
     * @param wall the wall clock
     * @param steady a clock that is never set
     */
    public NodeClock(InstantSource wall, InstantSource steady) {
        this.wall = Objects.requireNonNull(wall, "wall");
        this.steady = Objects.requireNonNull(steady, "steady");
    }

    /** The clocks of this machine. The steady one starts with the time of the wall clock. */
    public static NodeClock system() {
        InstantSource wall = InstantSource.system();
        Instant begin = wall.instant();
        long zero = System.nanoTime();
        return new NodeClock(wall, () -> begin.plusNanos(System.nanoTime() - zero));
    }

    /** A wall clock that is never set, and so is steady itself. */
    public static NodeClock neverSet(InstantSource clock) {
        return new NodeClock(clock, clock);
    }

    /** The time of the wall clock. */
    @Override
    public Instant instant() {
        return wall.instant();
    }

    /** The time of the steady clock. */
    public Instant steady() {
        return steady.instant();
    }

    /** The time that the wall clock shows, or showed, at a moment of the steady clock, if it is not set in between. */
    public Instant wallTime(Instant moment) {
        return wall.instant().plus(Duration.between(steady.instant(), moment));
    }

    /**
     * How long ago something happened that was recorded with a time of the wall clock; zero if the wall clock was set back
     * since, so that the time lies in the future.
     */
    public Duration age(Instant recorded) {
        Duration age = Duration.between(recorded, wall.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
