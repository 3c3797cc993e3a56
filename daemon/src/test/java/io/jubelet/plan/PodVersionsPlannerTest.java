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

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.PlannerInput.Prepared;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Handler;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.LifecycleHooks;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Plans for updates, for pods without manifest, and for failed probes. */
class PodVersionsPlannerTest extends PlannerFixture {

    @Test
    void anUpdatePullsImagesWhileTheOldVersionRuns() {
        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), oldVersionRuns());
        assertEquals("EnsureImage(image/app)", actions(plan));
        assertEquals(new PodLifecycle.Syncing(), plan.lifecycle());
    }

    @Test
    void anUpdateIsPreparedWhileTheOldVersionRuns() {
        present("app");
        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), oldVersionRuns());
        assertEquals("PrepareUpdate", actions(plan));
        assertEquals(new PodLifecycle.Syncing(), plan.lifecycle());
        PodAction.PrepareUpdate prepare =
                (PodAction.PrepareUpdate) plan.actions().getFirst();
        assertEquals("sha256:app", prepare.images().get("app").own());
    }

    @Test
    void anUpdateThatLacksSomethingWaitsAndIsTriedAgain() {
        running = Optional.of(pod("old", RestartPolicy.Always, "was"));
        present("app", "was");
        prepared = new Prepared(Set.of("new"), Optional.empty());
        failures.put(
                PodAction.PrepareUpdate.FAILURE_KEY,
                new ActionFailure("CreateContainerConfigError", "secret \"a\" not found", 1, NOW.plusSeconds(3)));
        ObservedPod observed = observed(sandbox("s", "old", 0, true), instance("s", "old", "was", 0, running()));

        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), observed);
        assertEquals("", actions(plan), "the old version keeps running");
        assertEquals(Optional.of(NOW.plusSeconds(3)), plan.due());
        assertEquals(
                new Waiting(WaitingCause.Other.NOT_PREPARED, "CreateContainerConfigError", "secret \"a\" not found"),
                plan.updateWaiting().get("app"));

        failures.replaceAll((_, failure) -> new ActionFailure(failure.reason(), failure.message(), 1, NOW));
        assertEquals("PrepareUpdate", actions(plan(pod("new", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void theOldVersionIsRestartedWhileTheNewOneCannotBePrepared() {
        running = Optional.of(pod("old", RestartPolicy.Always, "was"));
        present("app", "was");
        failures.put(
                PodAction.PrepareUpdate.FAILURE_KEY, new ActionFailure("Failed", "no space", 1, NOW.plusSeconds(3)));
        ObservedPod ended = observed(sandbox("s", "old", 0, true), instance("s", "old", "was", 0, exited(1)));
        assertEquals("StartContainer(was, attempt 1)", actions(plan(pod("new", RestartPolicy.Always, "app"), ended)));
        ObservedPod dead = observed(sandbox("s", "old", 0, false), instance("s", "old", "was", 0, running()));
        assertTrue(actions(plan(pod("new", RestartPolicy.Always, "app"), dead)).contains("CreateSandbox"));
    }

    @Test
    void directoriesOfAnUpdateThatIsTakenBackAreRemoved() {
        present("app");
        prepared = new Prepared(Set.of("new", "a"), Optional.empty());
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed);
        assertEquals(
                List.of(new PodAction.RemoveDirectories("new", "the version is not wanted any more")), plan.actions());

        // With the manifest gone, the worker stays until the directories are gone, too.
        PodPlan gone = plan(Optional.empty(), observed());
        assertEquals("RemoveDirectories RemoveDirectories", actions(gone));
        assertEquals(new PodLifecycle.Terminating("a", "the manifest was removed"), gone.lifecycle());
        prepared = Prepared.NONE;
        assertEquals(
                new PodLifecycle.Terminated(),
                plan(Optional.empty(), observed()).lifecycle());
    }

    @Test
    void directoriesAreNotRemovedWhileTheRuntimeShowsTheirVersion() {
        present("app");
        prepared = new Prepared(Set.of("old", "a"), Optional.empty());
        ObservedPod observed = observed(
                sandbox("s", "old", 0, false), sandbox("t", "a", 0, true), instance("t", "a", "app", 0, running()));
        assertEquals("RemoveDirectories RemoveSandbox", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void theOldVersionIsKeptWhileTheNewImageIsNotAvailable() {
        running = Optional.of(pod("old", RestartPolicy.Always, "was"));
        present("was");
        images.put("image/app", new ImageState.Failed(ImageError.ImagePullBackOff, "no such tag", NOW.plusSeconds(20)));
        ObservedPod observed = observed(sandbox("s", "old", 0, true), instance("s", "old", "was", 0, exited(1)));
        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), observed);
        assertEquals("StartContainer(was, attempt 1)", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(20)), plan.due());
    }

    @Test
    void theNewVersionStartsBeforeTheRemainsOfTheOldAreRemoved() {
        present("app");
        lifecycle = new PodLifecycle.Terminating("old", "the manifest changed");
        ObservedPod stopped = observed(sandbox("s", "old", 0, false), instance("s", "old", "app", 0, exited(0)));
        assertEquals("CreateSandbox(attempt 0)", actions(plan(pod("new", RestartPolicy.Always, "app"), stopped)));
        ObservedPod both = stopped.with(sandbox("t", "new", 0, true)).with(instance("t", "new", "app", 0, running()));
        assertEquals("RemoveDirectories RemoveSandbox", actions(plan(pod("new", RestartPolicy.Always, "app"), both)));
    }

    @Test
    void aTerminationIsCompletedEvenIfTheSameVersionIsWantedAgain() {
        present("app");
        lifecycle = new PodLifecycle.Terminating("a", "the manifest was removed");
        Pod again = pod("a", RestartPolicy.Always, "app");
        ObservedPod live = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(plan(again, live)));
        ObservedPod stopped = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(0)));
        assertEquals("RemoveDirectories RemoveSandbox", actions(plan(again, stopped)));
        assertEquals("CreateSandbox(attempt 0)", actions(plan(again, observed())));
    }

    // --- unwanted

    @Test
    void aPodWithoutManifestIsStoppedWithItsGracePeriodThenRemoved() {
        PodPlan stop =
                plan(Optional.empty(), observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running())));
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(stop));
        lifecycle = stop.lifecycle();
        PodPlan remove = plan(
                Optional.empty(), observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(143))));
        assertEquals("RemoveDirectories RemoveSandbox", actions(remove));
        lifecycle = remove.lifecycle();
        assertEquals(
                new PodLifecycle.Terminated(),
                plan(Optional.empty(), observed()).lifecycle());
    }

    @Test
    void everyActionCarriesAReason() {
        Stream.of(oldVersionRuns(), observed(), observed(sandbox("s", "new", 0, true)))
                .flatMap(o -> plan(pod("new", RestartPolicy.Always, "app"), o).actions().stream())
                .forEach(action -> assertTrue(!action.reason().isBlank(), action.summary()));
    }

    @Test
    void stopsAContainerWhoseProbeFailedWithTheGracePeriodOfTheProbe() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed, DEAD);
        assertEquals("StopContainers(1, grace 3s)", actions(plan));
        assertEquals(
                "Container app failed liveness probe, will be restarted",
                plan.actions().getFirst().reason());
        plan = plan(pod("a", RestartPolicy.Never, "app"), observed, DEAD);
        assertEquals(
                "Container app failed liveness probe", plan.actions().getFirst().reason());
    }

    @Test
    void aProbeWithoutGracePeriodUsesThatOfThePodAndAStartupProbeIsNamed() {
        ContainerHealth health = new ContainerHealth(
                false,
                false,
                Optional.of(new ContainerHealth.Failure(Probe.Kind.STARTUP, "no answer", Optional.empty())));
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        PodPlan plan = plan(pod("a", RestartPolicy.OnFailure, "app"), observed, health);
        assertEquals("StopContainers(1, grace 7s)", actions(plan));
        assertEquals(
                "Container app failed startup probe, will be restarted",
                plan.actions().getFirst().reason());
    }

    @Test
    void aContainerStoppedForItsHealthIsRestartedWithAnyExitCode() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, exited(0)));
        assertEquals(
                "StartContainer(app, attempt 1)",
                actions(plan(pod("a", RestartPolicy.OnFailure, "app"), observed, DEAD)));
        assertEquals("StopSandbox", actions(plan(pod("a", RestartPolicy.Never, "app"), observed, DEAD)));
    }

    @Test
    void everyStopCarriesTheVersionOfItsHook() {
        Pod plain = pod("a", RestartPolicy.Always, "app", "log");
        ContainerSpec withHooks = ContainerSpec.builder("app", "image/app")
                .hooks(new LifecycleHooks(Optional.empty(), Optional.of(new Handler.Sleep(Duration.ZERO)), ""))
                .build();
        Pod old = new Pod(
                plain.name(),
                plain.node(),
                plain.uid(),
                plain.hash(),
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(withHooks, plain.spec().containers().getLast()))
                        .build(),
                plain.manifest());
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, running()),
                instance("s", "a", "log", 0, running()));
        ContainerId app = observed.newest("a", "app").orElseThrow().id();

        assertEquals(Map.of(app, old), withHooks(plan(old, observed, DEAD)), "liveness");
        running = Optional.of(old);
        assertEquals(Map.of(app, old), withHooks(plan(Optional.empty(), observed)), "removal");
        present("new");
        assertEquals(
                Map.of(app, old),
                withHooks(plan(pod("b", RestartPolicy.Always, "new"), preparedBeside(observed, "b", "new"))),
                "update");
        running = Optional.empty();
        assertEquals(Map.of(), withHooks(plan(Optional.empty(), observed)), "what it was is lost");
    }
}
