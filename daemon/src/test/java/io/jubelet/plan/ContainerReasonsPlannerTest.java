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
import io.jubelet.pod.ImageError;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Why a container is started, as the log and the events say it, and why it waits. */
class ContainerReasonsPlannerTest extends PlannerFixture {

    private static final Pod POD = pod("a", RestartPolicy.Always, "app");

    private static PodAction.StartContainer start(PodPlan plan) {
        return plan.actions().stream()
                .filter(PodAction.StartContainer.class::isInstance)
                .map(PodAction.StartContainer.class::cast)
                .findFirst()
                .orElseThrow();
    }

    // --- why it is started

    @Test
    void aFirstStartSaysSo() {
        present("app");
        assertEquals(
                "it has not been started yet",
                start(plan(POD, observed(sandbox("s", "a", 0, true)))).reason());
    }

    @Test
    void aRestartNamesTheExitCode() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, exited(3)));
        PodPlan plan = plan(POD, observed);
        assertEquals("it ended with exit code 3", start(plan).reason());
        assertEquals("ContainerCreating", plan.waiting().get("app").reason());
    }

    /** An init container must run again in a new sandbox; a main container counts wherever it ran. */
    private static final Pod INIT = TestPods.with(
            POD,
            PodSpec.builder(List.of(TestPods.spec("app").build()))
                    .initContainers(List.of(TestPods.spec("init").build()))
                    .build());

    @Test
    void anInitContainerOfAnEarlierSandboxRunsAgain() {
        present("app", "init");
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false),
                sandbox("s", "a", 1, true),
                instance(
                        "old",
                        "a",
                        "init",
                        4,
                        exited(137, Duration.ofSeconds(5), Duration.ofSeconds(400)),
                        Duration.ofSeconds(80)));
        PodAction.StartContainer start = start(plan(INIT, observed));
        assertEquals("the pod restarts in a new sandbox", start.reason());
        assertEquals(5, start.attempt());
        assertEquals(Duration.ofSeconds(80), start.backoff(), "it did not end by itself");
    }

    @Test
    void aContainerThatWasOnlyCreatedInAnEarlierSandboxMakesRoomForItsFirstStart() {
        present("app");
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false),
                sandbox("s", "a", 1, true),
                instance("old", "a", "app", 0, new State.Created()));
        PodPlan plan = plan(POD, observed);
        assertEquals("RemoveContainer(app, attempt 0)", actions(plan));
        assertEquals(
                "it was created and it never ran", plan.actions().getFirst().reason());
        PodAction.StartContainer start = start(plan(POD, observed(sandbox("s", "a", 1, true))));
        assertEquals(0, start.attempt());
        assertEquals(Duration.ZERO, start.backoff());
    }

    @Test
    void anInitContainerWhoseStartWasInterruptedInAnEarlierSandboxIsNoRestart() {
        present("app", "init");
        State interrupted = new State.Exited(null, NOW, 128, "StartError", "context canceled");
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false),
                sandbox("s", "a", 1, true),
                instance("old", "a", "init", 3, interrupted));
        PodPlan plan = plan(INIT, observed);
        assertEquals("RemoveContainer(init, attempt 3)", actions(plan));
        assertEquals(
                "its start was interrupted and it never ran",
                plan.actions().getFirst().reason());
    }

    // --- why it waits

    @ParameterizedTest
    @CsvSource({"10, 10s", "59, 59s", "60, 1m0s", "80, 1m20s", "160, 2m40s", "300, 5m0s"})
    void theCrashLoopBackOffIsWrittenAsTheKubeletWritesIt(int seconds, String text) {
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance(
                        "s",
                        "a",
                        "app",
                        1,
                        exited(1, Duration.ofSeconds(1), Duration.ZERO),
                        Duration.ofSeconds(seconds)));
        assertEquals(
                "back-off " + text + " restarting failed container=app pod=web-node1_default(a)",
                plan(POD, observed).waiting().get("app").message());
    }

    @Test
    void aStartThatFailedIsRetriedWhenItIsDueAndNotBefore() {
        present("app");
        failures.put("app", new ActionFailure("CreateContainerError", "no such mount", 1, NOW.plusSeconds(2)));
        PodPlan plan = plan(POD, observed(sandbox("s", "a", 0, true)));
        assertEquals("no such mount", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(2)), plan.due());
        failures.put("app", new ActionFailure("CreateContainerError", "no such mount", 1, NOW));
        assertEquals("StartContainer(app, attempt 0)", actions(plan(POD, observed(sandbox("s", "a", 0, true)))));
    }

    @Test
    void theStartOfACreatedContainerIsRetriedWhenItIsDueAndNotBefore() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, new State.Created()));
        failures.put("app", new ActionFailure("RunContainerError", "exec format error", 1, NOW.plusSeconds(2)));
        PodPlan plan = plan(POD, observed);
        assertEquals("", actions(plan));
        assertEquals("exec format error", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(2)), plan.due());
        failures.put("app", new ActionFailure("RunContainerError", "exec format error", 1, NOW));
        assertEquals("StartCreated(app)", actions(plan(POD, observed)));
    }

    @Test
    void aContainerWhoseStartFailedNeedsNoImageBeforeTheSandboxIsReplaced() {
        failures.put("app", new ActionFailure("CreateContainerError", "no such mount", 1, NOW.plusSeconds(2)));
        assertEquals("CreateSandbox(attempt 0)", actions(plan(POD, observed())));
    }

    @Test
    void theFailureOfASandboxIsWhatItsContainersWaitFor() {
        present("app");
        failures.put("", new ActionFailure("FailedCreatePodSandBox", "no network", 1, NOW));
        assertEquals("CreateSandbox(attempt 0)", actions(plan(POD, observed())));
    }

    // --- images of volumes

    private static Pod mounting(String... images) {
        List<Volume> volumes = Arrays.stream(images)
                .<Volume>map(image -> new Volume.Image(image, "image/" + image, ImagePullPolicy.IfNotPresent))
                .toList();
        List<VolumeMount> mounts = Arrays.stream(images)
                .map(image -> new VolumeMount(
                        image,
                        "/" + image,
                        true,
                        VolumeMount.RecursiveReadOnly.Disabled,
                        VolumeMount.Propagation.None,
                        "",
                        ""))
                .toList();
        Pod plain = pod("a", RestartPolicy.Always, "app");
        return TestPods.with(
                plain,
                PodSpec.builder(List.of(
                                TestPods.spec("app").volumeMounts(mounts).build()))
                        .volumes(volumes)
                        .build());
    }

    @Test
    void aContainerStartsWhenTheImagesThatItMountsArePresentToo() {
        Pod pod = mounting("data", "tools");
        present("app", "data");
        PodPlan plan = plan(pod, observed(sandbox("s", "a", 0, true)));
        assertEquals("EnsureImage(image/tools)", actions(plan));
        assertEquals("container app mounts it", plan.actions().getFirst().reason());
        present("tools");
        PodAction.StartContainer start = start(plan(pod, observed(sandbox("s", "a", 0, true))));
        assertEquals(
                Map.of("image/data", "sha256:data", "image/tools", "sha256:tools"),
                start.images().mounted());
        assertEquals("sha256:app", start.images().own());
    }

    @Test
    void aMountedImageThatIsPulledOrCannotBePulledIsWhatTheContainerWaitsFor() {
        Pod pod = mounting("data");
        present("app");
        images.put("image/data", new ImageState.Pulling(NOW));
        assertEquals(
                "pulling image image/data",
                plan(pod, observed(sandbox("s", "a", 0, true)))
                        .waiting()
                        .get("app")
                        .message());
        images.put("image/data", new ImageState.Failed(ImageError.ErrImagePull, "no such tag", NOW.plusSeconds(5)));
        PodPlan plan = plan(pod, observed(sandbox("s", "a", 0, true)));
        assertEquals("ErrImagePull", plan.waiting().get("app").reason());
        assertEquals(Optional.of(NOW.plusSeconds(5)), plan.due());
    }

    @Test
    void aMountedImageThatFailedIsAMoreImportantReasonThanOneThatIsPulled() {
        images.put("image/app", new ImageState.Pulling(NOW));
        images.put("image/data", new ImageState.Failed(ImageError.ErrImagePull, "no such tag", NOW.plusSeconds(5)));
        PodPlan plan = plan(mounting("data"), observed(sandbox("s", "a", 0, true)));
        assertEquals("no such tag", plan.waiting().get("app").message());
    }

    @Test
    void anImageThatIsNeededTwiceIsEnsuredOnce() {
        Pod pod = mounting("app");
        assertEquals("EnsureImage(image/app)", actions(plan(pod, observed(sandbox("s", "a", 0, true)))));
    }

    @Test
    void onlyAVolumeThatTheContainerMountsKeepsItWaiting() {
        Pod mounted = mounting("data");
        Pod unmounted = TestPods.with(
                mounted,
                PodSpec.builder(List.of(TestPods.spec("app").build()))
                        .volumes(mounted.spec().volumes())
                        .build());
        present("app");
        assertEquals("StartContainer(app, attempt 0)", actions(plan(unmounted, observed(sandbox("s", "a", 0, true)))));
        assertEquals(Set.of("image/app", "image/data"), ImageStates.images(unmounted));
    }

    @Test
    void aRunningContainerNeedsNoReason() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, running()));
        assertEquals(Map.of(), plan(POD, observed).waiting());
    }
}
