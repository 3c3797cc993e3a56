package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Probe;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.reconcile.PodAction.EnsureImage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plans one version of a pod that shall run. Made for one planning, used by one thread; as pure as {@link PodPlanner}. */
final class VersionPlanner {

    private static final Waiting CREATING = new Waiting("ContainerCreating", "");

    private final Situation situation;
    private final Pod pod;
    private final RestartBackoff backoff;
    private final ObservedPod observed;
    private final List<PodAction> actions = new ArrayList<>();
    private final Map<String, Waiting> waiting = new HashMap<>();
    private Instant due;

    /** Whether a sandbox is to be made first, which takes longer than to look for an image. */
    private boolean meanwhile;

    VersionPlanner(Situation situation, Pod pod, RestartBackoff backoff) {
        this.situation = situation;
        this.pod = pod;
        this.backoff = backoff;
        this.observed = situation.observed().version(pod.uid());
    }

    List<PodAction> actions() {
        return actions;
    }

    Map<String, Waiting> waiting() {
        return waiting;
    }

    Optional<Instant> due() {
        return Optional.ofNullable(due);
    }

    /** Whether every image of this version is there; plans to fetch those that are not. */
    boolean imagesReady() {
        boolean ready = true;
        for (ContainerSpec container : pod.spec().containers()) {
            ready &= imageId(container, plausible(situation.acceptedAt())).isPresent();
        }
        return ready;
    }

    /** Plans what keeps this version as its manifest says. */
    void sync() {
        List<ObservedSandbox> sandboxes = observed.sandboxes();
        Optional<ObservedSandbox> newest = sandboxes.stream().findFirst();
        endSuperfluous(sandboxes.stream().skip(1).filter(ObservedSandbox::ready).toList());
        if (newest.isPresent() && newest.get().ready()) {
            startContainers(newest.get());
        } else {
            replaceSandbox(newest);
        }
        collectGarbage();
    }

    /** I1: whatever happened before, only the newest sandbox and the newest instance of a container may live. */
    private void endSuperfluous(List<ObservedSandbox> olderReady) {
        String reason = "a newer one of this pod exists";
        List<ContainerId> containers = observed.containers().stream()
                .filter(ObservedContainer::live)
                .filter(c -> superseded(c) || olderReady.stream().anyMatch(s -> s.id().equals(c.sandboxId())))
                .map(ObservedContainer::id)
                .toList();
        if (!containers.isEmpty()) {
            actions.add(new PodAction.StopContainers(containers, pod.spec().terminationGracePeriod(), reason));
        }
        olderReady.forEach(s -> actions.add(new PodAction.StopSandbox(s.id(), reason)));
    }

    private boolean superseded(ObservedContainer container) {
        boolean specified =
                pod.spec().containers().stream().anyMatch(c -> c.name().equals(container.name()));
        return !specified || !observed.newest(pod.uid(), container.name()).equals(Optional.of(container));
    }

    // --- without a ready sandbox

    private void replaceSandbox(Optional<ObservedSandbox> dead) {
        if (dead.isPresent() && !restartsAfterSandboxDeath()) {
            observed.sandboxes().forEach(s -> stopLiveIn(s.id(), "the sandbox has ended"));
            return;
        }
        for (ContainerSpec container : pod.spec().containers()) {
            if (wantsToRun(container)) {
                waiting.put(container.name(), CREATING);
            }
        }
        boolean liveLeft = observed.containers().stream().anyMatch(ObservedContainer::live);
        if (liveLeft) {
            observed.sandboxes().forEach(s -> stopLiveIn(s.id(), "the sandbox has ended"));
        }
        meanwhile = true;
        prefetchImages();
        ActionFailure failure = situation.failures().get("");
        if (failure != null && situation.now().isBefore(failure.retryAt())) {
            waiting.replaceAll((_, _) -> new Waiting("ContainerCreating", failure.message()));
            lookAgain(failure.retryAt());
            return;
        }
        int attempt = observed.sandboxes().stream()
                        .mapToInt(ObservedSandbox::attempt)
                        .max()
                        .orElse(-1)
                + 1;
        dead.ifPresent(s -> actions.add(new PodAction.StopSandbox(s.id(), "the sandbox has ended")));
        actions.add(new PodAction.CreateSandbox(
                pod, attempt, dead.isPresent() ? "the sandbox has ended" : "the pod has no sandbox"));
    }

    /** Sources: the kubelet's rules for pods that have ended, by policy; a pod of policy Never is not begun twice. */
    private boolean restartsAfterSandboxDeath() {
        if (pod.spec().restartPolicy() == RestartPolicy.Never
                && !observed.containers().isEmpty()) {
            return false;
        }
        return pod.spec().containers().stream().anyMatch(this::wantsToRun);
    }

    private boolean wantsToRun(ContainerSpec container) {
        return observed.newest(pod.uid(), container.name())
                .map(instance -> switch (instance.state()) {
                    case State.Exited exited -> restarts(container, instance, exited);
                    case State.Created _, State.Running _, State.Unknown _ -> true;
                })
                .orElse(true);
    }

    private void prefetchImages() {
        for (ContainerSpec container : pod.spec().containers()) {
            Optional<ObservedContainer> instance = observed.newest(pod.uid(), container.name());
            if (wantsToRun(container) && !held(container)) {
                imageId(container, notBefore(instance));
            }
        }
    }

    // --- with a ready sandbox

    private void startContainers(ObservedSandbox sandbox) {
        boolean anyLeft = false;
        boolean hold = false;
        for (ContainerSpec container : pod.spec().containers()) {
            Optional<ObservedContainer> newest = observed.newest(pod.uid(), container.name());
            if (newest.isEmpty()) {
                hold |= start(sandbox, container, newest, Duration.ZERO, hold);
                anyLeft = true;
                continue;
            }
            ObservedContainer instance = newest.get();
            anyLeft |= switch (instance.state()) {
                case State.Running _ -> {
                    stopIfUnhealthy(container, instance);
                    yield true;
                }
                case State.Unknown _ -> {
                    actions.add(new PodAction.StopContainers(
                            List.of(instance.id()),
                            pod.spec().terminationGracePeriod(),
                            "the runtime does not know its state"));
                    yield true;
                }
                case State.Created _ -> {
                    startCreated(sandbox, container, instance);
                    yield true;
                }
                case State.Exited exited -> restart(sandbox, container, instance, exited);
            };
        }
        if (!anyLeft) {
            actions.add(new PodAction.StopSandbox(sandbox.id(), "all containers have finished"));
        }
    }

    /** A container that a probe has given up is stopped; that it has ended then starts it again. */
    private void stopIfUnhealthy(ContainerSpec container, ObservedContainer instance) {
        situation.health(container, instance.id()).failure().ifPresent(failure -> {
            String probe = failure.kind() == Probe.Kind.STARTUP ? "startup" : "liveness";
            String then = restartsUnhealthy(container) ? ", will be restarted" : "";
            actions.add(new PodAction.StopContainers(
                    List.of(instance.id()),
                    failure.gracePeriod().orElse(pod.spec().terminationGracePeriod()),
                    "Container " + container.name() + " failed " + probe + " probe" + then));
        });
    }

    /** However it ended, a container that was stopped for its health is started again unless it never is. */
    private boolean restartsUnhealthy(ContainerSpec container) {
        return container.restart().policy().orElse(pod.spec().restartPolicy()) != RestartPolicy.Never;
    }

    private boolean restarts(ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        return situation.health(container, instance.id()).failure().isPresent()
                ? restartsUnhealthy(container)
                : pod.spec().restartPolicy().restarts(exited.exitCode());
    }

    private void startCreated(ObservedSandbox sandbox, ContainerSpec container, ObservedContainer instance) {
        if (!instance.sandboxId().equals(sandbox.id())) {
            start(sandbox, container, Optional.of(instance), Duration.ZERO, false);
        } else if (held(container)) {
            tellFailure(container);
        } else {
            actions.add(new PodAction.StartCreated(
                    pod, instance.id(), container.name(), "it was created and never started"));
        }
    }

    /** Whether the container still has a future. */
    private boolean restart(
            ObservedSandbox sandbox, ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        if (!restarts(container, instance, exited)) {
            return false;
        }
        Duration delay = backoff.delay(instance.backoff(), exited.startedAt(), exited.finishedAt());
        Instant begin = exited.finishedAt().isAfter(situation.now()) ? situation.now() : exited.finishedAt();
        Instant from = begin.plus(delay);
        if (situation.now().isBefore(from)) {
            waiting.put(
                    container.name(),
                    new Waiting(
                            "CrashLoopBackOff",
                            "back-off " + text(delay) + " restarting failed container=" + container.name() + " pod="
                                    + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid() + ")"));
            lookAgain(from);
            return true;
        }
        start(sandbox, container, Optional.of(instance), delay, false);
        return true;
    }

    /**
     * Plans to start a new instance, or tells why it waits.
     *
     * @param hold an earlier container is waiting for its image, and the order of first starts is kept
     * @return whether later containers have to wait for this one
     */
    private boolean start(
            ObservedSandbox sandbox,
            ContainerSpec container,
            Optional<ObservedContainer> previous,
            Duration waited,
            boolean hold) {
        if (held(container)) {
            tellFailure(container);
            return false;
        }
        waiting.put(container.name(), CREATING);
        Optional<String> image = imageId(container, notBefore(previous));
        if (image.isEmpty()) {
            return situation.image(container.image()) instanceof ImageState.Pulling;
        }
        if (hold) {
            return false;
        }
        int attempt = previous.map(p -> p.attempt() + 1).orElse(0);
        Duration kept = previous.isPresent() ? backoff.following(waited) : Duration.ZERO;
        String reason = previous.map(p -> "it ended " + ending(p)).orElse("it has not been started yet");
        actions.add(
                new PodAction.StartContainer(pod, sandbox.id(), container.name(), attempt, kept, image.get(), reason));
        return false;
    }

    private static String ending(ObservedContainer instance) {
        return switch (instance.state()) {
            case State.Exited exited -> "with exit code " + exited.exitCode();
            case State.Created _, State.Running _, State.Unknown _ -> "with its sandbox";
        };
    }

    private boolean held(ContainerSpec container) {
        ActionFailure failure = situation.failures().get(container.name());
        return failure != null && situation.now().isBefore(failure.retryAt());
    }

    private void tellFailure(ContainerSpec container) {
        ActionFailure failure = situation.failures().get(container.name());
        waiting.put(container.name(), new Waiting(failure.reason(), failure.message()));
        lookAgain(failure.retryAt());
    }

    // --- images

    /** A start needs an image looked up after the need arose: whoever ran before may have been removed since. */
    private Instant notBefore(Optional<ObservedContainer> previous) {
        Instant accepted = plausible(situation.acceptedAt());
        if (previous.isPresent() && previous.get().state() instanceof State.Exited exited) {
            Instant finished = plausible(exited.finishedAt());
            return finished.isAfter(accepted) ? finished : accepted;
        }
        return accepted;
    }

    /** A moment that lies in the future tells only that the clock was set back, and nothing may wait for it. */
    private Instant plausible(Instant moment) {
        return moment.isAfter(situation.now()) ? Instant.MIN : moment;
    }

    /** The image's id if a container may start from it; else plans what is needed and tells why it waits. */
    private Optional<String> imageId(ContainerSpec container, Instant notBefore) {
        return switch (situation.image(container.image())) {
            case ImageState.Present present
            when fresh(present, container.imagePullPolicy(), notBefore) -> Optional.of(present.id());
            case ImageState.Present _, ImageState.Unknown _ -> ensure(container, notBefore);
            case ImageState.Pulling _ -> {
                waiting.put(container.name(), new Waiting("ContainerCreating", "pulling image " + container.image()));
                yield Optional.empty();
            }
            case ImageState.Failed failed
            when situation.now().isBefore(failed.retryAt()) -> {
                waiting.put(container.name(), new Waiting(failed.reason(), failed.message()));
                lookAgain(failed.retryAt());
                yield Optional.empty();
            }
            case ImageState.Failed _ -> ensure(container, notBefore);
        };
    }

    private static boolean fresh(ImageState.Present present, ImagePullPolicy policy, Instant notBefore) {
        boolean recent = !present.checkedAt().isBefore(notBefore);
        return switch (policy) {
            case Always -> recent && present.pulled();
            case IfNotPresent, Never -> recent;
        };
    }

    private Optional<String> ensure(ContainerSpec container, Instant notBefore) {
        PodAction ensure = new EnsureImage(
                container.image(),
                container.imagePullPolicy(),
                notBefore,
                meanwhile,
                "container " + container.name() + " needs it");
        boolean planned = actions.stream()
                .anyMatch(a -> a instanceof EnsureImage other && other.image().equals(container.image()));
        if (!planned) {
            actions.add(ensure);
        }
        return Optional.empty();
    }

    // --- what is over

    private void stopLiveIn(PodSandboxId sandbox, String reason) {
        List<ContainerId> live = observed.containers().stream()
                .filter(c -> c.live() && c.sandboxId().equals(sandbox))
                .map(ObservedContainer::id)
                .toList();
        if (!live.isEmpty()) {
            actions.add(new PodAction.StopContainers(live, pod.spec().terminationGracePeriod(), reason));
        }
    }

    /** Keeps the newest instance of each container and the one before, and the sandboxes they live in. */
    private void collectGarbage() {
        Map<String, Integer> kept = new HashMap<>();
        List<PodSandboxId> homes = new ArrayList<>();
        for (ObservedContainer container : observed.containers()) {
            int newer = kept.merge(container.name(), 1, Integer::sum) - 1;
            if (newer < 2 || container.live()) {
                homes.add(container.sandboxId());
            } else {
                actions.add(new PodAction.RemoveContainer(
                        container.id(),
                        container.name(),
                        container.attempt(),
                        container.uid(),
                        "newer instances are kept"));
            }
        }
        observed.sandboxes().stream()
                .skip(1)
                .filter(s -> !s.ready() && !homes.contains(s.id()))
                .forEach(s -> actions.add(new PodAction.RemoveSandbox(s.id(), "a newer sandbox has replaced it")));
    }

    private void lookAgain(Instant moment) {
        if (due == null || moment.isBefore(due)) {
            due = moment;
        }
    }

    /** Whole seconds as the kubelet writes them: {@code 10s}, {@code 2m40s}, {@code 5m0s}. */
    private static String text(Duration delay) {
        long seconds = delay.toSeconds();
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}
