/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.CriException;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides how long the hooks of a daemon take and how they end, and checks that the worker waits for them. Called by the actor
 * that runs.
 */
final class ScheduleHooks {

    /** A hook whose command was begun. */
    private record Begun(Instant at, DeterministicScheduler.Actor actor) {

        boolean over() {
            return actor.interrupted();
        }
    }

    private final ScheduleWorld world;
    /** preStop hooks that go on, and those that are over but whose container was not stopped yet. */
    private final Map<ContainerId, Begun> beforeStop = new HashMap<>();

    private final Set<ContainerId> mayStop = new HashSet<>();
    private final Map<ContainerId, Begun> afterStart = new HashMap<>();
    private final Set<ContainerId> failed = new HashSet<>();
    /** Containers that were started in this turn, and whose postStart hook has not begun. */
    private final Map<ContainerId, PodName> owed = new HashMap<>();
    /** The last postStart hook of each container that has one, by the name of its thread. */
    private final Map<String, DeterministicScheduler.Actor> postStarts = new HashMap<>();
    /** Containers whose postStart hook has failed, and which were not stopped for it. */
    private final Set<ContainerId> ends = new HashSet<>();

    ScheduleHooks(ScheduleWorld world) {
        this.world = world;
    }

    /** Starts a background task of the daemon, and remembers it if it is a postStart hook. */
    DeterministicScheduler.Actor start(String name, Runnable work) {
        DeterministicScheduler.Actor actor = world.scheduler.start(name, work);
        if (name.startsWith("poststart/")) {
            postStarts.put(name, actor);
        }
        return actor;
    }

    /** Takes the place of the command of a hook. */
    void exec(ContainerId id) {
        DeterministicScheduler.Actor actor = world.scheduler.current();
        if (Thread.currentThread().getName().startsWith("prestop/")) {
            preStop(id, actor);
        } else {
            postStart(id, actor);
        }
    }

    private void preStop(ContainerId id, DeterministicScheduler.Actor actor) {
        Begun begun = new Begun(world.time.instant(), actor);
        mayStop.remove(id);
        beforeStop.put(id, begun);
        try {
            run(id, actor, world.random.nextInt(4) == 0 ? Duration.ofDays(1) : some(10), false);
        } finally {
            // Unless it was abandoned, and its container was stopped already.
            if (beforeStop.remove(id, begun)) {
                mayStop.add(id);
            }
        }
    }

    private void postStart(ContainerId id, DeterministicScheduler.Actor actor) {
        boolean fails = !world.settling && world.random.nextInt(4) == 0;
        afterStart.put(id, new Begun(world.time.instant(), actor));
        owed.remove(id);
        if (fails) {
            failed.add(id);
        }
        try {
            run(id, actor, some(30), fails);
        } finally {
            if (actor.interrupted()) {
                failed.add(id);
            }
            afterStart.remove(id);
            if (fails && !actor.interrupted()) {
                ends.add(id);
            }
        }
    }

    private Duration some(int seconds) {
        return world.random.nextInt(3) == 0 ? Duration.ZERO : Duration.ofMillis(world.random.nextInt(1000 * seconds));
    }

    private void run(ContainerId id, DeterministicScheduler.Actor actor, Duration time, boolean fails) {
        world.note("a hook of " + id + " takes " + time + (fails ? " and fails" : ""));
        world.scheduler.passTime("its end", time);
        if (actor.interrupted()) {
            throw new CriException.Cancelled("ExecSync", "interrupted");
        }
        if (fails) {
            throw new CriException.Failed("ExecSync", "it does not like it");
        }
    }

    /** Hooks whose end cannot be observed have failed. */
    void runtimeGoesDown() {
        failed.addAll(afterStart.keySet());
    }

    /** Whether a container's postStart hook has failed, for which it has to be stopped. */
    boolean failed(Container container) {
        return failed.contains(container.id());
    }

    // --- what must hold

    /** A start was answered; the answer may get lost, and then the turn ends. */
    void started(Container container) {
        if (world.spec(container).hooks().postStart().isPresent()) {
            owed.put(container.id(), world.version(container).name());
        }
    }

    void turnEnded(PodName name) {
        owed.values().removeIf(name::equals);
    }

    /** At the end, each container whose hook has failed was stopped. */
    void checkAllIsWell() {
        for (ContainerId id : ends) {
            world.container(id)
                    .filter(c -> c.state() == ContainerState.RUNNING)
                    .ifPresent(c -> world.violated(
                            "postStart: the hook of " + c.metadata().name() + " has failed, and it runs on"));
        }
        world.checkViolations();
    }

    /** Nothing is started for the first time as long as the hook of one that comes before is not over. */
    void checkStart(Container container) {
        if (container.metadata().attempt() > 0) {
            return;
        }
        for (Container earlier : world.running()) {
            if (earlier.podSandboxId().equals(container.podSandboxId())
                    && comesBefore(earlier, container)
                    && (owed.containsKey(earlier.id()) || ends.contains(earlier.id()) || hookRuns(earlier))) {
                world.violated("postStart: " + container.metadata().name() + " is started before the hook of "
                        + earlier.metadata().name() + " is done");
            }
        }
    }

    private boolean hookRuns(Container container) {
        DeterministicScheduler.Actor hook = postStarts.get("poststart/"
                + world.version(container).name() + "/" + container.metadata().name());
        return hook != null && !hook.done() && !hook.interrupted();
    }

    private boolean comesBefore(Container one, Container other) {
        PodSpec spec = world.version(one).spec();
        List<String> names = spec.allContainers().map(ContainerSpec::name).toList();
        return names.indexOf(one.metadata().name())
                < names.indexOf(other.metadata().name());
    }

    /** A container with a preStop hook is stopped when that is over, or was given up. */
    void checkStop(Container container) {
        ends.remove(container.id());
        boolean withHooks = container.state() == ContainerState.RUNNING
                && world.spec(container).hooks().preStop().isPresent()
                && !world.order.restartedAll(container);
        if (!withHooks) {
            return;
        }
        Begun begun = beforeStop.get(container.id());
        if (begun != null && !begun.over()) {
            world.violated("preStop: " + container.metadata().name() + " is stopped while its hook goes on");
        } else if (begun != null) {
            beforeStop.remove(container.id());
        } else if (!mayStop.remove(container.id())) {
            world.violated("preStop: " + container.metadata().name() + " is stopped without its hook");
        }
    }

    /** No hook goes on for longer than the grace. */
    void checkTime() {
        beforeStop.forEach((id, begun) -> world.container(id).ifPresent(container -> {
            PodSpec spec = world.version(container).spec();
            boolean late =
                    Duration.between(begun.at(), world.time.instant()).compareTo(spec.terminationGracePeriod()) > 0;
            if (late && !begun.over()) {
                world.violated("preStop: the hook of " + container.metadata().name() + " is not given up");
            }
        }));
    }
}
