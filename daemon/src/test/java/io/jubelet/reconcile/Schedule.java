/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One seeded schedule: real workers, observer and executor on a simulated runtime, one step at a time, with everything
 * that can happen to them in between.
 */
final class Schedule {

    private static final List<String> OPERATIONS = List.of(
            "RunPodSandbox",
            "CreateContainer",
            "StartContainer",
            "StopContainer",
            "StopPodSandbox",
            "RemovePodSandbox",
            "RemoveContainer",
            "ListPodSandbox",
            "ListContainers",
            "ContainerStatus",
            "ImageStatus",
            "PullImage");

    private final long seed;
    private final ScheduleWorld world;
    private final ScheduleRules rules;
    private final DeterministicScheduler scheduler;
    private final Random random;
    /** Containers whose start the runtime has not ended since the daemon that requested it was killed. */
    private final Set<ContainerId> abandoned = new HashSet<>();

    private ScheduleDaemon daemon;

    Schedule(long seed, Path directory) {
        this.seed = seed;
        this.world = new ScheduleWorld(seed, directory);
        this.rules = new ScheduleRules(world);
        this.scheduler = world.scheduler;
        this.random = world.random;
        world.runtime.onCall(this::onCall);
    }

    /**
     * Runs some random steps, then lets everything settle, and checks.
     *
     * @return how often a version started whose sandbox had been prepared beside the one before
     */
    int run(int steps) {
        try {
            begin();
            for (int i = 0; i < steps; i++) {
                step();
                check();
            }
            settle();
            rules.checkAllIsWell(daemon);
            checkARestartedDaemonDoesNothing();
            return rules.successions();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + " (replay with -Djubelet.test.seed=" + seed + "): " + e.getMessage() + "\n"
                            + String.join("\n", world.history()),
                    e);
        } finally {
            scheduler.killAll();
        }
    }

    private void begin() {
        try {
            daemon = new ScheduleDaemon(world);
        } catch (UncheckedIOException e) {
            assertTrue(!world.files.permitsStart(), () -> "I4: the daemon does not start: " + e.getMessage());
            world.note("the daemon cannot start before the disk can be used again: " + e.getMessage());
            world.files.heal();
            daemon = new ScheduleDaemon(world);
        }
        world.order.daemonBegins();
        daemon.begin();
    }

    private void check() {
        rules.checkOneOfEach();
        world.shares.check();
        daemon.hooks.checkTime();
    }

    private void onCall(SimulatedCall call) {
        if (call.phase() == SimulatedCall.Phase.START) {
            scheduler.pass(call.operation() + " " + call.subject());
            rules.called(call, daemon);
            if (call.operation().equals("ExecSync")) {
                world.runtime.containers().stream()
                        .filter(c -> c.id().value().equals(call.subject()))
                        .findFirst()
                        .ifPresent(c -> daemon.hooks.exec(c.id()));
            }
        } else if (call.phase() == SimulatedCall.Phase.END) {
            rules.done(call, daemon);
            scheduler.pass(call.operation() + " answered");
        }
    }

    // --- one step

    private void step() {
        if (!abandoned.isEmpty() && random.nextInt(40) == 0) {
            endAbandonedStarts();
        }
        List<PodName> ready = daemon.ready();
        int dice = random.nextInt(100);
        if (dice < 48 && !scheduler.runnable().isEmpty()) {
            runOne();
        } else if (dice < 70 && !ready.isEmpty()) {
            daemon.turn(ready.get(random.nextInt(ready.size())));
        } else if (dice < 75) {
            edit();
        } else if (dice < 79) {
            crashSomething();
        } else if (dice < 81) {
            fault();
        } else if (dice < 82) {
            world.files.change();
        } else if (dice < 84) {
            world.note("the daemon is killed");
            scheduler.killAll();
            interruptStarts();
            if (random.nextInt(3) == 0) {
                world.files.heal(); // the disk remembers what is ours under another name
                world.renameHost();
            } else if (world.renamed()) {
                world.files.moveBack(); // the directories of pods tell which name a version was made under
            }
            begin();
        } else if (dice < 85) {
            world.note("the runtime goes away and comes back");
            daemon.hooks.runtimeGoesDown();
            world.runtime.goDown();
            for (int i = random.nextInt(3); i > 0 && !scheduler.runnable().isEmpty(); i--) {
                runOne();
            }
            world.runtime.comeBack();
        } else if (dice < 92) {
            if (daemon.probes.change(4)) {
                daemon.wakeAll();
            }
        } else if (dice < 93 && world.clockFaults) {
            world.clocks.fault();
        } else if (dice < 94) {
            removeByHand();
        } else {
            advance();
        }
    }

    private void runOne() {
        List<DeterministicScheduler.Actor> runnable = scheduler.runnable();
        run(runnable.get(random.nextInt(runnable.size())));
    }

    private void run(DeterministicScheduler.Actor actor) {
        world.note(actor.parkedAt());
        scheduler.run(actor);
    }

    private void edit() {
        PodName name = SchedulePods.name(world.scarce, random);
        Pod before = world.wanted.get(name);
        if (before != null) {
            world.mayEnd.add(before.uid());
        }
        if (before != null && random.nextInt(3) == 0) {
            world.note("remove " + name);
            world.everWanted.values().stream()
                    .filter(pod -> pod.name().equals(name))
                    .forEach(pod -> world.ending.add(pod.uid()));
            world.wanted.remove(name);
        } else {
            Pod pod = world.onNode(SchedulePods.shape(name, world.scarce, random));
            world.note("want " + name + " " + pod.uid());
            world.wanted.put(name, pod);
        }
        daemon.wantedChanged(name);
    }

    private void crashSomething() {
        List<Container> running = world.running();
        List<PodSandbox> ready = readySandboxes();
        if (!running.isEmpty() && random.nextInt(4) > 0) {
            Container victim = running.get(random.nextInt(running.size()));
            world.note("crash " + victim.metadata().name() + " of " + ScheduleWorld.uid(victim));
            int exitCode = random.nextInt(5) == 0 ? ScheduleWorld.RESTARTS_ALL : random.nextInt(2) == 0 ? 0 : 137;
            world.order.exited(victim, exitCode);
            if (exitCode == ScheduleWorld.RESTARTS_ALL) {
                world.mayEnd.add(ScheduleWorld.uid(victim));
            }
            world.runtime.exit(victim.id(), exitCode);
        } else if (!ready.isEmpty()) {
            killSandbox(ready.get(random.nextInt(ready.size())));
        }
        if (random.nextInt(5) > 0) {
            daemon.wakeAll();
        }
    }

    private List<PodSandbox> readySandboxes() {
        return world.runtime.sandboxes().stream()
                .filter(s -> s.state() == PodSandboxState.READY)
                .toList();
    }

    private void killSandbox(PodSandbox victim) {
        world.note("kill sandbox of " + victim.metadata().uid());
        world.runtime.killSandbox(victim.id());
    }

    /** What a daemon was starting when it was killed might never run; the runtime ends it at once, or while the next one looks. */
    private void interruptStarts() {
        for (Container container : world.runtime.containers()) {
            if (container.state() == ContainerState.CREATED && random.nextBoolean()) {
                abandoned.add(container.id());
                world.note("the start of " + container.metadata().name() + " is abandoned");
                world.runtime.abandonStart(container.id());
            }
        }
        if (random.nextBoolean()) {
            endAbandonedStarts();
        }
    }

    private void endAbandonedStarts() {
        for (Container container : world.runtime.containers()) {
            if (abandoned.contains(container.id())) {
                world.note("the start of " + container.metadata().name() + " is interrupted");
                world.runtime.interruptStart(container.id());
            }
        }
        abandoned.clear();
    }

    /** An administrator removes a container or a sandbox that has ended. */
    private void removeByHand() {
        RuntimeService runtime = world.runtime.runtimeService();
        List<Container> dead = world.runtime.containers().stream()
                .filter(c -> c.state() == ContainerState.EXITED)
                .toList();
        List<PodSandbox> ended = world.runtime.sandboxes().stream()
                .filter(s -> s.state() == PodSandboxState.NOT_READY && world.livesNothingOf(s))
                .toList();
        try {
            removeByHand(runtime, dead, ended);
        } catch (CriException e) {
            world.note("that fails: " + e.getMessage());
        }
        daemon.wakeAll();
    }

    private void removeByHand(RuntimeService runtime, List<Container> dead, List<PodSandbox> ended) {
        if (!dead.isEmpty() && random.nextBoolean()) {
            Container victim = dead.get(random.nextInt(dead.size()));
            world.note("remove " + victim.metadata().name() + " of " + ScheduleWorld.uid(victim) + " by hand");
            runtime.removeContainer(victim.id());
        } else if (!ended.isEmpty()) {
            PodSandbox victim = ended.get(random.nextInt(ended.size()));
            world.note("remove the sandbox of " + victim.metadata().uid() + " by hand");
            world.removedByHand.add(victim.metadata().uid());
            runtime.removePodSandbox(victim.id());
        }
    }

    private void fault() {
        String operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
        switch (random.nextInt(4)) {
            case 0 -> world.runtime.faults().loseResponse(operation);
            case 1 ->
                world.runtime.faults().failBefore(operation, o -> new CriException.DeadlineExceeded(o, "too slow"));
            case 2 ->
                world.runtime.faults().failAfter(operation, o -> new CriException.DeadlineExceeded(o, "too slow"));
            default ->
                world.runtime.faults().failBefore(operation, o -> new CriException.Failed(o, "it does not like it"));
        }
        world.note("the next " + operation + " fails");
    }

    // --- time

    private void advance() {
        Instant next = daemon.nextDue().orElse(Instant.MAX);
        Instant some = world.time.instant().plusMillis(random.nextInt(2000));
        advanceTo(random.nextBoolean() && next.isBefore(Instant.MAX) ? next : some);
    }

    /** Threads are fast compared with what they wait for, so everything that is due runs before time advances. */
    private void advanceTo(Instant moment) {
        while (world.time.instant().isBefore(moment)) {
            scheduler.urgent().forEach(this::run);
            Instant next = scheduler.nextUrgent();
            world.time.advanceTo(next.isBefore(moment) ? next : moment);
        }
        scheduler.urgent().forEach(this::run);
        world.note("it is " + world.time.instant());
    }

    // --- the end

    /** From now on the runtime does not fail and manifests do not change, so every worker must come to rest. */
    private void settle() {
        world.runtime.faults().clear();
        endAbandonedStarts();
        world.files.heal();
        comeToRest(Duration.ofMinutes(6));
        for (int i = world.clockFaults ? random.nextInt(3) : 0; i > 0; i--) {
            world.clocks.fault();
            List<PodSandbox> ready = readySandboxes();
            if (!ready.isEmpty()) {
                killSandbox(ready.get(random.nextInt(ready.size())));
            }
            removeByHand();
            comeToRest(Duration.ofMinutes(6));
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            if (daemon.probes.change(2)) {
                daemon.wakeAll();
                comeToRest(Duration.ofMinutes(6));
            }
        }
        world.settling = true;
        comeToRest(Duration.ofMinutes(30));
    }

    /** @param quiet longer than anything waits, unless it waits for ever */
    private void comeToRest(Duration quiet) {
        Instant start = world.time.instant();
        for (int i = 0; i < 20_000; i++) {
            if (!scheduler.runnable().isEmpty()) {
                run(scheduler.runnable().getFirst());
            } else if (!daemon.ready().isEmpty()) {
                daemon.turn(daemon.ready().getFirst());
            } else if (daemon.probes.allWell() || endInitContainers()) {
                daemon.wakeAll();
            } else if (Duration.between(start, world.time.instant()).compareTo(quiet) > 0) {
                return;
            } else {
                Instant due = daemon.nextDue().orElse(start.plus(quiet).plusSeconds(1));
                Instant urgent = scheduler.nextUrgent();
                advanceTo(urgent.isBefore(due) ? urgent : due);
            }
            check();
        }
        throw new AssertionError("nothing comes to rest");
    }

    /** Completes every running init container; returns whether there was one. */
    private boolean endInitContainers() {
        List<Container> running = world.running().stream()
                .filter(c -> c.metadata().name().startsWith("i"))
                .toList();
        for (Container init : running) {
            world.note(init.metadata().name() + " of " + ScheduleWorld.uid(init) + " has done its work");
            world.order.exited(init, 0);
            world.runtime.exit(init.id(), 0);
        }
        return !running.isEmpty();
    }

    private void checkARestartedDaemonDoesNothing() {
        world.note("the daemon is restarted");
        scheduler.killAll();
        begin();
        rules.expectNoChange();
        daemon.names().forEach(daemon::turn);
        while (!scheduler.runnable().isEmpty()) {
            run(scheduler.runnable().getFirst());
        }
        rules.checkNoChange();
        rules.checkNoDirectoriesAreLeft();
    }
}
