package io.jubelet.reconcile;

import static io.jubelet.reconcile.TestPods.GRACE;
import static io.jubelet.reconcile.TestPods.NOW;
import static io.jubelet.reconcile.TestPods.WEB;
import static io.jubelet.reconcile.TestPods.exited;
import static io.jubelet.reconcile.TestPods.instance;
import static io.jubelet.reconcile.TestPods.pod;
import static io.jubelet.reconcile.TestPods.running;
import static io.jubelet.reconcile.TestPods.sandbox;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Lifecycle;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Probe;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodPlannerTest {

    private final PodPlanner planner = new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX));
    private final Map<String, ImageState> images = new HashMap<>();
    private final Map<String, ActionFailure> failures = new HashMap<>();
    private PodLifecycle lifecycle = new PodLifecycle.Syncing();
    private Optional<Pod> running = Optional.empty();
    private Instant acceptedAt = NOW.minusSeconds(500);

    private PodPlan plan(Optional<Pod> wanted, ObservedPod observed) {
        return planner.plan(new Situation(
                wanted,
                acceptedAt,
                running,
                lifecycle,
                observed,
                TestPods.images(wanted, running, images),
                Map.of(),
                failures,
                NOW));
    }

    private PodPlan plan(Pod wanted, ObservedPod observed) {
        return plan(Optional.of(wanted), observed);
    }

    private static ObservedPod observed(Object... things) {
        ObservedPod pod = ObservedPod.none(WEB);
        for (Object thing : things) {
            pod = thing instanceof ObservedContainer container
                    ? pod.with(container)
                    : pod.with((io.jubelet.observed.ObservedSandbox) thing);
        }
        return pod;
    }

    private void present(String... containers) {
        for (String container : containers) {
            images.put("image/" + container, new ImageState.Present("sha256:" + container, NOW, false));
        }
    }

    private static String actions(PodPlan plan) {
        return String.join(" ", plan.actions().stream().map(PodAction::summary).toList());
    }

    // --- what is wanted and not there

    @Test
    void fetchesImagesAndMakesTheSandboxOfANewPodSideBySide() {
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
    void aPullInProgressHoldsBackTheFirstStartOfLaterContainers() {
        present("log");
        images.put("image/app", new ImageState.Pulling(NOW));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("", actions(plan));
        assertEquals("pulling image image/app", plan.waiting().get("app").message());
    }

    @Test
    void aPullThatFailedHoldsBackNobodyElse() {
        present("log");
        images.put("image/app", new ImageState.Failed("ImagePullBackOff", "no such tag", NOW.plusSeconds(20)));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(log, attempt 0)", actions(plan));
        assertEquals("ImagePullBackOff", plan.waiting().get("app").reason());
        assertEquals("no such tag", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(20)), plan.due());
    }

    @Test
    void triesAFailedPullAgainWhenItsTimeHasCome() {
        images.put("image/app", new ImageState.Failed("ImagePullBackOff", "no such tag", NOW));
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed(sandbox("s", "a", 0, true)));
        assertEquals("EnsureImage(image/app)", actions(plan));
    }

    @Test
    void looksAnImageUpAgainBeforeARestartForItMayHaveBeenRemoved() {
        images.put("image/app", new ImageState.Present("sha256:app", NOW.minusSeconds(60), false));
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, exited(1, Duration.ofSeconds(5), Duration.ofSeconds(1))));
        assertEquals("EnsureImage(image/app)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void anImageFoundIsNotAnImagePulledForPolicyAlways() {
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
                "{}",
                "/m.yaml");
        present("app");
        assertEquals("EnsureImage(image/app)", actions(plan(always, observed(sandbox("s", "a", 0, true)))));
        images.put("image/app", new ImageState.Present("sha256:app", NOW, true));
        assertEquals("StartContainer(app, attempt 0)", actions(plan(always, observed(sandbox("s", "a", 0, true)))));
    }

    @Test
    void aClockSetBackDoesNotMakeAnImageStaleForEver() {
        acceptedAt = NOW.plusSeconds(3600);
        present("app");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(app, attempt 0)", actions(plan));
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
    @CsvSource({"OnFailure, 0", "Never, 0", "Never, 1"})
    void stopsTheSandboxWhenAllContainersHaveFinished(RestartPolicy policy, int exitCode) {
        ObservedPod finished = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, exited(exitCode)));
        assertEquals("StopSandbox", actions(plan(pod("a", policy, "app"), finished)));
        ObservedPod stopped = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(exitCode)));
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
    void waitsTheCrashLoopBackOffOutFromTheMomentOfTheEnd(int attempt, int kept, int ran, int ago, int waits) {
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
    void keepsTheNextDelayWithTheNewInstance() {
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
    void startsAnInstanceThatWasCreatedAndNeverStarted() {
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, new State.Created()));
        assertEquals("StartCreated(app)", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void stopsAnInstanceTheRuntimeDoesNotKnowTheStateOf() {
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

    @ParameterizedTest
    @CsvSource({
        "Always,    1, 'EnsureImage(image/app) StopSandbox CreateSandbox(attempt 1)'",
        "OnFailure, 1, 'EnsureImage(image/app) StopSandbox CreateSandbox(attempt 1)'",
        "OnFailure, 0, ''",
        "Never,     1, ''",
        "Never,     0, ''"
    })
    void replacesADeadSandboxByPolicy(RestartPolicy policy, int exitCode, String expected) {
        ObservedPod observed = observed(sandbox("s", "a", 0, false), instance("s", "a", "app", 0, exited(exitCode)));
        assertEquals(expected, actions(plan(pod("a", policy, "app"), observed)));
    }

    @Test
    void stopsWhatStillRunsInADeadSandboxBeforeReplacingIt() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 4, false), instance("s", "a", "app", 0, running()));
        assertEquals(
                "StopContainers(1, grace 7s) StopSandbox CreateSandbox(attempt 5)",
                actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void endsTheOlderOfTwoReadySandboxes() {
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
    void removesASandboxWhoseContainersAreAllForgotten() {
        ObservedPod observed = observed(
                sandbox("old", "a", 0, false), sandbox("new", "a", 1, true), instance("new", "a", "app", 1, running()));
        assertEquals("RemoveSandbox", actions(plan(pod("a", RestartPolicy.Always, "app"), observed)));
    }

    @Test
    void aSandboxThatCouldNotBeMadeIsTriedAgainAfterAWhile() {
        failures.put("", new ActionFailure("FailedCreatePodSandBox", "no network", 1, NOW.plusSeconds(2)));
        present("app");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app"), observed());
        assertEquals("", actions(plan));
        assertEquals("no network", plan.waiting().get("app").message());
        assertEquals(Optional.of(NOW.plusSeconds(2)), plan.due());
    }

    @Test
    void aContainerThatCouldNotBeStartedHoldsBackNobodyElse() {
        failures.put("app", new ActionFailure("CreateContainerError", "no such mount", 1, NOW.plusSeconds(2)));
        present("app", "log");
        PodPlan plan = plan(pod("a", RestartPolicy.Always, "app", "log"), observed(sandbox("s", "a", 0, true)));
        assertEquals("StartContainer(log, attempt 0)", actions(plan));
        assertEquals("CreateContainerError", plan.waiting().get("app").reason());
    }

    // --- update

    private ObservedPod oldVersionRuns() {
        return observed(sandbox("s", "old", 0, true), instance("s", "old", "app", 0, running()));
    }

    @Test
    void anUpdateFetchesImagesWhileTheOldVersionRuns() {
        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), oldVersionRuns());
        assertEquals("EnsureImage(image/app)", actions(plan));
        assertEquals(new PodLifecycle.Syncing(), plan.lifecycle());
    }

    @Test
    void anUpdateEndsTheOldVersionOnceTheImagesAreThere() {
        present("app");
        PodPlan plan = plan(pod("new", RestartPolicy.Always, "app"), oldVersionRuns());
        assertEquals("StopContainers(1, grace 7s) StopSandbox", actions(plan));
        assertEquals(new PodLifecycle.Terminating("old", "the manifest changed"), plan.lifecycle());
    }

    @Test
    void theOldVersionIsKeptAliveWhileTheNewImageCannotBeHad() {
        running = Optional.of(pod("old", RestartPolicy.Always, "was"));
        present("was");
        images.put("image/app", new ImageState.Failed("ImagePullBackOff", "no such tag", NOW.plusSeconds(20)));
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
    void anEndThatHasBegunIsFinishedEvenWhenTheSameVersionIsWantedAgain() {
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
    void aPodWithoutManifestIsStoppedWithItsGraceThenRemoved() {
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

    // --- health and hooks

    private static final ContainerHealth DEAD = new ContainerHealth(
            true,
            false,
            Optional.of(
                    new ContainerHealth.Failure(Probe.Kind.LIVENESS, "no answer", Optional.of(Duration.ofSeconds(3)))));

    private PodPlan plan(Pod wanted, ObservedPod observed, ContainerHealth health) {
        Map<ContainerId, ContainerHealth> all = new HashMap<>();
        observed.containers().forEach(container -> all.put(container.id(), health));
        return planner.plan(new Situation(
                Optional.of(wanted),
                acceptedAt,
                running,
                lifecycle,
                observed,
                TestPods.images(Optional.of(wanted), running, images),
                all,
                failures,
                NOW));
    }

    @Test
    void stopsAContainerThatAProbeHasGivenUpWithTheProbesGrace() {
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
    void aProbeWithoutGraceLeavesThePodsAndAStartupProbeIsNamed() {
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
    void whatWasStoppedForItsHealthIsStartedAgainHoweverItEnded() {
        present("app");
        ObservedPod observed = observed(sandbox("s", "a", 0, true), instance("s", "a", "app", 0, exited(0)));
        assertEquals(
                "StartContainer(app, attempt 1)",
                actions(plan(pod("a", RestartPolicy.OnFailure, "app"), observed, DEAD)));
        assertEquals("StopSandbox", actions(plan(pod("a", RestartPolicy.Never, "app"), observed, DEAD)));
    }

    @Test
    void everyStopCarriesTheVersionWhoseHookComesFirst() {
        Pod plain = pod("a", RestartPolicy.Always, "app", "log");
        ContainerSpec hooked = ContainerSpec.builder("app", "image/app")
                .lifecycle(new Lifecycle(Optional.empty(), Optional.of(new Handler.Sleep(Duration.ZERO)), ""))
                .build();
        Pod old = new Pod(
                plain.name(),
                plain.node(),
                plain.uid(),
                plain.hash(),
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(hooked, plain.spec().containers().getLast()))
                        .build(),
                plain.document(),
                plain.source());
        ObservedPod observed = observed(
                sandbox("s", "a", 0, true),
                instance("s", "a", "app", 0, running()),
                instance("s", "a", "log", 0, running()));
        ContainerId app = observed.newest("a", "app").orElseThrow().id();

        assertEquals(Map.of(app, old), hooked(plan(old, observed, DEAD)), "liveness");
        running = Optional.of(old);
        assertEquals(Map.of(app, old), hooked(plan(Optional.empty(), observed)), "removal");
        present("new");
        assertEquals(Map.of(app, old), hooked(plan(pod("b", RestartPolicy.Always, "new"), observed)), "update");
        running = Optional.empty();
        assertEquals(Map.of(), hooked(plan(Optional.empty(), observed)), "what it was is lost");
    }

    private static Map<ContainerId, Pod> hooked(PodPlan plan) {
        return plan.actions().stream()
                .filter(PodAction.StopContainers.class::isInstance)
                .map(action -> ((PodAction.StopContainers) action).hooked())
                .findFirst()
                .orElseThrow();
    }
}
