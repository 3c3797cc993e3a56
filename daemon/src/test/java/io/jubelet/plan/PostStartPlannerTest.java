/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.exited;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.pod;
import static io.jubelet.plan.TestPods.running;
import static io.jubelet.plan.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a pod does while the postStart hook of its first container runs, and after it failed. */
class PostStartPlannerTest extends PlannerFixture {

    private static final State HOOK_RUNS = new State.Starting(NOW.minusSeconds(5), Optional.empty());
    private static final State HOOK_FAILED = new State.Starting(NOW.minusSeconds(5), Optional.of("it exited with 3"));

    private static ContainerSpec app(Optional<Handler> preStop) {
        return TestPods.spec("app")
                .hooks(new LifecycleHooks(Optional.of(new Handler.Exec(List.of("hook"))), preStop, ""))
                .build();
    }

    private static Pod withHook(String uid, ContainerSpec app) {
        return TestPods.with(
                pod(uid, RestartPolicy.Always, "app"),
                PodSpec.builder(List.of(app, TestPods.spec("log").build()))
                        .terminationGracePeriod(TestPods.GRACE)
                        .build());
    }

    private final Pod pod = withHook("a", app(Optional.empty()));

    @BeforeEach
    void imagesArePresent() {
        present("app", "log");
    }

    private static ObservedPod appIs(State state) {
        return observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, state));
    }

    @Test
    void theNextContainerIsNotPlannedWithOneThatHasAHook() {
        assertEquals("StartContainer(app, attempt 0)", actions(plan(pod, observed(sandbox("s", "a", 0, true)))));
        assertEquals("StartCreated(app)", actions(plan(pod, appIs(new State.Created()))));
        assertEquals("StartContainer(app, attempt 1)", actions(plan(pod, appIs(exited(1)))));
    }

    @Test
    void theNextContainerWaitsForTheHook() {
        PodPlan plan = plan(pod, appIs(HOOK_RUNS));
        assertEquals("", actions(plan));
        Waiting hook = new Waiting(WaitingCause.Other.CREATING, "ContainerCreating", "its postStart hook runs");
        assertEquals(hook, plan.waiting().get("app"));
        assertEquals(PlanBuilder.CREATING, plan.waiting().get("log"));
    }

    @Test
    void theNextContainerStartsWhenTheHookHasSucceeded() {
        assertEquals("StartContainer(log, attempt 0)", actions(plan(pod, appIs(running()))));
    }

    @Test
    void aContainerThatRanBeforeIsRestartedWhileTheHookRuns() {
        ObservedPod observed = appIs(HOOK_RUNS).with(instance("s", "a", "log", 0, exited(1)));
        assertEquals("StartContainer(log, attempt 1)", actions(plan(pod, observed)));
    }

    @Test
    void aContainerWhoseHookFailedIsStopped() {
        PodPlan plan = plan(pod, appIs(HOOK_FAILED));
        assertEquals("StopContainers(1, grace 7s)", actions(plan));
        PodAction.StopContainers stop =
                (PodAction.StopContainers) plan.actions().getFirst();
        assertEquals("its postStart hook failed", stop.reason());
        assertEquals(TestPods.GRACE, stop.gracePeriod());
    }

    @Test
    void itsPreStopHookRuns() {
        Pod both = withHook("a", app(Optional.of(new Handler.Exec(List.of("bye")))));
        assertEquals(1, withHooks(plan(both, appIs(HOOK_FAILED))).size());
    }

    @Test
    void aSidecarHoldsUpTheMainContainersUntilItsHookHasSucceeded() {
        ContainerSpec sidecar = TestPods.spec("app")
                .restart(TestPods.sidecar("app").restart())
                .hooks(app(Optional.empty()).hooks())
                .build();
        Pod withSidecar = TestPods.with(
                pod("a", RestartPolicy.Always, "log"),
                PodSpec.builder(List.of(TestPods.spec("log").build()))
                        .initContainers(List.of(sidecar))
                        .build());
        assertEquals("", actions(plan(withSidecar, appIs(HOOK_RUNS))));
        assertEquals("StopContainers(1, grace 30s)", actions(plan(withSidecar, appIs(HOOK_FAILED))));
    }

    // --- an edit

    @Test
    void anEditThatCannotBePreparedLeavesTheHookAlone() {
        running = Optional.of(pod);
        failures.put(
                PodAction.PrepareUpdate.FAILURE_KEY, new ActionFailure("Failed", "no space", 1, NOW.plusSeconds(3)));
        PodPlan plan = plan(withHook("new", app(Optional.empty())), appIs(HOOK_RUNS));
        assertEquals("", actions(plan));
        assertEquals(new PodLifecycle.Syncing(), plan.lifecycle());
    }

    @Test
    void anEditThatIsPreparedDoesNotWaitForTheHook() {
        running = Optional.of(pod);
        PodPlan plan =
                plan(withHook("new", app(Optional.empty())), preparedBeside(appIs(HOOK_RUNS), "new", "app", "log"));
        assertEquals("StopContainers(1, grace 7s)", actions(plan));
    }

    @Test
    void aRemovalDoesNotWaitForTheHook() {
        running = Optional.of(pod);
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(plan(Optional.empty(), appIs(HOOK_RUNS))));
    }
}
