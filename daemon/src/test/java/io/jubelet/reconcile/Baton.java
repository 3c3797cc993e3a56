package io.jubelet.reconcile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Lets exactly one of many threads run at a time: the driver hands the baton to an actor, and gets it back when the actor
 * parks at a CRI call or ends. So a schedule is a function of its seed alone.
 */
final class Baton {

    /** Thrown in an actor whose daemon was killed; no code under test catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("the daemon was killed", null, false, false);
        }
    }

    /** One turn of a worker, or one pull, on a thread of its own. */
    final class Actor {
        private final String name;
        private final Semaphore resume = new Semaphore(0);
        private boolean done;
        private boolean killed;
        private String parkedAt = "start";
        private Throwable failure;

        private Actor(String name, Runnable work) {
            this.name = name;
            Thread thread = Thread.ofVirtual().name(name).unstarted(() -> {
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

        private void park(String where) {
            parkedAt = where;
            driver.release();
            resume.acquireUninterruptibly();
            if (killed) {
                throw new Killed();
            }
        }
    }

    private final Semaphore driver = new Semaphore(0);
    private final Map<Thread, Actor> actors = new ConcurrentHashMap<>();
    private final List<Actor> parked = new ArrayList<>();

    /** Makes an actor that is parked at its start. */
    void start(String name, Runnable work) {
        parked.add(new Actor(name, work));
    }

    /** Called by code under test at a CRI call; threads that are no actors, such as the driver's, pass. */
    void pass(String where) {
        Actor actor = actors.get(Thread.currentThread());
        if (actor != null) {
            actor.park(where);
        }
    }

    /** Actors that wait for the baton, in the order they were made. */
    List<Actor> parked() {
        return parked;
    }

    /** Hands the baton to an actor until it parks again or ends. */
    void run(Actor actor) {
        actor.resume.release();
        driver.acquireUninterruptibly();
        if (actor.done) {
            parked.remove(actor);
        }
        if (actor.failure != null) {
            throw new AssertionError(actor.name + " failed", actor.failure);
        }
    }

    /** Ends every actor where it stands, as kill -9 would. */
    void killAll() {
        while (!parked.isEmpty()) {
            Actor actor = parked.getFirst();
            actor.killed = true;
            run(actor);
        }
    }
}
