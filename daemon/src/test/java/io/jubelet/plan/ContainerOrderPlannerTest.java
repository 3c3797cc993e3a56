/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.GRACE;
import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.exited;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.running;
import static io.jubelet.plan.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order in which init containers and sidecars start and stop. */
class ContainerOrderPlannerTest extends ContainerOrderFixture {

    // --- init containers

    @Test
    void imagesOfAllContainersArePulledWhileTheSandboxIsCreated() {
        images.clear();
        assertEquals(
                "EnsureImage(image/i1) EnsureImage(image/s1) EnsureImage(image/app) CreateSandbox(attempt 0)",
                actions(plan(pod(RestartPolicy.Always, "i1", "s1", "app"))));
    }

    @Test
    void imagesOfLaterContainersArePulledWhileAnInitContainerRuns() {
        images.remove("image/app");
        PodPlan plan = plan(pod(RestartPolicy.Always, "i1", "app"), readySandbox(), at("i1", running()));
        assertEquals("EnsureImage(image/app)", actions(plan));
        assertEquals("PodInitializing", plan.waiting().get("app").reason());
    }

    @Test
    void initContainersStartOneAfterTheOther() {
        Pod pod = pod(RestartPolicy.Always, "i1", "i2", "app");
        assertEquals("StartContainer(i1, attempt 0)", actions(plan(pod, readySandbox())));
        assertEquals("", actions(plan(pod, readySandbox(), at("i1", running()))));
        assertEquals("StartContainer(i2, attempt 0)", actions(plan(pod, readySandbox(), at("i1", exited(0)))));
        assertEquals("", actions(plan(pod, readySandbox(), at("i1", exited(0)), at("i2", running()))));
        assertEquals(
                "StartContainer(app, attempt 0)",
                actions(plan(pod, readySandbox(), at("i1", exited(0)), at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({
        "Always,    'StartContainer(i1, attempt 1)', ''",
        "OnFailure, 'StartContainer(i1, attempt 1)', ''",
        "Never,     'StopSandbox',                   'Failed'"
    })
    void anInitContainerThatFailedIsRunAgainByPolicy(RestartPolicy policy, String expected, String phase) {
        PodPlan plan = plan(pod(policy, "i1", "app"), readySandbox(), at("i1", exited(1)));
        assertEquals(expected, actions(plan));
        assertEquals(phase, plan.end().map(end -> end.phase().name()).orElse(""));
    }

    @Test
    void anInitContainerThatKeepsFailingBacksOff() {
        PodPlan plan = plan(
                pod(RestartPolicy.Always, "i1", "app"),
                readySandbox(),
                instance("h", "a", "i1", 1, exited(1, Duration.ofSeconds(1), Duration.ZERO), Duration.ofSeconds(10)));
        assertEquals("", actions(plan));
        assertEquals("CrashLoopBackOff", plan.waiting().get("i1").reason());
        assertEquals(Optional.of(NOW.plusSeconds(10)), plan.due());
    }

    @Test
    void anInitContainerThatWasOomKilledHasFailedWithAnyExitCode() {
        State killed = new State.Exited(NOW.minusSeconds(9), NOW, 0, "OOMKilled", "");
        assertEquals(
                "StartContainer(i1, attempt 1)",
                actions(plan(pod(RestartPolicy.OnFailure, "i1", "app"), readySandbox(), at("i1", killed))));
    }

    @Test
    void aPodWhoseInitContainerFailedForGoodStaysFailedInAStoppedSandbox() {
        PodPlan plan = plan(pod(RestartPolicy.Never, "i1", "app"), dead(), at("i1", exited(1)));
        assertEquals("RecordEnd(Failed)", actions(plan));
        assertEquals(Optional.of(PodEnd.FAILED), plan.end());
    }

    @Test
    void completedInitContainersAreNotRunAgainOnceAMainContainerWasCreated() {
        Pod pod = pod(RestartPolicy.Always, "i1", "app");
        assertEquals("", actions(plan(pod, readySandbox(), at("app", running()))));
        assertEquals("StartCreated(app)", actions(plan(pod, readySandbox(), at("app", new State.Created()))));
        assertEquals("StartContainer(app, attempt 1)", actions(plan(pod, readySandbox(), at("app", exited(1)))));
    }

    @Test
    void anInitContainerThatWasRemovedIsNotRunAgainAfterALaterOne() {
        Pod pod = pod(RestartPolicy.Always, "i1", "i2", "app");
        assertEquals("StartContainer(app, attempt 0)", actions(plan(pod, readySandbox(), at("i2", exited(0)))));
    }

    @Test
    void aNewSandboxStartsWithTheFirstInitContainer() {
        Pod pod = pod(RestartPolicy.Always, "i1", "app");
        Object[] before = {dead(), at("i1", exited(0)), at("app", exited(137))};
        images.clear();
        assertEquals(
                "EnsureImage(image/i1) EnsureImage(image/app) StopSandbox CreateSandbox(attempt 1)",
                actions(plan(pod, before)));
        allImagesAreThere();
        assertEquals(
                "StartContainer(i1, attempt 1)",
                actions(plan(pod, before[0], before[1], before[2], sandbox("n", "a", 1, true))));
        assertEquals(
                "StartContainer(app, attempt 1)",
                actions(plan(
                        pod,
                        before[0],
                        before[1],
                        before[2],
                        sandbox("n", "a", 1, true),
                        instance("n", "a", "i1", 1, exited(0)))));
    }

    // --- sidecars

    @Test
    void theNextContainerStartsWhenTheSidecarHasStarted() {
        Pod pod = pod(RestartPolicy.Always, "s1", "i2", "app");
        assertEquals("StartContainer(s1, attempt 0)", actions(plan(pod, readySandbox())));
        ObservedContainer s1 = at("s1", running());
        health.put(s1.id(), new ContainerHealth(false, false, Optional.empty()));
        assertEquals("", actions(plan(pod, readySandbox(), s1)));
        health.put(s1.id(), new ContainerHealth(true, false, Optional.empty()));
        assertEquals("StartContainer(i2, attempt 0)", actions(plan(pod, readySandbox(), s1)));
        assertEquals("StartContainer(app, attempt 0)", actions(plan(pod, readySandbox(), s1, at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({"Always, 0", "OnFailure, 0", "Never, 1"})
    void aSidecarIsRestartedUnderAnyPolicyOfThePod(RestartPolicy policy, int exitCode) {
        Pod pod = pod(policy, "s1", "i2", "app");
        assertEquals(
                "StartContainer(s1, attempt 1)",
                actions(plan(pod, readySandbox(), at("s1", exited(exitCode)), at("i2", running()))));
        assertEquals(
                "StartContainer(s1, attempt 1)",
                actions(plan(
                        pod, readySandbox(), at("s1", exited(exitCode)), at("i2", exited(0)), at("app", running()))));
    }

    @Test
    void aSidecarThatIsRestartedDelaysNoOtherContainer() {
        Pod pod = pod(RestartPolicy.Always, "s1", "i2", "app");
        assertEquals(
                "StartContainer(s1, attempt 1) StartContainer(app, attempt 0)",
                actions(plan(pod, readySandbox(), at("s1", exited(1)), at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({"OnFailure, 0, Succeeded", "Never, 0, Succeeded", "Never, 3, Failed"})
    void sidecarsDoNotKeepAPodAlive(RestartPolicy policy, int exitCode, String phase) {
        Pod pod = pod(policy, "s1", "s2", "app");
        PodPlan plan = plan(pod, readySandbox(), at("s1", running()), at("s2", running()), at("app", exited(exitCode)));
        assertEquals("StopContainers(2, grace 7s) StopSandbox", actions(plan));
        assertEquals(Optional.empty(), plan.end());
        PodPlan over = plan(pod, dead(), at("s1", exited(143)), at("s2", exited(143)), at("app", exited(exitCode)));
        assertEquals("RecordEnd(" + phase + ")", actions(over));
        assertEquals(phase, over.end().orElseThrow().phase().name());
    }

    @Test
    void sidecarsAreStoppedLastInReverseOrder() {
        Pod pod = pod(RestartPolicy.Always, "s1", "i1", "s2", "app", "log");
        lifecycle = new PodLifecycle.Terminating("a", "test");
        PodPlan plan = plan(
                pod,
                readySandbox(),
                at("s1", running()),
                at("s2", running()),
                at("app", running()),
                at("i1", exited(0)),
                at("log", running()));
        PodAction.StopContainers stop =
                (PodAction.StopContainers) plan.actions().getFirst();
        assertEquals(Set.of(at("app", running()).id(), at("log", running()).id()), Set.copyOf(stop.ids()));
        assertEquals(List.of(at("s2", running()).id(), at("s1", running()).id()), stop.sidecars());
        assertEquals(GRACE, stop.gracePeriod());
    }
}
