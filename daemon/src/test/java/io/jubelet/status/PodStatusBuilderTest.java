/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import static io.jubelet.status.PodViews.pod;
import static io.jubelet.status.PodViews.second;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.PodStatus.Condition;
import io.jubelet.pod.PodStatus.Phase;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PodStatusBuilderTest {

    static Stream<Arguments> phases() {
        return Stream.of(
                row("nothing there yet", Phase.Pending, pod("p", "a")),
                row("sandbox only", Phase.Pending, pod("p", "a").sandbox()),
                row("created", Phase.Pending, pod("p", "a").sandbox().created("a")),
                row("running", Phase.Running, pod("p", "a").sandbox().running("a", 0, 3)),
                row(
                        "one of two never started",
                        Phase.Pending,
                        pod("p", "a", "b").sandbox().running("a", 0, 3)),
                row(
                        "one of two ended",
                        Phase.Running,
                        two(RestartPolicy.Never).running("a", 0, 3).exited("b", 0, 1, 9)),
                row("ended, always", Phase.Running, one(RestartPolicy.Always, 0)),
                row("failed, always", Phase.Running, one(RestartPolicy.Always, 1)),
                row("completed, on failure", Phase.Succeeded, one(RestartPolicy.OnFailure, 0)),
                row("failed, on failure", Phase.Running, one(RestartPolicy.OnFailure, 3)),
                row("completed, never", Phase.Succeeded, one(RestartPolicy.Never, 0)),
                row("failed, never", Phase.Failed, one(RestartPolicy.Never, 137)),
                row(
                        "one failed, one completed, never",
                        Phase.Failed,
                        two(RestartPolicy.Never).exited("a", 0, 0, 5).exited("b", 0, 1, 9)),
                row(
                        "crash loop",
                        Phase.Running,
                        one(RestartPolicy.Always, 1)
                                .waiting("a", WaitingCause.Other.CRASH_LOOP, "CrashLoopBackOff", "back-off 10s")),
                row(
                        "image cannot be had",
                        Phase.Pending,
                        pod("p", "a").waiting("a", ImageError.ErrImagePull, "no such host")),
                row(
                        "ending",
                        Phase.Running,
                        pod("p", "a").sandbox().running("a", 0, 3).ending("manifest removed")),
                row(
                        "ending, already stopped",
                        Phase.Running,
                        one(RestartPolicy.Always, 137).ending("manifest removed")),
                row("first init container runs", Phase.Pending, initialized().running("i", 0, 3)),
                row(
                        "init container waits for its image",
                        Phase.Pending,
                        initialized().waiting("i", ImageError.ErrImagePull, "")),
                row(
                        "init container failed, always",
                        Phase.Pending,
                        initialized().exited("i", 0, 1, 4)),
                row(
                        "init container in a crash loop",
                        Phase.Pending,
                        initialized()
                                .exited("i", 0, 1, 4)
                                .waiting("i", WaitingCause.Other.CRASH_LOOP, "CrashLoopBackOff", "back-off 10s")),
                row(
                        "init container failed, never",
                        Phase.Failed,
                        initialized().policy(RestartPolicy.Never).exited("i", 0, 1, 4)),
                row("init container is done", Phase.Pending, initialized().exited("i", 0, 0, 4)),
                row(
                        "sidecar has not started",
                        Phase.Pending,
                        initialized().exited("i", 0, 0, 4).running("s", 0, 5).health("s", 0, false, false)),
                row(
                        "init container is done and gone",
                        Phase.Running,
                        initialized().running("s", 0, 5).running("a", 0, 6)),
                row(
                        "all is done but the sidecar",
                        Phase.Running,
                        initialized()
                                .policy(RestartPolicy.Never)
                                .exited("i", 0, 0, 4)
                                .running("s", 0, 5)
                                .exited("a", 0, 0, 9)),
                row(
                        "all is done and the sidecar stopped",
                        Phase.Succeeded,
                        initialized()
                                .policy(RestartPolicy.Never)
                                .exited("i", 0, 0, 4)
                                .exited("s", 0, 137, 10)
                                .exited("a", 0, 0, 9)),
                row(
                        "runtime does not know",
                        Phase.Pending,
                        pod("p", "a").sandbox().instance("a", 0, new ObservedContainer.State.Unknown())));
    }

    private static Arguments row(String name, Phase phase, PodViews view) {
        return Arguments.of(name, phase, view);
    }

    /** A pod with an init container, a sidecar and a main container, and a sandbox. */
    private static PodViews initialized() {
        return pod("p", "a").init("i").sidecar("s").sandbox();
    }

    private static PodViews one(RestartPolicy policy, int exitCode) {
        return pod("p", "a").policy(policy).sandbox().exited("a", 0, exitCode, 9);
    }

    private static PodViews two(RestartPolicy policy) {
        return pod("p", "a", "b").policy(policy).sandbox();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("phases")
    void phaseFollowsContainers(String name, Phase phase, PodViews view) {
        assertEquals(phase, build(view).phase());
    }

    @Test
    void conditionsComeInTheOrderOfTheKubelet() {
        assertEquals(
                List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"),
                build(pod("p", "a")).conditions().stream().map(Condition::type).toList());
    }

    @Test
    void conditionsOfARunningPodHoldSinceTheFactsOfTheRuntime() {
        PodStatus status = build(pod("p", "a", "b").sandbox().running("a", 0, 3).running("b", 0, 4));
        assertTrue(status.conditions().stream().allMatch(Condition::status));
        assertEquals(second(1), condition(status, "PodReadyToStartContainers").lastTransition());
        assertEquals(second(1), condition(status, "Initialized").lastTransition());
        assertEquals(second(4), condition(status, "Ready").lastTransition());
        assertEquals(second(4), condition(status, "ContainersReady").lastTransition());
        assertEquals(second(1), status.startTime().orElseThrow());
    }

    @Test
    void namesIncompleteInitContainers() {
        PodStatus status = build(
                initialized().running("i", 0, 3).waiting("a", WaitingCause.Other.CREATING, "ContainerCreating", ""));
        Condition initialized = condition(status, "Initialized");
        assertFalse(initialized.status());
        assertEquals("ContainersNotInitialized", initialized.reason());
        assertEquals("containers with incomplete status: [i s]", initialized.message());
        assertEquals(
                "containers with unready status: [s a]",
                condition(status, "Ready").message());
        assertEquals(
                new ContainerState.Waiting(WaitingCause.Other.CREATING, "PodInitializing", ""),
                status.containers().getFirst().state());
        assertEquals(
                new ContainerState.Waiting(WaitingCause.Other.CREATING, "PodInitializing", ""),
                status.initContainers().get(1).state());
        assertEquals(
                new ContainerState.Running(Optional.of(second(3))),
                status.initContainers().getFirst().state());
        assertFalse(status.initContainers().getFirst().ready());
    }

    @Test
    void initContainerIsReadyWhenCompleted() {
        PodStatus status =
                build(initialized().exited("i", 0, 0, 4).running("s", 0, 5).running("a", 0, 6));
        assertTrue(status.initContainers().getFirst().ready());
        assertFalse(status.initContainers().getFirst().started());
        assertTrue(status.initContainers().get(1).started());
        assertEquals(second(5), condition(status, "Initialized").lastTransition());
        assertTrue(condition(status, "Ready").status());
    }

    @Test
    void removedInitContainerCompleted() {
        PodStatus status = build(initialized().running("s", 0, 5).running("a", 0, 6));
        ContainerState.Terminated gone = assertInstanceOf(
                ContainerState.Terminated.class,
                status.initContainers().getFirst().state());
        assertEquals("Completed", gone.reason());
        assertTrue(status.initContainers().getFirst().ready());
    }

    @Test
    void probesDecideReadyAndStarted() {
        PodStatus status = build(pod("p", "a", "b")
                .sandbox()
                .running("a", 0, 3)
                .running("b", 0, 3)
                .health("a", 0, true, false)
                .health("b", 0, false, false));
        assertTrue(status.containers().getFirst().started());
        assertFalse(status.containers().getFirst().ready());
        assertFalse(status.containers().get(1).started());
        assertEquals(
                "containers with unready status: [a b]",
                condition(status, "Ready").message());
        assertEquals(Phase.Running, status.phase());
    }

    @Test
    void truncatesTerminationMessages() {
        String[] names =
                Stream.iterate(0, i -> i + 1).limit(6).map(i -> "c" + i).toArray(String[]::new);
        ContainerState ended = build(pod("p", names)
                        .policy(RestartPolicy.Never)
                        .sandbox()
                        .instance(
                                "c0",
                                0,
                                new ObservedContainer.State.Exited(second(2), second(3), 1, "Error", "x".repeat(4096))))
                .containers()
                .getFirst()
                .state();
        assertEquals(
                2048,
                assertInstanceOf(ContainerState.Terminated.class, ended)
                        .message()
                        .length());
    }

    @Test
    void unreadyContainersAreNamed() {
        PodStatus status =
                build(pod("p", "a", "b", "c").sandbox().running("a", 0, 3).exited("b", 0, 1, 9));
        Condition ready = condition(status, "Ready");
        assertFalse(ready.status());
        assertEquals("ContainersNotReady", ready.reason());
        assertEquals("containers with unready status: [b c]", ready.message());
    }

    @Test
    void terminalPodsHaveReasonForUnready() {
        PodStatus done = build(one(RestartPolicy.Never, 0));
        assertEquals("PodCompleted", condition(done, "Ready").reason());
        assertEquals("PodCompleted", condition(done, "Initialized").reason());
        assertTrue(condition(done, "Initialized").status());
        assertEquals(second(9), condition(done, "ContainersReady").lastTransition());
        assertEquals(
                "PodFailed",
                condition(build(one(RestartPolicy.Never, 2)), "Ready").reason());
    }

    @Test
    void sandboxWithoutAnAddressIsNotReadyUnlessOnTheHostNetwork() {
        PodStatus onHost = build(pod("p", "a").onHostNetwork().sandbox().running("a", 0, 3));
        assertTrue(condition(onHost, "PodReadyToStartContainers").status());
        assertEquals(List.of("192.0.2.1"), onHost.ips().pod());
        PodStatus dead = build(pod("p", "a").sandbox(false).exited("a", 0, 137, 20));
        assertFalse(condition(dead, "PodReadyToStartContainers").status());
        assertEquals(second(20), condition(dead, "PodReadyToStartContainers").lastTransition());
        assertEquals(List.of(), dead.ips().pod());
    }

    @Test
    void restartingContainerWaitsWithLastState() {
        ContainerStatus status = build(pod("p", "a")
                        .sandbox()
                        .exited("a", 2, 1, 9)
                        .exited("a", 1, 4, 7)
                        .waiting(
                                "a",
                                WaitingCause.Other.CRASH_LOOP,
                                "CrashLoopBackOff",
                                "back-off 20s restarting failed container=a"))
                .containers()
                .getFirst();
        ContainerState.Waiting waiting = assertInstanceOf(ContainerState.Waiting.class, status.state());
        assertEquals("CrashLoopBackOff", waiting.reason());
        assertEquals(1, status.lastState().orElseThrow().exitCode());
        assertEquals("Error", status.lastState().orElseThrow().reason());
        assertEquals(2, status.restartCount());
        assertEquals("containerd://a-2", status.ids().container());
        assertFalse(status.ready());
    }

    @Test
    void runningContainerHasLastState() {
        ContainerStatus status = build(
                        pod("p", "a").sandbox().exited("a", 0, 0, 7).running("a", 1, 8))
                .containers()
                .getFirst();
        assertEquals(new ContainerState.Running(Optional.of(second(8))), status.state());
        assertEquals("Completed", status.lastState().orElseThrow().reason());
        assertEquals(1, status.restartCount());
        assertEquals("sha256:a", status.ids().image());
        assertTrue(status.ready());
    }

    @Test
    void failureOfAnActionIsTheReasonItWaits() {
        PodStatus status = build(pod("p", "a").sandbox().failure("a", "CreateContainerError", "no such device"));
        assertEquals(
                new ContainerState.Waiting(WaitingCause.Other.START_FAILED, "CreateContainerError", "no such device"),
                status.containers().getFirst().state());
        assertEquals("", status.reason(), "only what was ended has one");
        assertEquals("", status.message());
        assertEquals("", condition(status, "PodReadyToStartContainers").message());
    }

    @Test
    void sandboxFailureLeavesContainersCreating() {
        PodStatus status = build(pod("p", "a").failure("", "FailedCreatePodSandBox", "no CNI config"));
        assertEquals(Phase.Pending, status.phase());
        assertEquals(
                "ContainerCreating",
                assertInstanceOf(
                                ContainerState.Waiting.class,
                                status.containers().getFirst().state())
                        .reason());
        assertEquals("", status.reason(), "only what was ended has one");
        PodStatus.Condition sandbox = condition(status, "PodReadyToStartContainers");
        assertFalse(sandbox.status());
        assertEquals("FailedCreatePodSandBox", sandbox.reason());
        assertEquals("PodSandbox failed 2 times: no CNI config", sandbox.message());
    }

    @Test
    void runningPodHasNoReason() {
        PodStatus status = build(pod("p", "a").sandbox().running("a", 0, 3));
        assertEquals("", status.reason());
        assertEquals("", status.message());
    }

    @Test
    void oldVersionIsShownWhileTheNewOneWaits() {
        PodStatus status = build(pod("p", "a")
                .sandbox()
                .running("a", 0, 3)
                .updatedTo("2", "registry.local/web:2")
                .waiting("a", ImageError.ErrImagePull, "not found"));
        assertEquals(Phase.Running, status.phase());
        assertEquals("registry.local/web:1", status.containers().getFirst().image());
        assertEquals("", status.reason());
        assertEquals("", status.message());
    }

    @Test
    void podOfUnknownContentShowsWhatTheRuntimeHas() {
        PodStatus status =
                build(pod("p", "a").sandbox().running("a", 0, 3).unknown().ending("unknown content"));
        assertEquals(Phase.Running, status.phase());
        assertEquals("a", status.containers().getFirst().name());
    }

    private static PodStatus build(PodViews view) {
        return PodStatusBuilder.build(view.report(), List.of("192.0.2.1"));
    }

    private static Condition condition(PodStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }
}
