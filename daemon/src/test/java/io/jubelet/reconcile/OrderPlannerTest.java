package io.jubelet.reconcile;

import static io.jubelet.reconcile.TestPods.GRACE;
import static io.jubelet.reconcile.TestPods.NOW;
import static io.jubelet.reconcile.TestPods.WEB;
import static io.jubelet.reconcile.TestPods.exited;
import static io.jubelet.reconcile.TestPods.instance;
import static io.jubelet.reconcile.TestPods.running;
import static io.jubelet.reconcile.TestPods.sandbox;
import static io.jubelet.reconcile.TestPods.sidecar;
import static io.jubelet.reconcile.TestPods.spec;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerRestart.Action;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In what order the containers of a pod start and stop, and when a pod is over. */
class OrderPlannerTest {

    private final PodPlanner planner = new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX));
    private final Map<String, ImageState> images = new HashMap<>();
    private final Map<ContainerId, ContainerHealth> health = new HashMap<>();
    private PodLifecycle lifecycle = new PodLifecycle.Syncing();
    private Instant now = NOW;

    @BeforeEach
    void allImagesAreThere() {
        for (String name : List.of("i1", "i2", "s1", "s2", "app", "log")) {
            images.put("image/" + name, new ImageState.Present("sha256:" + name, NOW, false));
        }
    }

    private PodPlan plan(Pod wanted, Object... things) {
        return plan(Optional.of(wanted), things);
    }

    private PodPlan plan(Optional<Pod> wanted, Object... things) {
        ObservedPod observed = ObservedPod.none(WEB);
        for (Object thing : things) {
            observed = thing instanceof ObservedContainer container
                    ? observed.with(container)
                    : observed.with((ObservedSandbox) thing);
        }
        return planner.plan(new Situation(
                wanted,
                NOW.minusSeconds(500),
                Optional.empty(),
                lifecycle,
                observed,
                TestPods.images(wanted, Optional.empty(), images),
                health,
                Map.of(),
                now));
    }

    private static String actions(PodPlan plan) {
        return String.join(" ", plan.actions().stream().map(PodAction::summary).toList());
    }

    /** Init containers are named i..., sidecars s..., others are main containers. */
    private static Pod pod(RestartPolicy policy, String... names) {
        List<ContainerSpec> inits = new ArrayList<>();
        List<ContainerSpec> mains = new ArrayList<>();
        for (String name : names) {
            switch (name.charAt(0)) {
                case 'i' -> inits.add(spec(name).build());
                case 's' -> inits.add(sidecar(name));
                default -> mains.add(spec(name).build());
            }
        }
        return pod(PodSpec.builder(mains).initContainers(inits).restartPolicy(policy));
    }

    private static Pod pod(PodSpec.Builder spec) {
        return TestPods.with(
                TestPods.pod("a", RestartPolicy.Always, "app"),
                spec.terminationGracePeriod(GRACE).build());
    }

    private static ObservedSandbox home() {
        return sandbox("h", "a", 0, true);
    }

    private static ObservedSandbox dead() {
        return sandbox("h", "a", 0, false);
    }

    private static ObservedContainer at(String name, State state) {
        return instance("h", "a", name, 0, state);
    }

    private static ObservedContainer inRound(int round, String name, int attempt, State state) {
        return TestPods.inRound(round, instance("h", "a", name, attempt, state));
    }

    // --- init containers

    @Test
    void imagesOfAllContainersAreFetchedWhileTheSandboxIsMade() {
        images.clear();
        assertEquals(
                "EnsureImage(image/i1) EnsureImage(image/s1) EnsureImage(image/app) CreateSandbox(attempt 0)",
                actions(plan(pod(RestartPolicy.Always, "i1", "s1", "app"))));
    }

    @Test
    void imagesOfLaterContainersAreFetchedWhileAnInitContainerRuns() {
        images.remove("image/app");
        PodPlan plan = plan(pod(RestartPolicy.Always, "i1", "app"), home(), at("i1", running()));
        assertEquals("EnsureImage(image/app)", actions(plan));
        assertEquals("PodInitializing", plan.waiting().get("app").reason());
    }

    @Test
    void initContainersStartOneAfterTheOther() {
        Pod pod = pod(RestartPolicy.Always, "i1", "i2", "app");
        assertEquals("StartContainer(i1, attempt 0)", actions(plan(pod, home())));
        assertEquals("", actions(plan(pod, home(), at("i1", running()))));
        assertEquals("StartContainer(i2, attempt 0)", actions(plan(pod, home(), at("i1", exited(0)))));
        assertEquals("", actions(plan(pod, home(), at("i1", exited(0)), at("i2", running()))));
        assertEquals(
                "StartContainer(app, attempt 0)", actions(plan(pod, home(), at("i1", exited(0)), at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({
        "Always,    'StartContainer(i1, attempt 1)', ''",
        "OnFailure, 'StartContainer(i1, attempt 1)', ''",
        "Never,     'StopSandbox',                   'Failed'"
    })
    void anInitContainerThatFailedIsRunAgainByPolicy(RestartPolicy policy, String expected, String phase) {
        PodPlan plan = plan(pod(policy, "i1", "app"), home(), at("i1", exited(1)));
        assertEquals(expected, actions(plan));
        assertEquals(phase, plan.end().map(end -> end.phase().name()).orElse(""));
    }

    @Test
    void anInitContainerThatFailsAgainAndAgainBacksOff() {
        PodPlan plan = plan(
                pod(RestartPolicy.Always, "i1", "app"),
                home(),
                instance("h", "a", "i1", 1, exited(1, Duration.ofSeconds(1), Duration.ZERO), Duration.ofSeconds(10)));
        assertEquals("", actions(plan));
        assertEquals("CrashLoopBackOff", plan.waiting().get("i1").reason());
        assertEquals(Optional.of(NOW.plusSeconds(10)), plan.due());
    }

    @Test
    void anInitContainerThatRanOutOfMemoryHasFailedWhateverItsExitCode() {
        State killed = new State.Exited(NOW.minusSeconds(9), NOW, 0, "OOMKilled", "");
        assertEquals(
                "StartContainer(i1, attempt 1)",
                actions(plan(pod(RestartPolicy.OnFailure, "i1", "app"), home(), at("i1", killed))));
    }

    @Test
    void aPodWhoseInitContainerFailedForGoodStaysFailedInAStoppedSandbox() {
        PodPlan plan = plan(pod(RestartPolicy.Never, "i1", "app"), dead(), at("i1", exited(1)));
        assertEquals("", actions(plan));
        assertEquals(Optional.of(PodEnd.FAILED), plan.end());
    }

    @Test
    void completedInitContainersAreNotRunAgainOnceAMainContainerWasMade() {
        Pod pod = pod(RestartPolicy.Always, "i1", "app");
        assertEquals("", actions(plan(pod, home(), at("app", running()))));
        assertEquals("StartCreated(app)", actions(plan(pod, home(), at("app", new State.Created()))));
        assertEquals("StartContainer(app, attempt 1)", actions(plan(pod, home(), at("app", exited(1)))));
    }

    @Test
    void anInitContainerThatWasForgottenIsNotRunAgainAfterALaterOne() {
        Pod pod = pod(RestartPolicy.Always, "i1", "i2", "app");
        assertEquals("StartContainer(app, attempt 0)", actions(plan(pod, home(), at("i2", exited(0)))));
    }

    @Test
    void aNewSandboxBeginsAgainWithTheFirstInitContainer() {
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
        assertEquals("StartContainer(s1, attempt 0)", actions(plan(pod, home())));
        ObservedContainer s1 = at("s1", running());
        health.put(s1.id(), new ContainerHealth(false, false, Optional.empty()));
        assertEquals("", actions(plan(pod, home(), s1)));
        health.put(s1.id(), new ContainerHealth(true, false, Optional.empty()));
        assertEquals("StartContainer(i2, attempt 0)", actions(plan(pod, home(), s1)));
        assertEquals("StartContainer(app, attempt 0)", actions(plan(pod, home(), s1, at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({"Always, 0", "OnFailure, 0", "Never, 1"})
    void aSidecarIsStartedAgainWhateverThePolicyOfThePod(RestartPolicy policy, int exitCode) {
        Pod pod = pod(policy, "s1", "i2", "app");
        assertEquals(
                "StartContainer(s1, attempt 1)",
                actions(plan(pod, home(), at("s1", exited(exitCode)), at("i2", running()))));
        assertEquals(
                "StartContainer(s1, attempt 1)",
                actions(plan(pod, home(), at("s1", exited(exitCode)), at("i2", exited(0)), at("app", running()))));
    }

    @Test
    void aSidecarThatIsStartedAgainHoldsBackNobody() {
        Pod pod = pod(RestartPolicy.Always, "s1", "i2", "app");
        assertEquals(
                "StartContainer(s1, attempt 1) StartContainer(app, attempt 0)",
                actions(plan(pod, home(), at("s1", exited(1)), at("i2", exited(0)))));
    }

    @ParameterizedTest
    @CsvSource({"OnFailure, 0, Succeeded", "Never, 0, Succeeded", "Never, 3, Failed"})
    void sidecarsDoNotKeepAPodAlive(RestartPolicy policy, int exitCode, String phase) {
        Pod pod = pod(policy, "s1", "s2", "app");
        PodPlan plan = plan(pod, home(), at("s1", running()), at("s2", running()), at("app", exited(exitCode)));
        assertEquals("StopContainers(2, grace 7s) StopSandbox", actions(plan));
        assertEquals(Optional.empty(), plan.end());
        PodPlan over = plan(pod, dead(), at("s1", exited(143)), at("s2", exited(143)), at("app", exited(exitCode)));
        assertEquals("", actions(over));
        assertEquals(phase, over.end().orElseThrow().phase().name());
    }

    @Test
    void sidecarsAreStoppedAfterTheOthersTheLastOneFirst() {
        Pod pod = pod(RestartPolicy.Always, "s1", "i1", "s2", "app", "log");
        lifecycle = new PodLifecycle.Terminating("a", "test");
        PodPlan plan = plan(
                pod,
                home(),
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

    // --- policies and rules of containers

    private static Pod ruled(RestartPolicy ofPod, RestartPolicy own, ContainerRestart.Rule... rules) {
        return pod(PodSpec.builder(List.of(
                        spec("app")
                                .restart(new ContainerRestart(Optional.ofNullable(own), List.of(rules)))
                                .build(),
                        spec("log").build()))
                .initContainers(List.of(spec("i1").build()))
                .restartPolicy(ofPod));
    }

    private static ContainerRestart.Rule rule(Action action, boolean in, Integer... codes) {
        return new ContainerRestart.Rule(action, in, Set.of(codes));
    }

    @ParameterizedTest
    @CsvSource({
        "Always,    Never,     1, ''",
        "Always,    OnFailure, 0, ''",
        "Never,     Always,    0, 'StartContainer(app, attempt 1)'",
        "Never,     OnFailure, 1, 'StartContainer(app, attempt 1)'",
        "OnFailure, Always,    0, 'StartContainer(app, attempt 1)'"
    })
    void thePolicyOfAContainerComesBeforeThatOfThePod(
            RestartPolicy ofPod, RestartPolicy own, int exitCode, String expected) {
        assertEquals(
                expected, actions(plan(ruled(ofPod, own), home(), at("app", exited(exitCode)), at("log", running()))));
    }

    @ParameterizedTest
    @CsvSource({"42, 'StartContainer(app, attempt 1)'", "43, ''", "0, ''"})
    void theFirstRuleThatMatchesComesBeforeThePolicy(int exitCode, String expected) {
        Pod pod = ruled(RestartPolicy.Always, RestartPolicy.Never, rule(Action.Restart, true, 42));
        assertEquals(expected, actions(plan(pod, home(), at("app", exited(exitCode)), at("log", running()))));
        Pod not = ruled(RestartPolicy.Always, RestartPolicy.Never, rule(Action.Restart, false, 0, 43));
        assertEquals(expected, actions(plan(not, home(), at("app", exited(exitCode)), at("log", running()))));
    }

    @Test
    void aRuleRestartsAllContainersFromTheFirstInitContainerInTheSameSandbox() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        ObservedContainer i1 = at("i1", exited(0));
        ObservedContainer app = at("app", exited(42));
        assertEquals("StopContainers(1, grace 0s)", actions(plan(pod, home(), i1, app, at("log", running()))));
        ObservedContainer log = at("log", exited(137));
        PodPlan begin = plan(pod, home(), i1, app, log);
        assertEquals("StartContainer(i1, attempt 1)", actions(begin));
        PodAction.StartContainer start =
                (PodAction.StartContainer) begin.actions().getFirst();
        assertEquals(1, start.round());
        ObservedContainer again = inRound(1, "i1", 1, running());
        assertEquals("", actions(plan(pod, home(), i1, app, log, again)));
        PodPlan mains = plan(pod, home(), i1, app, log, inRound(1, "i1", 1, exited(0)));
        assertEquals("StartContainer(app, attempt 1) StartContainer(log, attempt 1)", actions(mains));
        // The one that asked for it backs off next time, and the others do not.
        assertEquals(
                List.of(Duration.ofSeconds(10), Duration.ZERO),
                mains.actions().stream()
                        .map(action -> ((PodAction.StartContainer) action).backoff())
                        .toList());
    }

    @Test
    void aRestartOfAllThatWasInterruptedGoesOn() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        assertEquals(
                "StartContainer(log, attempt 1)",
                actions(plan(
                        pod,
                        home(),
                        at("app", exited(42)),
                        at("log", exited(137)),
                        inRound(1, "i1", 1, exited(0)),
                        inRound(1, "app", 1, running()))));
    }

    @Test
    void aRestartOfAllWaitsForTheBackOffOfTheContainerThatAskedForIt() {
        Pod pod = ruled(RestartPolicy.Never, null, rule(Action.RestartAllContainers, true, 42));
        PodPlan plan = plan(
                pod,
                home(),
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
    void aRestartOfAllOutlivesItsSandbox() {
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
        assertEquals("StopSandbox", actions(plan(pod, home(), at("i1", exited(1)))));
        assertEquals("", actions(plan(pod, dead(), at("i1", exited(1)))));
        assertEquals("StartContainer(i1, attempt 1)", actions(plan(pod, home(), at("i1", exited(42)))));
    }

    // --- after a reboot

    @ParameterizedTest
    @CsvSource({
        "OnFailure, 0,   ''",
        "Never,     0,   ''",
        "Never,     255, ''",
        "OnFailure, 255, 'StopSandbox CreateSandbox(attempt 1)'",
        "Always,    0,   'StopSandbox CreateSandbox(attempt 1)'"
    })
    void afterARebootAPodThatHadEndedStaysEnded(RestartPolicy policy, int exitCode, String expected) {
        assertEquals(
                expected,
                actions(plan(pod(policy, "i1", "app"), dead(), at("i1", exited(0)), at("app", exited(exitCode)))));
    }

    @Test
    void theInstanceThatTellsOfTheEndIsNeverRemoved() {
        PodPlan plan = plan(
                pod(RestartPolicy.OnFailure, "app"),
                sandbox("h", "a", 0, false),
                instance("h", "a", "app", 2, exited(0)),
                instance("h", "a", "app", 1, exited(1)),
                instance("h", "a", "app", 0, exited(1)));
        assertEquals("RemoveContainer(app, attempt 0)", actions(plan));
        assertEquals(Optional.of(PodEnd.SUCCEEDED), plan.end());
    }

    // --- activeDeadlineSeconds

    private static Pod limited(RestartPolicy policy) {
        return pod(PodSpec.builder(List.of(spec("app").build()))
                .initContainers(List.of(sidecar("s1")))
                .restartPolicy(policy)
                .activeDeadline(Optional.of(Duration.ofSeconds(60))));
    }

    /** Made so long ago. */
    private static ObservedSandbox aged(String id, int attempt, int seconds, boolean ready) {
        ObservedSandbox s = sandbox(id, "a", attempt, ready);
        return new ObservedSandbox(
                s.id(), s.uid(), s.hash(), attempt, ready, NOW.minusSeconds(seconds), s.gracePeriod(), s.ips());
    }

    @Test
    void aPodIsLookedAtAgainWhenItsTimeIsOver() {
        PodPlan plan =
                plan(limited(RestartPolicy.Always), aged("h", 0, 59, true), at("s1", running()), at("app", running()));
        assertEquals("", actions(plan));
        assertEquals(Optional.of(NOW.plusSeconds(1)), plan.due());
        assertEquals(Optional.empty(), plan.end());
    }

    @ParameterizedTest
    @CsvSource({"Always", "OnFailure", "Never"})
    void aPodWhoseTimeIsOverIsStoppedWithItsGraceAndFails(RestartPolicy policy) {
        PodPlan plan = plan(limited(policy), aged("h", 0, 60, true), at("s1", running()), at("app", running()));
        assertEquals("StopContainers(2, grace 7s) StopSandbox", actions(plan));
        assertEquals(Optional.of(PodEnd.DEADLINE), plan.end());
        PodPlan after = plan(limited(policy), aged("h", 0, 60, false), at("s1", exited(0)), at("app", exited(0)));
        assertEquals("", actions(after));
        assertEquals(Optional.of(PodEnd.DEADLINE), after.end());
        now = NOW.minusSeconds(30);
        assertEquals(
                Optional.of(PodEnd.DEADLINE),
                plan(limited(policy), aged("h", 0, 60, false), at("app", exited(0, GRACE, Duration.ofSeconds(-1))))
                        .end(),
                "although the clock was set back");
    }

    @Test
    void theTimeCountsFromTheFirstSandboxWhichIsKept() {
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
    void aPodThatEndedInTimeHasNotExceededIt() {
        PodPlan plan = plan(
                limited(RestartPolicy.Never),
                aged("h", 0, 600, false),
                at("app", exited(0, Duration.ofSeconds(5), Duration.ofSeconds(560))),
                at("s1", exited(137, Duration.ofSeconds(5), Duration.ofSeconds(530))));
        assertEquals(Optional.of(PodEnd.SUCCEEDED), plan.end());
    }
}
