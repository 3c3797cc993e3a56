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
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PlannerInput.Prepared;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Handler;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an update makes while the version before runs, in which order the versions change, and what becomes of it if it stops. */
class SuccessorPlannerTest extends PlannerFixture {

    private static final PodLifecycle ENDING = new PodLifecycle.Terminating("old", "the manifest changed");

    private final Pod next = pod("new", RestartPolicy.Always, "app", "log");

    @BeforeEach
    void imagesArePresent() {
        present("app", "log");
        running = Optional.of(pod("old", RestartPolicy.Always, "app"));
        filesAreReady();
    }

    private void filesAreReady() {
        prepared = new Prepared(Set.of("new"), Optional.of("new"));
    }

    private ObservedPod withSandbox() {
        return oldVersionRuns().with(sandbox("beside", "new", 0, true));
    }

    // --- step by step

    @Test
    void aSandboxIsCreatedWhileTheOldVersionRuns() {
        PodPlan plan = plan(next, oldVersionRuns());
        assertEquals("CreateSandbox(attempt 0)", actions(plan));
        assertEquals(new PodLifecycle.Syncing(), plan.lifecycle());
        assertEquals(
                Optional.of(PodAction.CreateContainer.FAILURE_KEY),
                plan.actions().getFirst().failureKey(),
                "a failure says nothing about the sandbox of the old version");
    }

    @Test
    void thenItsContainersAreCreatedAndNotStarted() {
        PodPlan plan = plan(next, withSandbox());
        assertEquals("CreateContainer(app) CreateContainer(log)", actions(plan));
        PodAction.StartContainer app =
                ((PodAction.CreateContainer) plan.actions().getFirst()).instance();
        assertEquals("sha256:app", app.images().own());
        assertEquals("beside", app.sandbox().value());
    }

    @Test
    void thenTheContainersOfTheOldVersionStopAndItsSandboxStays() {
        PodPlan plan = plan(next, preparedBeside(oldVersionRuns(), "new", "app", "log"));
        assertEquals("StopContainers(1, grace 7s)", actions(plan));
        assertEquals(ENDING, plan.lifecycle());
    }

    @Test
    void thenTheNewContainersStartAndAfterThatTheOldSandboxStops() {
        lifecycle = ENDING;
        ObservedPod stopped = observed(sandbox("s", "old", 0, true), instance("s", "old", "app", 0, exited(143)));
        ObservedPod both = preparedBeside(stopped, "new", "app", "log");
        PodPlan start = plan(next, both);
        assertEquals("StartCreated(app) StartCreated(log)", actions(start));
        assertEquals(new PodLifecycle.Syncing(), start.lifecycle());

        lifecycle = start.lifecycle();
        ObservedPod started = both.with(instance("beside", "new", "app", 0, running()))
                .with(instance("beside", "new", "log", 0, running()));
        assertEquals("StopSandbox", actions(plan(next, started)));
        assertEquals(
                "RemoveDirectories RemoveSandbox", actions(plan(next, started.with(sandbox("s", "old", 0, false)))));
    }

    @Test
    void initContainersWaitUntilTheOldVersionHasEnded() {
        Pod init = TestPods.with(
                next,
                PodSpec.builder(next.spec().containers())
                        .initContainers(List.of(TestPods.spec("init").build()))
                        .build());
        present("init");
        PodPlan plan = plan(init, withSandbox());
        assertEquals("StopContainers(1, grace 7s)", actions(plan));
        lifecycle = ENDING;
        ObservedPod stopped = observed(
                sandbox("s", "old", 0, true),
                instance("s", "old", "app", 0, exited(143)),
                sandbox("beside", "new", 0, true));
        assertEquals("StartContainer(init, attempt 0)", actions(plan(init, stopped)));
    }

    @Test
    void aCreatedContainerWaitsForThePostStartHookOfTheOneBefore() {
        ContainerSpec app = ContainerSpec.builder("app", "image/app")
                .hooks(new LifecycleHooks(Optional.of(new Handler.Sleep(Duration.ofSeconds(1))), Optional.empty(), ""))
                .build();
        Pod hooked = TestPods.with(
                next,
                PodSpec.builder(List.of(app, TestPods.spec("log").build())).build());
        lifecycle = ENDING;
        ObservedPod stopped = observed(sandbox("s", "old", 0, true), instance("s", "old", "app", 0, exited(143)));
        ObservedPod both = preparedBeside(stopped, "new", "app", "log");
        assertEquals("StartCreated(app)", actions(plan(hooked, both)));
    }

    // --- what cannot exist twice

    @Test
    void hostPortsOfThePodNetworkAreNotTakenTwice() {
        assertStopsFirst(withPorts(false), "the network plugin would move its host ports at once");
    }

    @Test
    void portsOnTheNetworkOfTheNodeHinderNothing() {
        assertEquals("CreateSandbox(attempt 0)", actions(plan(withPorts(true), oldVersionRuns())));
    }

    @Test
    void theTimeOfAPodWithADeadlineDoesNotBeginEarly() {
        assertStopsFirst(
                TestPods.with(
                        next,
                        PodSpec.builder(next.spec().containers())
                                .activeDeadline(Optional.of(Duration.ofMinutes(1)))
                                .build()),
                "its activeDeadlineSeconds count from its sandbox");
    }

    @Test
    void nothingIsMadeOfAPodThatOtherPodsHaveToMakeRoomFor() {
        waitsForOthers = true;
        assertStopsFirst(next, "other pods have to release what it needs");
    }

    @Test
    void nothingIsMadeBesideAVersionThatHasNotStartedAnything() {
        PodPlan plan = plan(next, observed(sandbox("s", "old", 0, true)));
        assertEquals("StopSandbox", actions(plan));
    }

    @Test
    void aManifestCanAskForIt() {
        Pod asks = new Pod(
                next.name(),
                next.node(),
                next.uid(),
                next.hash(),
                Map.of(),
                Map.of(Pod.UPDATE, Pod.STOP_FIRST),
                next.spec(),
                next.manifest());
        assertStopsFirst(asks, "its annotation jubelet.io/update says so");
    }

    private void assertStopsFirst(Pod pod, String why) {
        PodPlan plan = plan(pod, oldVersionRuns());
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(plan));
        assertEquals(
                "the manifest changed; it is stopped first because " + why,
                plan.actions().getFirst().reason());
    }

    private Pod withPorts(boolean hostNetwork) {
        ContainerSpec app = ContainerSpec.builder("app", "image/app")
                .ports(List.of(new ContainerPort("", 80, 8080, "", ContainerPort.Protocol.TCP)))
                .build();
        PodSpec.Builder spec = PodSpec.builder(List.of(app));
        return TestPods.with(next, (hostNetwork ? spec.hostNetwork(true) : spec).build());
    }

    // --- failures

    @Test
    void theOldVersionRunsOnWhileTheSandboxCannotBeCreated() {
        failures.put(
                PodAction.CreateContainer.FAILURE_KEY,
                new ActionFailure("FailedCreatePodSandBox", "no address is free", 2, NOW.plusSeconds(2)));
        PodPlan plan = plan(next, oldVersionRuns());
        assertEquals("", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(2)), plan.due());
        assertEquals(
                new Waiting(WaitingCause.Other.NOT_PREPARED, "FailedCreatePodSandBox", "no address is free"),
                plan.updateWaiting().get("log"));

        failures.replaceAll((_, failure) -> new ActionFailure(failure.reason(), failure.message(), 2, NOW));
        assertEquals("CreateSandbox(attempt 0)", actions(plan(next, oldVersionRuns())));
    }

    @Test
    void onlyWhatIsMissingIsTriedAgain() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app");
        failures.put(PodAction.CreateContainer.FAILURE_KEY, new ActionFailure("CreateContainerError", "no", 1, NOW));
        assertEquals("CreateContainer(log)", actions(plan(next, both)));
    }

    @Test
    void theOldVersionIsRestartedWhileTheNewOneCannotBeMade() {
        ObservedPod ended = observed(
                sandbox("s", "old", 0, true),
                instance("s", "old", "app", 0, exited(1)),
                sandbox("beside", "new", 0, true));
        assertEquals(
                "CreateContainer(app) CreateContainer(log)",
                actions(plan(next, ended)),
                "it is not restarted while its successor gets on");
        failures.put(
                PodAction.CreateContainer.FAILURE_KEY,
                new ActionFailure("CreateContainerError", "no", 1, NOW.plusSeconds(2)));
        assertEquals("StartContainer(app, attempt 1)", actions(plan(next, ended)));
    }

    @Test
    void aSandboxThatEndsIsReplacedWithWhatWasCreatedInIt() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app").with(sandbox("beside", "new", 0, false));
        assertEquals("RemoveContainer(app, attempt 0) StopSandbox CreateSandbox(attempt 1)", actions(plan(next, both)));
        times = new PodTimes(Map.of(), Map.of(), Map.of("new", NOW.plusSeconds(4)), Duration.ZERO);
        PodPlan backOff = plan(next, both);
        assertEquals("", actions(backOff));
        assertEquals(Optional.of(NOW.plusSeconds(4)), backOff.due());
    }

    // --- what changes meanwhile

    @Test
    void whatWasCreatedFromOlderConfigIsCreatedAgain() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app", "log");
        filesAreReady();
        assertEquals("RemoveContainer(log, attempt 0) RemoveContainer(app, attempt 0)", actions(plan(next, both)));

        lifecycle = ENDING;
        ObservedPod stopped = both.with(instance("s", "old", "app", 0, exited(143)));
        assertEquals(
                "RemoveContainer(log, attempt 0) RemoveContainer(app, attempt 0)",
                actions(plan(next, stopped)),
                "also if it changed in the grace period");
    }

    @Test
    void anEditThatIsTakenBackRemovesWhatWasPrepared() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app");
        running = Optional.empty();
        assertEquals("StopSandbox", actions(plan(pod("old", RestartPolicy.Always, "app"), both)));
        assertEquals(
                "RemoveDirectories RemoveSandbox",
                actions(plan(pod("old", RestartPolicy.Always, "app"), both.with(sandbox("beside", "new", 0, false)))));
    }

    @Test
    void anotherEditRemovesWhatWasPreparedForTheOneBefore() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app");
        images.clear();
        present("app");
        images.put("image/third", new ImageState.Pulling(NOW));
        assertEquals("StopSandbox", actions(plan(pod("third", RestartPolicy.Always, "third"), both)));
    }

    @Test
    void aManifestThatGoesEndsTheVersionThatRunsFirst() {
        ObservedPod both = preparedBeside(oldVersionRuns(), "new", "app");
        PodPlan stop = plan(Optional.empty(), both);
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(stop));
        assertEquals(new PodLifecycle.Terminating("old", "the manifest was removed"), stop.lifecycle());

        lifecycle = stop.lifecycle();
        ObservedPod ended = both.with(instance("s", "old", "app", 0, exited(0))).with(sandbox("s", "old", 0, false));
        assertEquals("RemoveDirectories RemoveSandbox", actions(plan(Optional.empty(), ended)));
        PodPlan rest = plan(Optional.empty(), ended.without(new io.jubelet.cri.PodSandboxId("s")));
        assertEquals("StopSandbox", actions(rest));
        assertEquals(new PodLifecycle.Terminating("new", "the manifest was removed"), rest.lifecycle());
    }

    // --- after a restart of the daemon

    @Test
    void anEarlierDaemonThatEndedAfterTheStopIsContinuedWithoutARestartOfTheOldVersion() {
        prepared = Prepared.NONE;
        ObservedPod stopped = observed(
                sandbox("s", "old", 0, true),
                instance("s", "old", "app", 0, exited(143)),
                sandbox("beside", "new", 0, true),
                instance("beside", "new", "app", 0, new State.Created()),
                instance("beside", "new", "log", 0, new State.Created()));
        assertEquals("PrepareUpdate", actions(plan(next, stopped)));
        filesAreReady();
        assertEquals("RemoveContainer(log, attempt 0) RemoveContainer(app, attempt 0)", actions(plan(next, stopped)));
    }

    @Test
    void aVersionThatHasStartedIsInChargeWhateverIsLeftOfTheOther() {
        prepared = Prepared.NONE;
        ObservedPod started = observed(
                sandbox("s", "old", 0, true),
                instance("s", "old", "app", 0, exited(143)),
                sandbox("beside", "new", 0, true),
                instance("beside", "new", "app", 0, running()),
                instance("beside", "new", "log", 0, exited(1)));
        assertEquals("StartContainer(log, attempt 1)", actions(plan(next, started)));
        assertTrue(plan(next, started).updateWaiting().isEmpty());
    }
}
