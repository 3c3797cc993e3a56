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
import static io.jubelet.plan.TestPods.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerRestart.Action;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When containers are restarted, one or all, and when a pod has ended. */
class PodEndPlannerTest extends ContainerOrderFixture {

    @ParameterizedTest
    @CsvSource({
        "Always,    Never,     1, ''",
        "Always,    OnFailure, 0, ''",
        "Never,     Always,    0, 'StartContainer(app, attempt 1)'",
        "Never,     OnFailure, 1, 'StartContainer(app, attempt 1)'",
        "OnFailure, Always,    0, 'StartContainer(app, attempt 1)'"
    })
    void thePolicyOfAContainerOverridesThatOfThePod(
            RestartPolicy ofPod, RestartPolicy own, int exitCode, String expected) {
        assertEquals(
                expected,
                actions(plan(ruled(ofPod, own), readySandbox(), at("app", exited(exitCode)), at("log", running()))));
    }

    @ParameterizedTest
    @CsvSource({"42, 'StartContainer(app, attempt 1)'", "43, ''", "0, ''"})
    void theFirstMatchingRuleOverridesThePolicy(int exitCode, String expected) {
        Pod pod = ruled(RestartPolicy.Always, RestartPolicy.Never, rule(Action.Restart, true, 42));
        assertEquals(expected, actions(plan(pod, readySandbox(), at("app", exited(exitCode)), at("log", running()))));
        Pod not = ruled(RestartPolicy.Always, RestartPolicy.Never, rule(Action.Restart, false, 0, 43));
        assertEquals(expected, actions(plan(not, readySandbox(), at("app", exited(exitCode)), at("log", running()))));
    }

    @Test
    void aRuleRestartsAllContainersFromTheFirstInitContainerInTheSameSandbox() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        ObservedContainer i1 = at("i1", exited(0));
        ObservedContainer app = at("app", exited(42));
        assertEquals("StopContainers(1, grace 0s)", actions(plan(pod, readySandbox(), i1, app, at("log", running()))));
        ObservedContainer log = at("log", exited(137));
        PodPlan begin = plan(pod, readySandbox(), i1, app, log);
        assertEquals("StartContainer(i1, attempt 1)", actions(begin));
        PodAction.StartContainer start =
                (PodAction.StartContainer) begin.actions().getFirst();
        assertEquals(1, start.round());
        ObservedContainer again = inRound(1, "i1", 1, running());
        assertEquals("", actions(plan(pod, readySandbox(), i1, app, log, again)));
        PodPlan mains = plan(pod, readySandbox(), i1, app, log, inRound(1, "i1", 1, exited(0)));
        assertEquals("StartContainer(app, attempt 1) StartContainer(log, attempt 1)", actions(mains));
        // The container whose rule matched backs off next time, and the others do not.
        assertEquals(
                List.of(Duration.ofSeconds(10), Duration.ZERO),
                mains.actions().stream()
                        .map(action -> ((PodAction.StartContainer) action).backoff())
                        .toList());
    }

    @Test
    void anInterruptedRestartOfAllContainersContinues() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        assertEquals(
                "StartContainer(log, attempt 1)",
                actions(plan(
                        pod,
                        readySandbox(),
                        at("app", exited(42)),
                        at("log", exited(137)),
                        inRound(1, "i1", 1, exited(0)),
                        inRound(1, "app", 1, running()))));
    }

    @Test
    void aRestartOfAllContainersWaitsForTheBackOffOfTheContainerWhoseRuleMatched() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        PodPlan plan = plan(
                pod,
                readySandbox(),
                at("i1", exited(0)),
                instance(
                        "h",
                        "a",
                        "app",
                        1,
                        exited(42, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        Duration.ofSeconds(10)),
                at("log", exited(137)));
        assertEquals("", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(9)), plan.due());
    }

    @Test
    void aRestartOfAllContainersSurvivesItsSandbox() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        assertEquals(
                "StopSandbox CreateSandbox(attempt 1)",
                actions(plan(pod, dead(), at("i1", exited(0)), at("app", exited(42)), at("log", exited(0)))));
    }

    @Test
    void anInitContainerOfPolicyNeverEndsThePod() {
        Pod pod = pod(PodSpec.builder(List.of(spec("app").build()))
                .initContainers(List.of(spec("i1")
                        .restart(new ContainerRestart(
                                Optional.of(RestartPolicy.Never), List.of(rule(Action.Restart, true, 42))))
                        .build())));
        assertEquals("StopSandbox", actions(plan(pod, readySandbox(), at("i1", exited(1)))));
        assertEquals("RecordEnd(Failed)", actions(plan(pod, dead(), at("i1", exited(1)))));
        assertEquals("StartContainer(i1, attempt 1)", actions(plan(pod, readySandbox(), at("i1", exited(42)))));
    }

    // --- after a reboot

    @ParameterizedTest
    @CsvSource({
        "OnFailure, 0,   'RecordEnd(Succeeded)'",
        "Never,     0,   'RecordEnd(Succeeded)'",
        "Never,     255, 'RecordEnd(Failed)'",
        "OnFailure, 255, 'StopSandbox CreateSandbox(attempt 1)'",
        "Always,    0,   'StopSandbox CreateSandbox(attempt 1)'"
    })
    void afterARebootAPodThatHadEndedStaysEnded(RestartPolicy policy, int exitCode, String expected) {
        assertEquals(
                expected,
                actions(plan(pod(policy, "i1", "app"), dead(), at("i1", exited(0)), at("app", exited(exitCode)))));
    }

    @Test
    void theInstanceThatShowsTheEndIsNeverRemoved() {
        PodPlan plan = plan(
                pod(RestartPolicy.OnFailure, "app"),
                sandbox("h", "a", 0, false),
                instance("h", "a", "app", 2, exited(0)),
                instance("h", "a", "app", 1, exited(1)),
                instance("h", "a", "app", 0, exited(1)));
        assertEquals("RecordEnd(Succeeded) RemoveContainer(app, attempt 0)", actions(plan));
        assertEquals(Optional.of(PodEnd.SUCCEEDED), plan.end());
    }

    @ParameterizedTest
    @CsvSource({"OnFailure, 0, Succeeded", "Never, 3, Failed"})
    void aPodWhoseEndIsRecordedStaysOverWithoutItsContainersAndSandbox(
            RestartPolicy policy, int exitCode, String phase) {
        Pod pod = pod(policy, "app");
        PodPlan over = plan(pod, dead(), instance("h", "a", "app", 2, exited(exitCode)));
        PodEnd end = ((PodAction.RecordEnd) over.actions().getFirst()).end();
        assertEquals(phase, end.phase().name());
        PodEnd.Container last = end.containers().getFirst();
        assertEquals("app 2 " + exitCode, last.name() + " " + last.attempt() + " " + last.exitCode());
        ends.put("a", end);
        PodPlan plan = plan(pod);
        assertEquals("", actions(plan));
        assertEquals(Optional.of(end), plan.end());
        assertEquals("", actions(plan(pod, dead())));
        assertEquals("StopSandbox", actions(plan(pod, readySandbox())));
    }

    @Test
    void theDirectoriesOfAnEndedVersionGoWithItsManifestEvenIfTheRuntimeShowsNothingOfIt() {
        ends.put("a", PodEnd.SUCCEEDED);
        PodPlan plan = plan(Optional.empty());
        assertEquals("RemoveDirectories", actions(plan));
        ends.clear();
        assertEquals(new PodLifecycle.Terminated(), plan(Optional.empty()).lifecycle());
        ends.put("before", PodEnd.SUCCEEDED);
        assertEquals(
                "RemoveDirectories",
                actions(plan(pod(RestartPolicy.Always, "app"), readySandbox(), at("app", running()))));
    }

    @Test
    void aPodIsPlannedAgainAtItsDeadline() {
        PodPlan plan =
                plan(limited(RestartPolicy.Always), aged("h", 0, 59, true), at("s1", running()), at("app", running()));
        assertEquals("", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan.due());
        assertEquals(Optional.empty(), plan.end());
    }

    @ParameterizedTest
    @CsvSource({"Always", "OnFailure", "Never"})
    void aPodThatExceedsItsDeadlineIsStoppedWithItsGracePeriodAndFails(RestartPolicy policy) {
        PodPlan plan = plan(limited(policy), aged("h", 0, 60, true), at("s1", running()), at("app", running()));
        assertEquals("StopContainers(2, grace 7s) StopSandbox", actions(plan));
        assertEquals(Optional.of(PodEnd.DEADLINE), plan.end());
        PodPlan after = plan(limited(policy), aged("h", 0, 60, false), at("s1", exited(0)), at("app", exited(0)));
        assertEquals("RecordEnd(Failed)", actions(after));
        assertEquals(Optional.of(PodEnd.DEADLINE), after.end());
        ends.put("a", ((PodAction.RecordEnd) after.actions().getFirst()).end());
        now = NOW.minusSeconds(30);
        PodPlan restarted =
                plan(limited(policy), aged("h", 0, 60, false), at("app", exited(0, GRACE, Duration.ofSeconds(-1))));
        assertEquals("", actions(restarted));
        assertTrue(restarted.end().orElseThrow().byDeadline(), "although the clock was set back");
    }

    @Test
    void aSandboxWithoutATimeDoesNotMakeTheDeadlinePass() {
        Pod pod = limited(RestartPolicy.Always);
        PodPlan plan = plan(
                pod,
                sandbox("h", "a", 0, false).madeAt(null), // the daemon was killed while the runtime made it
                aged("n", 1, 20, true),
                instance("n", "a", "s1", 1, running()),
                instance("n", "a", "app", 1, running()));
        assertEquals(
                "RemoveSandbox", actions(plan), "of the one without a time, which does not show when the pod began");
        assertEquals(Optional.of(NOW.plusSeconds(40)), plan.due());
        times = new PodTimes(Map.of(), Map.of("a", NOW.minusSeconds(59)), Map.of(), Duration.ofHours(-3));
        assertEquals(
                Optional.of(NOW.plusSeconds(1)),
                plan(pod, aged("n", 0, 60, true), at("s1", running()), at("app", running()))
                        .due(),
                "by the steady clock, not by the runtime's");
    }

    @Test
    void theDeadlineCountsFromTheFirstSandboxWhichIsKept() {
        PodPlan plan = plan(
                limited(RestartPolicy.Always),
                aged("h", 0, 60, false),
                aged("m", 1, 40, false),
                aged("n", 2, 20, true),
                instance("n", "a", "app", 1, running()));
        assertEquals("StopContainers(1, grace 7s) StopSandbox RemoveSandbox", actions(plan));
        assertEquals(Optional.of(PodEnd.DEADLINE), plan.end());
        PodAction.RemoveSandbox remove =
                (PodAction.RemoveSandbox) plan.actions().getLast();
        assertEquals("m", remove.id().value());
    }

    @Test
    void aPodThatEndedInTimeHasNotExceededItsDeadline() {
        PodPlan plan = plan(
                limited(RestartPolicy.Never),
                aged("h", 0, 600, false),
                at("app", exited(0, Duration.ofSeconds(5), Duration.ofSeconds(560))),
                at("s1", exited(137, Duration.ofSeconds(5), Duration.ofSeconds(530))));
        assertEquals(Optional.of(PodEnd.SUCCEEDED), plan.end());
    }
}
