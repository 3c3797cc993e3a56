package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans one version of a pod that shall run: its sandbox, and whose turn it is in it. Made for one planning, used by one
 * thread; as pure as {@link PodPlanner}.
 */
final class VersionPlanner {

    private final PlannerInput situation;
    private final Pod pod;
    private final PodSpec spec;
    private final RestartBackoff backoff;
    private final ObservedPod observed;
    private final PlanBuilder draft = new PlanBuilder();
    private final ImagePlanner images;
    private final VersionProgress state;
    private Optional<PodEnd> end = Optional.empty();
    private Optional<AdmissionRejection> refusal = Optional.empty();

    VersionPlanner(PlannerInput situation, Pod pod, RestartBackoff backoff) {
        this.situation = situation;
        this.pod = pod;
        this.spec = pod.spec();
        this.backoff = backoff;
        this.observed = situation.observed().version(pod.uid());
        this.images = new ImagePlanner(situation, pod, draft);
        this.state = VersionProgress.of(pod.uid(), spec, observed, situation.health());
    }

    List<PodAction> actions() {
        return draft.actions();
    }

    Map<String, Waiting> waiting() {
        return draft.waiting();
    }

    Optional<Instant> due() {
        return Optional.ofNullable(draft.due());
    }

    /** How this version has ended for good: told when nothing of it lives, or its time was over. */
    Optional<PodEnd> end() {
        return end;
    }

    /** What keeps this version from being started. */
    Optional<AdmissionRejection> refusal() {
        return refusal;
    }

    /** Whether every image of this version is there; plans to fetch those that are not. */
    boolean imagesReady() {
        boolean ready = true;
        for (ContainerSpec container : spec.allContainers().toList()) {
            ready &= images.ids(container, Optional.empty()).isPresent();
        }
        return ready;
    }

    /** Plans what keeps this version as its manifest says. */
    void sync() {
        Optional<PodEnd> over = state.end(situation.now());
        Optional<Eviction> eviction = Optional.ofNullable(situation.evictions().get(pod.uid()));
        if (eviction.isPresent() && eviction.get().until().isEmpty()) {
            evict(eviction.get());
        } else if (over.isPresent()) {
            endPod(over.get());
        } else if (eviction.flatMap(Eviction::until)
                .filter(situation.now()::isBefore)
                .isPresent()) {
            eviction.flatMap(Eviction::until).ifPresent(draft::lookAgain);
            tell(eviction.get());
        } else {
            state.deadline().ifPresent(draft::lookAgain);
            Optional<ObservedSandbox> home = state.home();
            if (home.isPresent() && home.get().ready()) {
                endSuperfluous(home.get());
                syncIn(home.get());
            } else {
                replaceSandbox(home);
            }
        }
        SupersededInstances.collect(spec, observed, situation.retention(), situation.now(), draft);
    }

    /** Its volumes are emptied when nothing lives that could fill them; the sandbox ends too, for init containers filled them. */
    private void evict(Eviction eviction) {
        tell(eviction);
        draft.addAll(PodPlanner.end(observed, Optional.of(spec), "it is evicted"));
        draft.add(new PodAction.EmptyVolumes(pod, eviction.message()));
    }

    private void tell(Eviction eviction) {
        spec.allContainers()
                .forEach(container ->
                        draft.waits(container, new Waiting(WaitingCause.Other.EVICTED, "Evicted", eviction.message())));
    }

    private void endPod(PodEnd over) {
        String reason = over.equals(PodEnd.DEADLINE)
                ? "it was active for longer than activeDeadlineSeconds"
                : "all containers have finished";
        draft.addAll(PodPlanner.end(observed, Optional.of(spec), reason));
        if (over.equals(PodEnd.DEADLINE) || observed.containers().stream().noneMatch(ObservedContainer::live)) {
            end = Optional.of(over);
        }
    }

    /** I1: whatever happened before, only the newest sandbox and the newest instance of a container may live. */
    private void endSuperfluous(ObservedSandbox home) {
        String reason = "a newer one of this pod exists";
        stop(
                observed.containers().stream()
                        .filter(c ->
                                c.live() && (superseded(c) || !c.sandboxId().equals(home.id())))
                        .toList(),
                spec.terminationGracePeriod(),
                reason);
        observed.sandboxes().stream()
                .skip(1)
                .filter(ObservedSandbox::ready)
                .forEach(s -> draft.add(new PodAction.StopSandbox(s.id(), reason)));
    }

    private boolean superseded(ObservedContainer container) {
        return container.round() != state.round()
                || spec.container(container.name()).isEmpty()
                || observed.newest(pod.uid(), container.name())
                        .filter(newest -> newest.id().equals(container.id()))
                        .isEmpty();
    }

    private void stop(List<ObservedContainer> live, Duration grace, String reason) {
        if (!live.isEmpty()) {
            draft.add(StopOrder.stop(Optional.of(spec), live, grace, reason));
        }
    }

    // --- without a ready sandbox

    private void replaceSandbox(Optional<ObservedSandbox> dead) {
        List<ContainerSpec> toRun = new ArrayList<>(spec.initContainers());
        spec.containers().stream().filter(state::wantsToRun).forEach(toRun::add);
        for (ContainerSpec container : toRun) {
            draft.waits(container, spec.initContainers().isEmpty() ? PlanBuilder.CREATING : PlanBuilder.INITIALIZING);
        }
        stop(
                observed.containers().stream().filter(ObservedContainer::live).toList(),
                spec.terminationGracePeriod(),
                "the sandbox has ended");
        refusal = situation.refusal().filter(_ -> situation.wants(pod.uid()));
        if (refusal.isPresent()) {
            Waiting why = new Waiting(
                    refusal.get().decided() ? WaitingCause.Other.REJECTED : WaitingCause.Other.ADMISSION_PENDING,
                    refusal.get().reason(),
                    refusal.get().message());
            draft.waiting().replaceAll((_, _) -> why);
            return;
        }
        images.forLater();
        ContainerPlanner containers = containers(state);
        for (ContainerSpec container : toRun) {
            if (!containers.held(container)) {
                images.ids(container, state.newest(container));
            }
        }
        ActionFailure failure = situation.failures().get("");
        if (failure != null && situation.now().isBefore(failure.retryAt())) {
            draft.waiting()
                    .replaceAll((_, _) ->
                            new Waiting(WaitingCause.Other.SANDBOX_FAILED, "ContainerCreating", failure.message()));
            draft.lookAgain(failure.retryAt());
            return;
        }
        int attempt = observed.sandboxes().stream()
                        .mapToInt(ObservedSandbox::attempt)
                        .max()
                        .orElse(-1)
                + 1;
        dead.ifPresent(s -> draft.add(new PodAction.StopSandbox(s.id(), "the sandbox has ended")));
        draft.add(new PodAction.CreateSandbox(
                pod, attempt, dead.isPresent() ? "the sandbox has ended" : "the pod has no sandbox"));
    }

    // --- with a ready sandbox

    private void syncIn(ObservedSandbox home) {
        Optional<ObservedContainer> source = state.restartsAll();
        if (source.isEmpty()) {
            start(home, state);
        } else {
            restartAll(home, source.get());
        }
    }

    private void start(ObservedSandbox home, VersionProgress now) {
        ContainerPlanner containers = containers(now);
        if (!new InitPlanner(situation, spec, now, containers, images, draft).plan(home.id())) {
            return;
        }
        boolean hold = false;
        for (ContainerSpec container : spec.containers()) {
            hold |= containers.keep(home.id(), container, hold);
        }
    }

    /**
     * Stops all containers without grace, and then begins the next round. What lets the first of them wait is the back-off of
     * the one that asked for it.
     */
    private void restartAll(ObservedSandbox home, ObservedContainer source) {
        List<ObservedContainer> live =
                observed.containers().stream().filter(ObservedContainer::live).toList();
        if (!live.isEmpty()) {
            draft.add(new PodAction.StopContainers(
                    live.stream().map(ObservedContainer::id).toList(),
                    Duration.ZERO,
                    "a rule of container " + source.name() + " restarts all containers"));
            return;
        }
        ContainerSpec asked = spec.container(source.name()).orElseThrow();
        if (source.state() instanceof State.Exited exited && containers(state).backsOff(asked, source, exited)) {
            return;
        }
        start(home, state.nextRound());
    }

    private ContainerPlanner containers(VersionProgress now) {
        return new ContainerPlanner(situation, pod, backoff, now, images, draft);
    }
}
