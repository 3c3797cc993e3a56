/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import static io.jubelet.plan.TestPods.GRACE;
import static io.jubelet.plan.TestPods.NOW;
import static io.jubelet.plan.TestPods.exited;
import static io.jubelet.plan.TestPods.instance;
import static io.jubelet.plan.TestPods.pod;
import static io.jubelet.plan.TestPods.running;
import static io.jubelet.plan.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans for a wanted version. */
class PodPlannerTest extends PlannerFixture {

    // --- what is wanted and not there

    @Test
    void pullsImagesAndCreatesTheSandboxOfANewPodAtTheSameTime() {
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed());
        assertEquals("EnsureImage(image/app) EnsureImage(image/log) CreateSandbox(attempt 0)", actions(plan));
        assertEquals("ContainerCreating", plan.waiting().get("app").reason());
    }

    @Test
    void startsContainersInTheOrderOfTheManifest() {
        present("app", "log");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(app, attempt 0) StartContainer(log, attempt 0)", actions(plan));
    }

    @Test
    void aPullInProgressDelaysTheFirstStartOfLaterContainers() {
        present("log");
        images.put("image/app", new ImageState.Pulling(NOW));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("", actions(plan));
        assertEquals("pulling image image/app", plan.waiting().get("app").message());
    }

    @Test
    void aFailedPullDelaysNoOtherContainer() {
        present("log");
        images.put("image/app", new ImageState.Failed(ImageError.ImagePullBackOff, "no such tag", NOW.plusSeconds(20)));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(log, attempt 0)", actions(plan));
        assertEquals("ImagePullBackOff", plan.waiting().get("app").reason());
        assertEquals("no such tag", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(20)), plan.due());
    }

    @Test
    void retriesAFailedPullWhenItIsDue() {
        images.put("image/app", new ImageState.Failed(ImageError.ImagePullBackOff, "no such tag", NOW));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed(sandbox("s", "a", 0, true)));
        assertEquals("EnsureImage(image/app)", actions(plan));
    }

    @Test
    void checksAnImageAgainBeforeARestart() {
        images.put("image/app", new ImageState.Present("sha256:app", NOW.minusSeconds(60), false));
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, exited(1, Duration.ofSeconds(5), Duration.ofSeconds(1))));
        assertEquals("EnsureImage(image/app)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void policyAlwaysNeedsAPulledImage() {
        Pod pod = pod("a", RestartPolicy.Always, "app");
        Pod always = new Pod(
                pod.name(),
                pod.node(),
                pod.uid(),
                pod.hash(),
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(TestPods.container("app", io.jubelet.pod.ImagePullPolicy.Always)))
                        .terminationGracePeriod(GRACE)
                        .build(),
                new Pod.Manifest("{}", "/m.yaml"));
        present("app");
        assertEquals("EnsureImage(image/app)", actions(plan(always, observed(sandbox("s", "a", 0, true)))));
        images.put("image/app", new ImageState.Present("sha256:app", NOW, true));
        assertEquals("StartContainer(app, attempt 0)", actions(plan(always, observed(sandbox("s", "a", 0, true)))));
    }

    @Test
    void aClockSetBackDoesNotMakeAnImageStaleForEver() {
        present("app");
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, exited(1, Duration.ofSeconds(5), Duration.ofHours(-1))));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed);
        assertEquals("StartContainer(app, attempt 1)", actions(plan));
    }

    // --- what is wanted and there

    @ParameterizedTest
    @CsvSource({"Always", "OnFailure", "Never"})
    void aPodThatRunsAsWantedNeedsNothing(RestartPolicy policy) {
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, running()),
                instance("s", "a", "log", 3, running()));
        assertEquals(PodPlan.nothing(new PodLifecycle.Syncing()), plan(pod("a", policy, "app", "log"), observed));
    }

    @ParameterizedTest
    @CsvSource({
        "Always,    0, 'StartContainer(app, attempt 1)'",
        "Always,    1, 'StartContainer(app, attempt 1)'",
        "OnFailure, 0, ''",
        "OnFailure, 1, 'StartContainer(app, attempt 1)'",
        "Never,     0, ''",
        "Never,     1, ''"
    })
    void restartsAnExitedContainerByPolicy(RestartPolicy policy, int exitCode, String expected) {
        present("app");
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, exited(exitCode)),
                instance("s", "a", "log", 0, running()));
        assertEquals(expected, actions(plan(pod("a", policy, "app", "log"), observed)));
    }

    @ParameterizedTest
    @CsvSource({"Always", "OnFailure", "Never"})
    void anInstanceWhoseStartEndedWithTheDaemonIsNoRestart(RestartPolicy policy) {
        present("app");
        State interrupted = new State.Exited(null, NOW.minusSeconds(9), 128, "StartError", "context canceled");
        PodPlan plan = plan(
                pod("a", policy, "app"),
                observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, interrupted)));
        assertEquals("RemoveContainer(app, attempt 0)", actions(plan));
        assertEquals(Optional.empty(), plan.end());
        PodPlan next = plan(pod("a", policy, "app"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(app, attempt 0)", actions(next));
    }

    @Test
    void anInstanceThatTheRuntimeCouldNotStartIsRestartedByPolicy() {
        present("app");
        State failed = new State.Exited(null, NOW.minusSeconds(9), 128, "StartError", "no such file or directory");
        ObservedContainer instance = instance("s", "a", "app", 0, failed);
        failures.put(
                "app",
                new ActionFailure(
                        "RunContainerError", "no such file or directory", 1, NOW, Optional.of(instance.id())));
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance);
        assertEquals("StartContainer(app, attempt 1)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
        assertEquals("StopSandbox", actions(plan(pod("a", RestartPolicy.Never, "app"), observed)));
    }

    /** The runtime rejects a start while it still ends the one of the daemon that was killed. */
    @ParameterizedTest
    @CsvSource({"Always", "OnFailure", "Never"})
    void aRejectedStartDoesNotMakeAnInterruptedOneARestart(RestartPolicy policy) {
        present("app");
        failures.put("app", new ActionFailure("RunContainerError", "already in starting state", 1, NOW.plusSeconds(1)));
        State interrupted = new State.Exited(null, NOW, 128, "StartError", "context canceled");
        PodPlan plan = plan(
                pod("a", policy, "app"),
                observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, interrupted)));
        assertEquals("RemoveContainer(app, attempt 0)", actions(plan));
        assertEquals(Optional.empty(), plan.end());
    }

    @ParameterizedTest
    @CsvSource({"OnFailure, 0, Succeeded", "Never, 0, Succeeded", "Never, 1, Failed"})
    void stopsTheSandboxWhenAllContainersHaveFinished(RestartPolicy policy, int exitCode, String phase) {
        ObservedPod finished = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, exited(exitCode)));
        assertEquals("StopSandbox", actions(plan(pod("a", policy, "app"), finished)));
        ObservedPod stopped = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(exitCode)));
        PodPlan over = plan(pod("a", policy, "app"), stopped);
        assertEquals("RecordEnd(" + phase + ")", actions(over));
        ends.put("a", ((PodAction.RecordEnd) over.actions().getFirst()).end());
        assertEquals("", actions(plan(pod("a", policy, "app"), stopped)));
    }

    @ParameterizedTest
    @CsvSource({
        // attempt, kept back-off, ran, ended ago -> waits until
        "0,   0,   5,   0, 0",
        "1,  10,   5,   3, 7",
        "1,  10,   5,  10, 0",
        "4,  80,   5,  30, 50",
        "9, 300,   5,   0, 300",
        "9, 300, 601,   0, 0",
        "9, 300, 600,   0, 300"
    })
    void theCrashLoopBackOffCountsFromTheEndOfTheInstance(int attempt, int kept, int ran, int ago, int waits) {
        present("app");
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance(
                        "s",
                        "a",
                        "app",
                        attempt,
                        exited(1, Duration.ofSeconds(ran), Duration.ofSeconds(ago)),
                        Duration.ofSeconds(kept)));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed);
        if (waits == 0) {
            assertEquals("StartContainer(app, attempt " + (attempt + 1) + ")", actions(plan));
        } else {
            assertEquals("", actions(plan));
            assertEquals(Optional.of(NOW.plusSeconds(waits)), plan.due());
            assertEquals("CrashLoopBackOff", plan.waiting().get("app").reason());
        }
    }

    @Test
    void storesTheNextDelayWithTheNewInstance() {
        present("app");
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance(
                        "s",
                        "a",
                        "app",
                        1,
                        exited(1, Duration.ofSeconds(1), Duration.ofSeconds(60)),
                        Duration.ofSeconds(10)));
        PodAction.StartContainer start = assertInstanceOf(
                PodAction.StartContainer.class,
                plan(pod("a", RestartPolicy.Always, "app"), observed).actions().getFirst());
        assertEquals(Duration.ofSeconds(20), start.backoff());
    }

    @Test
    void anEndInTheFutureWaitsNoLongerThanItsDelay() {
        present("app");
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance(
                        "s",
                        "a",
                        "app",
                        1,
                        exited(1, Duration.ofSeconds(1), Duration.ofHours(-5)),
                        Duration.ofSeconds(10)));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed);
        assertEquals(Optional.of(NOW.plusSeconds(10)), plan.due());
    }

    @Test
    void startsAnInstanceThatWasCreatedButNotStarted() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, new State.Created()));
        assertEquals("StartCreated(app)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void stopsAnInstanceWhoseStateTheRuntimeDoesNotKnow() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, new State.Unknown()));
        assertEquals("StopContainers(1, grace 7s)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void keepsTheNewestInstanceAndTheOneBefore() {
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 2, running()),
                instance("s", "a", "app", 1, exited(1)),
                instance("s", "a", "app", 0, exited(1)));
        assertEquals("RemoveContainer(app, attempt 0)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    // --- sandboxes

    @Test
    void theSandboxThatIsReadyIsTheCurrentOneWhateverTheClockSays() {
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false).madeAt(NOW.plusSeconds(3600)), // before the clock was set back
                sandbox("new", "a", 1, true).madeAt(NOW),
                instance("new", "a", "app", 1, running()));
        assertEquals("RemoveSandbox", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void ofTwoReadySandboxesTheOneOfTheLaterAttemptStays() {
        ObservedPod observed = observed(
                sandbox("first", "a", 0, true).madeAt(NOW.plusSeconds(3600)),
                sandbox("second", "a", 1, true).madeAt(null),
                instance("second", "a", "app", 1, running()));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed);
        assertEquals("StopSandbox", actions(plan));
        assertEquals(
                "first",
                ((PodAction.StopSandbox) plan.actions().getFirst()).id().value());
    }

    @Test
    void aSandboxThatKeepsEndingIsReplacedAfterABackOff() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 3, false), instance("s", "a", "app", 3, exited(137)));
        Pod pod = pod("a", RestartPolicy.Always, "app");
        times = new PodTimes(Map.of(), Map.of(), Map.of("a", NOW.plusSeconds(4)), Duration.ZERO);
        PodPlan plan = plan(pod, observed);
        assertEquals("", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(4)), plan.due());
        assertEquals(
                WaitingCause.Other.SANDBOX_FAILED, plan.waiting().get("app").cause());
        times = new PodTimes(Map.of(), Map.of(), Map.of("a", NOW), Duration.ZERO);
        assertEquals("StopSandbox CreateSandbox(attempt 4)", actions(plan(pod, observed)));
    }

    @ParameterizedTest
    @CsvSource({
        "Always,    1, 'EnsureImage(image/app) StopSandbox CreateSandbox(attempt 1)'",
        "OnFailure, 1, 'EnsureImage(image/app) StopSandbox CreateSandbox(attempt 1)'",
        "OnFailure, 0, 'RecordEnd(Succeeded)'",
        "Never,     1, 'RecordEnd(Failed)'",
        "Never,     0, 'RecordEnd(Succeeded)'"
    })
    void replacesADeadSandboxByPolicy(RestartPolicy policy, int exitCode, String expected) {
        ObservedPod observed = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(exitCode)));
        assertEquals(expected, actions(plan(pod("a", policy, "app"), observed)));
    }

    @Test
    void stopsContainersThatRunInADeadSandboxBeforeReplacingIt() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 4, false), instance("s", "a", "app", 0, running()));
        assertEquals(
                "StopContainers(1, grace 7s) StopSandbox CreateSandbox(attempt 5)",
                actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void stopsTheOlderOfTwoReadySandboxes() {
        ObservedPod observed = observed(
                sandbox("old", "a", 0, true),
                sandbox("new", "a", 1, true),
                instance("old", "a", "app", 0, running()),
                instance("new", "a", "app", 1, running()));
        assertEquals(
                "StopContainers(1, grace 7s) StopSandbox",
                actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void removesASandboxWithoutContainers() {
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false), sandbox("new", "a", 1, true), instance("new", "a", "app", 1, running()));
        assertEquals("RemoveSandbox", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void aSandboxThatFailedIsRetriedAfterADelay() {
        failures.put("", new ActionFailure("FailedCreatePodSandBox", "no network", 1, NOW.plusSeconds(2)));
        present("app");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed());
        assertEquals("", actions(plan));
        assertEquals("no network", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(2)), plan.due());
    }

    @Test
    void aContainerThatFailedToStartDelaysNoOtherContainer() {
        failures.put("app", new ActionFailure("CreateContainerError", "no such mount", 1, NOW.plusSeconds(2)));
        present("app", "log");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(log, attempt 0)", actions(plan));
        assertEquals("CreateContainerError", plan.waiting().get("app").reason());
    }
}
