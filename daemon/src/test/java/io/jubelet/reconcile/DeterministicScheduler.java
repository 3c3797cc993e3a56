/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.BackgroundTask;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;

/**
 * Lets exactly one of many threads run at a time: the driver resumes an actor, and continues when the actor parks at a CRI call
 * or ends. So a schedule depends on its seed alone.
 */
final class DeterministicScheduler {

    /** Thrown in an actor whose daemon was killed; no code under test catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("the daemon was killed", null, false, false);
        }
    }

    /** One turn of a worker, one pull or one hook, on a thread of its own. */
    final class Actor implements BackgroundTask {
        private final String name;
        private final Semaphore resume = new Semaphore(0);
        private final Thread thread;
        private boolean done;
        private boolean killed;
        private boolean atStart = true;
        private boolean interrupted;
        /** What a parked actor waits for, and for how long. */
        private BooleanSupplier awaited = () -> true;

        private Instant until = Instant.MAX;
        private String parkedAt = "start";
        private Throwable failure;

        private Actor(String name, Runnable work) {
            this.name = name;
            thread = Thread.ofVirtual().name(name).unstarted(() -> {
                resume.acquireUninterruptibly();
                try {
                    if (!killed) {
                        work.run();
                    }
                } catch (Killed e) {
                    parkedAt = "killed";
                } catch (Throwable e) {
                    failure = e;
                } finally {
                    actors.remove(Thread.currentThread());
                    done = true;
                    driver.release();
                }
            });
            actors.put(thread, this);
            thread.start();
        }

        String parkedAt() {
            return name + " at " + parkedAt;
        }

        private boolean runnable() {
            return interrupted || awaited.getAsBoolean() || !time.instant().isBefore(until);
        }

        private void park(String where) {
            park(where, () -> true, Instant.MAX);
        }

        private void park(String where, BooleanSupplier forWhat, Instant noLonger) {
            parkedAt = where;
            awaited = forWhat;
            until = noLonger;
            driver.release();
            resume.acquireUninterruptibly();
            if (killed) {
                throw new Killed();
            }
        }

        @Override
        public boolean awaitEnd(Duration atMost) throws InterruptedException {
            Actor waiting = current();
            waiting.park("the end of " + name, () -> done, time.instant().plus(atMost));
            if (Thread.interrupted()) {
                waiting.interrupted = false;
                throw new InterruptedException(waiting.name);
            }
            return done;
        }

        @Override
        public void interrupt() {
            if (!done) {
                interrupted = true;
                thread.interrupt();
            }
        }

        boolean done() {
            return done;
        }

        /** Whether it was interrupted. */
        boolean interrupted() {
            return interrupted;
        }
    }

    private final InstantSource time;
    private final Semaphore driver = new Semaphore(0);
    private final Map<Thread, Actor> actors = new ConcurrentHashMap<>();
    private final List<Actor> parked = new ArrayList<>();

    DeterministicScheduler(InstantSource time) {
        this.time = time;
    }

    /** Creates an actor that is parked at its start. */
    Actor start(String name, Runnable work) {
        Actor actor = new Actor(name, work);
        parked.add(actor);
        return actor;
    }

    /** The actor of the calling thread; null if the thread is none. */
    Actor current() {
        return actors.get(Thread.currentThread());
    }

    /** Called by code under test at a CRI call. Returns at once in a thread that is no actor, such as the driver. */
    void pass(String where) {
        Actor actor = current();
        if (actor != null) {
            actor.park(where);
        }
    }

    /** As {@link #pass}, for some time. Returns before it is over when the actor is interrupted. */
    void passTime(String where, Duration howLong) {
        current().park(where, () -> false, time.instant().plus(howLong));
    }

    /** Whether an actor has not ended. */
    boolean busy() {
        return !parked.isEmpty();
    }

    /** Actors that can be resumed, in the order of their creation. */
    List<Actor> runnable() {
        return parked.stream().filter(Actor::runnable).toList();
    }

    /** Actors that must run before time advances: they have not begun, or the time that they wait for has come. */
    List<Actor> urgent() {
        return parked.stream()
                .filter(actor -> actor.atStart || !time.instant().isBefore(actor.until))
                .toList();
    }

    /** When the next actor becomes urgent; {@link Instant#MAX} if none will. */
    Instant nextUrgent() {
        return parked.stream().map(actor -> actor.until).min(Instant::compareTo).orElse(Instant.MAX);
    }

    /** Resumes an actor until it parks again or ends. */
    void run(Actor actor) {
        actor.atStart = false;
        actor.resume.release();
        driver.acquireUninterruptibly();
        if (actor.done) {
            parked.remove(actor);
        }
        if (actor.failure != null) {
            throw new AssertionError(actor.name + " failed", actor.failure);
        }
    }

    /** Ends every actor where it is, as kill -9 would. */
    void killAll() {
        while (!parked.isEmpty()) {
            Actor actor = parked.getFirst();
            actor.killed = true;
            run(actor);
        }
    }
}
