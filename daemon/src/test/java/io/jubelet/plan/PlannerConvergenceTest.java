/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.WEB;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PlannerInput.Prepared;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * I6: from any observed state, planning and executing repeatedly ends with a plan of nothing, and then every pod is as wanted.
 * {@code -Djubelet.test.states=N} tries another number of states.
 */
class PlannerConvergenceTest {

    private static final String[] UIDS = {"u1", "u2", "u3"};
    private static final String[] CONTAINERS = {"app", "log", "i1", "i2", "s1", "s2"};

    private final PodPlanner planner = new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX));

    @Test
    void everyStateConverges() {
        long seed = Long.getLong("jubelet.test.seed", 20260101L);
        int states = Integer.getInteger("jubelet.test.states", 20_000);
        for (int i = 0; i < states; i++) {
            converge(seed + i);
        }
    }

    private void converge(long seed) {
        Random random = new Random(seed);
        Optional<Pod> wanted = random.nextInt(4) == 0 ? Optional.empty() : Optional.of(pod(random));
        ObservedPod observed = anyState(random);
        PodLifecycle lifecycle = random.nextInt(3) == 0
                ? new PodLifecycle.Terminating(UIDS[random.nextInt(3)], "test")
                : new PodLifecycle.Syncing();
        Optional<Pod> running = random.nextBoolean() ? Optional.of(pod(random)) : Optional.empty();
        Map<String, ImageState> images = new HashMap<>();
        // Directories that were made before, of versions that the runtime may know or not.
        Set<String> made = new HashSet<>(List.of(UIDS).subList(0, random.nextInt(4)));
        Optional<String> ready = Optional.empty();
        Set<ContainerId> created = new HashSet<>();
        boolean oneLives = liveVersions(observed).size() < 2;
        Map<String, PodEnd> ends = new HashMap<>();
        Map<String, Instant> begun = new HashMap<>();
        Instant now = NOW;
        for (int round = 0; round < 300; round++) {
            PodPlan plan = planner.plan(new PlannerInput(
                    new PodVersions(wanted, running),
                    new PlannerInput.History(
                            lifecycle,
                            NOW.minusSeconds(5),
                            Map.of(),
                            new Prepared(made, ready, created),
                            times(observed, begun, now)),
                    observed,
                    TestPods.images(wanted, running, images),
                    Map.of(),
                    new PlannerInput.Limits(Map.of(), ContainerGcPolicy.Retention.DEFAULT, Optional.empty(), ends),
                    now));
            lifecycle = plan.lifecycle();
            if (plan.actions().isEmpty()) {
                Optional<ObservedPod> further = withInitContainersDone(observed, random, now);
                if (further.isPresent()) {
                    observed = further.get();
                    continue;
                }
                if (plan.due().isEmpty()) {
                    assertTrue(
                            wanted.isPresent()
                                    ? made.stream()
                                            .allMatch(uid ->
                                                    uid.equals(wanted.get().uid()))
                                    : made.isEmpty(),
                            "seed " + seed + " leaves directories: " + made);
                    assertWell(wanted, observed, lifecycle, seed);
                    return;
                }
                assertTrue(plan.due().get().isAfter(now), "seed " + seed + ": due in the past without an action");
                now = plan.due().get();
                continue;
            }
            for (PodAction action : plan.actions()) {
                String uid = uid(action, observed);
                String broken = ContainerOrderRules.brokenBy(
                                action,
                                observed,
                                wanted.filter(pod -> pod.uid().equals(uid)).map(Pod::spec))
                        .orElse("");
                assertEquals("", broken, "seed " + seed + ": " + observed);
                if (action instanceof PodAction.PrepareUpdate update) {
                    ready = Optional.of(update.pod().uid());
                    made.add(update.pod().uid());
                } else if (action instanceof PodAction.RemoveDirectories removed) {
                    made.remove(removed.uid());
                }
                observed = execute(action, observed, images, now);
                if (action instanceof PodAction.CreateContainer create) {
                    PodAction.StartContainer instance = create.instance();
                    created.add(observed.newest(instance.pod().uid(), instance.container())
                            .orElseThrow()
                            .id());
                }
                assertTrue(!oneLives || liveVersions(observed).size() < 2, "I1: seed " + seed + ": " + observed);
                if (action instanceof PodAction.RecordEnd record) {
                    ends.put(record.pod().uid(), record.end());
                } else if (action instanceof PodAction.RemoveDirectories remove) {
                    ends.remove(remove.uid());
                }
                assertBreedsNoSandboxes(observed, seed);
            }
        }
        throw new AssertionError("seed " + seed + " does not converge: " + observed);
    }

    private static Set<String> liveVersions(ObservedPod observed) {
        return observed.containers().stream()
                .filter(ObservedContainer::live)
                .map(ObservedContainer::uid)
                .collect(Collectors.toSet());
    }

    private static void assertBreedsNoSandboxes(ObservedPod observed, long seed) {
        assertTrue(observed.sandboxes().size() < 10, "seed " + seed + " breeds sandboxes");
    }

    private static void assertWell(Optional<Pod> wanted, ObservedPod observed, PodLifecycle lifecycle, long seed) {
        String about = "seed " + seed + ": " + observed;
        if (wanted.isEmpty()) {
            assertTrue(observed.isEmpty(), about);
            assertEquals(new PodLifecycle.Terminated(), lifecycle, about);
            return;
        }
        Pod pod = wanted.get();
        assertTrue(observed.otherVersions(pod.uid()).isEmpty(), about);
        List<ObservedSandbox> ready =
                observed.sandboxes().stream().filter(ObservedSandbox::ready).toList();
        Map<String, Long> live = observed.containers().stream()
                .filter(ObservedContainer::live)
                .collect(Collectors.groupingBy(ObservedContainer::name, Collectors.counting()));
        boolean forEver = pod.spec().restartPolicy() == RestartPolicy.Always
                && pod.spec().activeDeadline().isEmpty()
                && pod.spec()
                        .allContainers()
                        .allMatch(c -> c.restart().policy().orElse(RestartPolicy.Always) == RestartPolicy.Always);
        if (forEver) {
            assertEquals(1, ready.size(), about);
            for (ContainerSpec container : pod.spec().allContainers().toList()) {
                boolean runs = !pod.spec().initContainers().contains(container)
                        || pod.spec().isSidecar(container);
                assertEquals(runs ? 1L : null, live.get(container.name()), about);
            }
        } else if (pod.spec().activeDeadline().isPresent()) {
            assertTrue(ready.isEmpty() && live.isEmpty(), about);
        } else {
            assertTrue(ready.size() <= 1, about);
            assertEquals(ready.isEmpty(), live.isEmpty(), about);
        }
        live.forEach((name, count) -> assertEquals(1L, count, about));
        assertFalse(observed.containers().stream().anyMatch(c -> c.state() instanceof State.Unknown), about);
    }

    private static Pod pod(Random random) {
        RestartPolicy policy = RestartPolicy.values()[random.nextInt(3)];
        String uid = UIDS[random.nextInt(3)];
        Pod pod = random.nextBoolean() ? TestPods.pod(uid, policy, "app") : TestPods.pod(uid, policy, "app", "log");
        if (random.nextBoolean()) {
            return pod;
        }
        List<ContainerSpec> inits = Stream.of("i1", "s1", "i2", "s2")
                .filter(_ -> random.nextBoolean())
                .map(name -> name.startsWith("s") ? TestPods.sidecar(name) : restarting(name, random))
                .toList();
        List<ContainerSpec> mains = pod.spec().containers().stream()
                .map(container -> restarting(container.name(), random))
                .toList();
        return TestPods.with(
                pod,
                PodSpec.builder(mains)
                        .initContainers(inits)
                        .restartPolicy(policy)
                        .terminationGracePeriod(TestPods.GRACE)
                        .activeDeadline(
                                random.nextInt(4) == 0 ? Optional.of(Duration.ofSeconds(1100)) : Optional.empty())
                        .build());
    }

    private static ContainerSpec restarting(String name, Random random) {
        Optional<RestartPolicy> policy = random.nextInt(3) > 0 || name.startsWith("i")
                ? Optional.empty()
                : Optional.of(RestartPolicy.values()[random.nextInt(3)]);
        List<ContainerRestart.Rule> rules = random.nextInt(3) > 0
                ? List.of()
                : List.of(new ContainerRestart.Rule(
                        ContainerRestart.Action.values()[random.nextInt(2)],
                        // An init container whose success restarts all never lets the pod get on.
                        name.startsWith("i") || random.nextInt(4) > 0,
                        random.nextBoolean() ? Set.of(42) : Set.of(1, 143)));
        return TestPods.spec(name).restart(new ContainerRestart(policy, rules)).build();
    }

    /** Every init container that runs ends, mostly well; empty when none runs. */
    private static Optional<ObservedPod> withInitContainersDone(ObservedPod observed, Random random, Instant now) {
        ObservedPod after = observed;
        for (ObservedContainer container : observed.containers()) {
            if (container.name().startsWith("i") && container.state() instanceof State.Running) {
                int exitCode = random.nextInt(4) == 0 ? 1 : 0;
                after = inState(after, container.id(), new State.Exited(now, now, exitCode, "", ""));
            }
        }
        return after.equals(observed) ? Optional.empty() : Optional.of(after);
    }

    private static String uid(PodAction action, ObservedPod observed) {
        return action instanceof PodAction.StopContainers stop
                ? observed.containers().stream()
                        .filter(c ->
                                stop.ids().contains(c.id()) || stop.sidecars().contains(c.id()))
                        .map(ObservedContainer::uid)
                        .findFirst()
                        .orElse("")
                : "";
    }

    private static ObservedPod anyState(Random random) {
        ObservedPod observed = ObservedPod.none(WEB);
        int sandboxes = random.nextInt(5);
        for (int i = 0; i < sandboxes; i++) {
            String uid = UIDS[random.nextInt(3)];
            observed = observed.with(
                    TestPods.sandbox("s" + i, uid, i, random.nextBoolean()).madeAt(anyTime(random)));
            int containers = random.nextInt(4);
            for (int c = 0; c < containers; c++) {
                ObservedContainer made = TestPods.instance(
                        "s" + i,
                        uid,
                        CONTAINERS[random.nextInt(random.nextBoolean() ? 2 : CONTAINERS.length)],
                        random.nextInt(4),
                        anyContainerState(random),
                        Duration.ofSeconds(random.nextInt(3) * 10L));
                observed = observed.with(random.nextInt(4) == 0 ? TestPods.inRound(1, made) : made);
            }
        }
        return observed;
    }

    /** A version begins when its first sandbox is seen. */
    private static PodTimes times(ObservedPod observed, Map<String, Instant> begun, Instant now) {
        observed.sandboxes().forEach(sandbox -> begun.putIfAbsent(sandbox.uid(), now));
        return new PodTimes(Map.of(), begun, Map.of(), Duration.ZERO);
    }

    /** What a runtime shows whose clock was set back or forward, or which was killed while it created a sandbox. */
    private static Instant anyTime(Random random) {
        return random.nextInt(4) == 0 ? null : NOW.minusSeconds(1000 + random.nextInt(20_000));
    }

    private static State anyContainerState(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> new State.Created();
            case 1 -> new State.Unknown();
            case 2, 3 -> TestPods.running();
            default -> TestPods.exited(random.nextInt(4) == 0 ? 42 : random.nextInt(2));
        };
    }

    /** What a faultless runtime would do; a container that is started keeps running. */
    private static ObservedPod execute(
            PodAction action, ObservedPod before, Map<String, ImageState> images, Instant now) {
        return switch (action) {
            case PodAction.EnsureImage a -> {
                images.put(a.image(), new ImageState.Present("sha256:x", now, true));
                yield before;
            }
            case PodAction.PrepareUpdate _ -> before;
            case PodAction.CreateSandbox a ->
                before.with(new ObservedSandbox(
                        new io.jubelet.cri.PodSandboxId("n" + before.sandboxes().size() + "-" + a.attempt()),
                        a.pod().uid(),
                        a.pod().hash(),
                        a.attempt(),
                        true,
                        now,
                        TestPods.GRACE,
                        List.of()));
            case PodAction.StartContainer a -> before.with(made(a, new State.Running(now), now));
            case PodAction.CreateContainer a -> before.with(made(a.instance(), new State.Created(), now));
            case PodAction.StartCreated a -> inState(before, a.id(), new State.Running(now));
            case PodAction.StopContainers a -> {
                ObservedPod after = before;
                for (ContainerId id :
                        Stream.concat(a.ids().stream(), a.sidecars().stream()).toList()) {
                    after = inState(after, id, new State.Exited(now, now, 143, "Error", ""));
                }
                yield after;
            }
            case PodAction.StopSandbox a -> {
                ObservedPod after = before;
                for (ObservedSandbox sandbox : before.sandboxes()) {
                    if (sandbox.id().equals(a.id())) {
                        after = after.with(sandbox.stopped());
                    }
                }
                for (ObservedContainer container : before.containers()) {
                    if (container.sandboxId().equals(a.id()) && container.live()) {
                        after = after.with(container.in(new State.Exited(now, now, 137, "Error", "")));
                    }
                }
                yield after;
            }
            case PodAction.RemoveContainer a -> before.without(a.id());
            case PodAction.RemoveSandbox a -> before.without(a.id());
            case PodAction.EmptyVolumes _ -> before;
            case PodAction.RecordEnd _ -> before;
            case PodAction.RemoveDirectories _ -> before;
        };
    }

    private static ObservedContainer made(PodAction.StartContainer start, State state, Instant now) {
        return new ObservedContainer(
                new ContainerId(start.container() + start.attempt() + "@"
                        + start.sandbox().value()),
                start.sandbox(),
                start.pod().uid(),
                start.container(),
                state,
                start.images().own(),
                now,
                new ObservedContainer.Restarts(start.attempt(), start.backoff(), start.round()));
    }

    private static ObservedPod inState(ObservedPod pod, ContainerId id, State state) {
        ObservedPod after = pod;
        for (ObservedContainer container : pod.containers()) {
            if (container.id().equals(id)) {
                after = after.with(container.in(state));
            }
        }
        return after;
    }
}
