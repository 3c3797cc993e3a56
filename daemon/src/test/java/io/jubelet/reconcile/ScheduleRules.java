/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.simulated.SimulatedCall;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** The invariants of a schedule: after each step, at each call, and at the end. */
final class ScheduleRules {

    private final ScheduleWorld world;
    private final AtomicInteger mutations = new AtomicInteger();
    /** The containers of versions that have run. */
    private final Set<String> ran = ConcurrentHashMap.newKeySet();

    private final AtomicInteger successions = new AtomicInteger();

    ScheduleRules(ScheduleWorld world) {
        this.world = world;
    }

    /** How often a version started whose sandbox had been prepared beside the one before. */
    int successions() {
        return successions.get();
    }

    // --- after each step

    /** I1, and what was found meanwhile. */
    void checkOneOfEach() {
        world.checkViolations();
        Map<String, String> versions = new HashMap<>();
        Set<String> live = new HashSet<>();
        checkRestarts();
        for (Container container : world.running()) {
            world.order.running(container);
            String pod = world.version(container).name().toString();
            String uid = ScheduleWorld.uid(container);
            String other = versions.putIfAbsent(pod, uid);
            assertTrue(other == null || other.equals(uid), "I1: versions " + other + " and " + uid + " live at once");
            assertTrue(
                    live.add(pod + "/" + container.metadata().name()),
                    "I1: two instances of " + container.metadata().name() + " live in " + pod);
        }
    }

    /** An instance is a restart only if an earlier one has run. */
    private void checkRestarts() {
        for (Container container : world.runtime.containers()) {
            assertTrue(
                    container.metadata().attempt() == 0 || ran.contains(instances(container)),
                    () -> container.metadata().name() + " of " + ScheduleWorld.uid(container)
                            + " is restarted before it ever ran");
        }
    }

    private static String instances(Container container) {
        return ScheduleWorld.uid(container) + "/" + container.metadata().name();
    }

    // --- at the end

    /** I3, and that a pod that does not run cannot run, and that a pod that has ended leaves nothing behind. */
    void checkAllIsWell(ScheduleDaemon daemon) {
        Set<String> uids = new HashSet<>();
        for (Pod pod : world.wanted.values()) {
            uids.add(pod.uid());
            boolean waits = world.scarce
                    && !world.ended(pod.uid())
                    && world.runtime.sandboxes().stream()
                            .noneMatch(s -> s.metadata().uid().equals(pod.uid()) && s.state() == PodSandboxState.READY);
            if (waits) {
                assertTrue(
                        !world.shares.fits(pod),
                        () -> "no other pod conflicts with " + pod.uid() + ", which waits: " + world.shares.describe()
                                + daemon.rejections);
                // An update that has to wait: what it replaces runs on.
                world.shares.before(pod).ifPresent(old -> {
                    uids.add(old.uid());
                    checkWell(old);
                });
            } else {
                checkWell(pod);
            }
        }
        for (Container container : world.running()) {
            assertTrue(!daemon.probes.failed(container), "liveness: " + container + " was not stopped");
        }
        daemon.hooks.checkAllIsWell();
        for (PodSandbox sandbox : world.runtime.sandboxes()) {
            String uid = sandbox.metadata().uid();
            assertTrue(
                    uids.contains(uid),
                    () -> "left over: " + sandbox + " with "
                            + world.runtime.containers().stream()
                                    .filter(c -> ScheduleWorld.uid(c).equals(uid))
                                    .toList());
        }
    }

    private void checkWell(Pod pod) {
        List<Container> own = world.runtime.containers().stream()
                .filter(c -> ScheduleWorld.uid(c).equals(pod.uid()))
                .toList();
        if (pod.spec().activeDeadline().isPresent()) { // and may have been over before its first container was made
            assertTrue(own.stream().noneMatch(c -> c.state() == ContainerState.RUNNING), "its time is over");
            return;
        }
        assertTrue(!own.isEmpty() || world.ended(pod.uid()), () -> "I3: " + pod.uid() + " was run");
        if (pod.spec().restartPolicy() == RestartPolicy.Always) {
            checkRuns(pod, own);
        }
    }

    private static void checkRuns(Pod pod, List<Container> own) {
        for (ContainerSpec spec : pod.spec().allContainers().toList()) {
            boolean done =
                    pod.spec().initContainers().contains(spec) && !pod.spec().isSidecar(spec);
            assertEquals(
                    done ? 0 : 1,
                    own.stream()
                            .filter(c -> c.metadata().name().equals(spec.name()) && c.state() == ContainerState.RUNNING)
                            .count(),
                    "I3: " + spec.name() + " of " + pod.uid() + " runs");
        }
    }

    /** I2: counts from now on. */
    void expectNoChange() {
        mutations.set(0);
    }

    void checkNoChange() {
        assertEquals(0, mutations.get(), "I2: a restarted daemon changed something");
    }

    /** Nothing is left of versions that were prepared or ran. */
    void checkNoDirectoriesAreLeft() {
        Set<String> left = new TreeSet<>(world.files.uids());
        world.wanted.values().forEach(pod -> left.remove(pod.uid()));
        world.runtime
                .sandboxes()
                .forEach(sandbox -> left.remove(sandbox.metadata().uid()));
        assertEquals(Set.of(), left, "directories are left over");
    }

    // --- of each call

    /** A call that begins, of which {@code daemon} is the caller. */
    void called(SimulatedCall call, ScheduleDaemon daemon) {
        switch (call.operation()) {
            case "StopContainer" -> {
                mutations.incrementAndGet();
                subject(call).ifPresent(container -> {
                    checkMayStop(container, daemon);
                    daemon.hooks.checkStop(container);
                    if (!daemon.probes.failed(container) && !daemon.hooks.failed(container)) {
                        checkTurn(container, world.order::brokenByStop);
                    }
                });
            }
            case "StartContainer" -> {
                mutations.incrementAndGet();
                subject(call).ifPresent(container -> {
                    if (world.ended(ScheduleWorld.uid(container))) {
                        world.violated("over: " + container.metadata().name() + " of " + ScheduleWorld.uid(container)
                                + " is started although its pod has ended");
                    }
                    checkTurn(container, world.order::brokenByStart);
                    countSuccession(container);
                    daemon.hooks.checkStart(container);
                });
            }
            case "StopPodSandbox" -> {
                mutations.incrementAndGet();
                world.running().stream()
                        .filter(c -> c.podSandboxId().value().equals(call.subject()))
                        .forEach(container -> {
                            checkMayStop(container, daemon);
                            daemon.hooks.checkStop(container);
                        });
            }
            case "RunPodSandbox", "CreateContainer", "RemovePodSandbox", "RemoveContainer" ->
                mutations.incrementAndGet();
            default -> {
                return;
            }
        }
    }

    /** A call that had its effect. */
    void done(SimulatedCall call, ScheduleDaemon daemon) {
        if (call.operation().equals("RunPodSandbox")) {
            begunAfresh();
        } else if (call.operation().equals("StartContainer")) {
            subject(call).ifPresent(container -> {
                ran.add(instances(container));
                daemon.hooks.started(container);
            });
        }
    }

    private void countSuccession(Container container) {
        Pod pod = world.version(container);
        boolean prepared = !ran.contains(instances(container))
                && world.runtime.sandboxes().stream()
                        .anyMatch(s -> s.state() == PodSandboxState.READY
                                && !s.metadata().uid().equals(pod.uid())
                                && world.everWanted
                                        .get(s.metadata().uid())
                                        .name()
                                        .equals(pod.name()));
        if (prepared) {
            successions.incrementAndGet();
        }
    }

    private Optional<Container> subject(SimulatedCall call) {
        return world.runtime.containers().stream()
                .filter(c -> c.id().value().equals(call.subject()))
                .findFirst();
    }

    /** A version that is wanted and has just one sandbox is a new life, which has to be respected. */
    private void begunAfresh() {
        for (Pod pod : world.wanted.values()) {
            long sandboxes = world.runtime.sandboxes().stream()
                    .filter(s -> s.metadata().uid().equals(pod.uid()))
                    .count();
            long containers = world.runtime.containers().stream()
                    .filter(c -> ScheduleWorld.uid(c).equals(pod.uid()))
                    .count();
            if (sandboxes == 1 && containers == 0) {
                world.mayEnd.remove(pod.uid());
                world.ending.remove(pod.uid());
            }
        }
    }

    /**
     * I4: a running container is stopped only because its version is not wanted, or something newer replaces it, or a probe
     * or hook of this very instance has failed.
     */
    private void checkMayStop(Container container, ScheduleDaemon daemon) {
        if (container.state() != ContainerState.RUNNING) {
            return;
        }
        checkSuccessor(container, daemon);
        String uid = ScheduleWorld.uid(container);
        boolean isWanted =
                world.wanted.values().stream().anyMatch(pod -> pod.uid().equals(uid));
        boolean sandboxDead = world.runtime.sandboxes().stream()
                .noneMatch(s -> s.id().equals(container.podSandboxId()) && s.state() == PodSandboxState.READY);
        boolean asked = daemon.probes.failed(container) || daemon.hooks.failed(container);
        if (isWanted
                && !world.mayEnd.contains(uid)
                && !sandboxDead
                && !asked
                && !replaced(container)
                && !over(container)) {
            world.violated("I4: " + container.metadata().name() + " of " + uid + " is stopped without need");
        }
    }

    /** I4: an edit stops a version only when a version that replaces it has what can be made beforehand. */
    private void checkSuccessor(Container container, ScheduleDaemon daemon) {
        String uid = ScheduleWorld.uid(container);
        Pod stopped = world.version(container);
        Pod next = world.wanted.get(stopped.name());
        boolean sandboxDead = world.runtime.sandboxes().stream()
                .noneMatch(s -> s.id().equals(container.podSandboxId()) && s.state() == PodSandboxState.READY);
        boolean edited = next != null && !next.uid().equals(uid);
        if (!edited
                || sandboxDead
                || daemon.probes.failed(container)
                || daemon.hooks.failed(container)
                || replaced(container)
                || over(container)
                || !world.ending.add(uid)) {
            return;
        }
        boolean prepared = world.everWanted.values().stream()
                .filter(pod -> pod.name().equals(stopped.name()) && !pod.uid().equals(uid))
                .anyMatch(pod -> world.files.prepared(pod.uid()));
        if (!prepared) {
            world.violated("I4: " + uid + " is stopped, and no version is prepared that could replace it");
        }
    }

    private boolean replaced(Container container) {
        String uid = ScheduleWorld.uid(container);
        return world.runtime.containers().stream()
                        .anyMatch(c -> ScheduleWorld.uid(c).equals(uid)
                                && c.metadata()
                                        .name()
                                        .equals(container.metadata().name())
                                && c.metadata().attempt() > container.metadata().attempt())
                || world.runtime.sandboxes().stream()
                                .filter(s -> s.metadata().uid().equals(uid))
                                .count()
                        > 1;
    }

    /** Its pod's time is over, or it is a sidecar and all that it served has ended. */
    private boolean over(Container container) {
        String uid = ScheduleWorld.uid(container);
        PodSpec spec = world.version(container).spec();
        // A daemon knows the age of what an earlier one has made only by a clock that was set.
        boolean late = spec.activeDeadline().isPresent()
                && (world.clockFaults
                        || world.removedByHand.contains(uid)
                        || world.runtime.sandboxes().stream()
                                .filter(s -> s.metadata().uid().equals(uid))
                                .anyMatch(s -> !s.createdAt()
                                        .plus(spec.activeDeadline().get())
                                        .isAfter(world.time.instant())));
        boolean servesNobody = container.metadata().name().startsWith("s")
                && spec.restartPolicy() == RestartPolicy.Never
                && world.running().stream()
                        .noneMatch(c -> ScheduleWorld.uid(c).equals(uid)
                                && !c.metadata().name().startsWith("s"));
        return late || servesNobody;
    }

    private void checkTurn(Container container, BiFunction<Container, Pod, Optional<String>> check) {
        check.apply(container, world.version(container))
                .ifPresent(broken -> world.violated("order: " + broken + " in " + ScheduleWorld.uid(container)));
    }
}
