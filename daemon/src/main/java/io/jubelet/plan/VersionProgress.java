package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the instances of one version of a pod mean: which of them count, how far the pod is, and whether it is over. Pure.
 *
 * <p>All of it is told by what the runtime lists, so it outlives the daemon; {@link SupersededInstances} keeps what is needed.
 *
 * <p>A pod may begin again with its first init container, for two reasons. In a new sandbox the init containers of older
 * ones do not count. And after all containers were restarted together, by a rule of one of them, a new round has begun:
 * each instance remembers its round, and those of earlier rounds do not count. So nothing has to be removed for a new
 * beginning, and attempts, logs and back-off go on.
 */
final class VersionProgress {

    private final String uid;
    private final PodSpec spec;
    private final ObservedPod observed;
    private final Map<ContainerId, ContainerHealth> health;
    private final int round;

    private VersionProgress(
            String uid, PodSpec spec, ObservedPod observed, Map<ContainerId, ContainerHealth> health, int round) {
        this.uid = uid;
        this.spec = spec;
        this.observed = observed;
        this.health = health;
        this.round = round;
    }

    /**
     * @param observed what the runtime shows of this version alone
     * @param health what the probes say of its containers, those that have just ended among them
     */
    static VersionProgress of(
            String uid, PodSpec spec, ObservedPod observed, Map<ContainerId, ContainerHealth> health) {
        int round = 0;
        for (ObservedContainer container : observed.containers()) {
            round = Math.max(round, container.round());
        }
        return new VersionProgress(uid, spec, observed, health, round);
    }

    /** The state at the beginning of the next round, in which no instance counts yet. */
    VersionProgress nextRound() {
        return new VersionProgress(uid, spec, observed, health, round + 1);
    }

    /** How often all containers were restarted together. */
    int round() {
        return round;
    }

    /** The sandbox that counts, ready or not: the newest. */
    Optional<ObservedSandbox> currentSandbox() {
        return observed.sandboxes().stream().findFirst();
    }

    // --- instances

    /** The newest instance of a container, whatever its sandbox and round. */
    Optional<ObservedContainer> newest(ContainerSpec container) {
        return observed.newest(uid, container.name());
    }

    /** The newest instance of a main container, if it counts. What was completed in an older sandbox is not done again. */
    Optional<ObservedContainer> main(ContainerSpec container) {
        return newest(container).filter(instance -> instance.round() == round);
    }

    /** The newest instance of an init container, if it counts. */
    Optional<ObservedContainer> init(ContainerSpec container) {
        return main(container).filter(this::inCurrentSandbox);
    }

    /** The newest instance of a container, if it counts. */
    Optional<ObservedContainer> current(ContainerSpec container) {
        return spec.isInit(container) ? init(container) : main(container);
    }

    private boolean inCurrentSandbox(ObservedContainer instance) {
        return currentSandbox()
                .map(sandbox -> sandbox.id().equals(instance.sandboxId()))
                .orElse(false);
    }

    /** What follows the end of an instance. */
    RestartDecision decision(ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        ContainerHealth asked = health.get(instance.id());
        return asked != null && asked.failure().isPresent()
                ? RestartDecision.afterProbe(spec, container)
                : RestartDecision.after(spec, container, exited.exitCode(), exited.reason());
    }

    private boolean decides(ContainerSpec container, Optional<ObservedContainer> instance, RestartDecision decision) {
        return instance.isPresent()
                && instance.get().state() instanceof State.Exited exited
                && decision(container, instance.get(), exited) == decision;
    }

    // --- how far the pod is

    /** A container whose end asks for all to be restarted, until the first of them has been started in a new round. */
    Optional<ObservedContainer> restartsAll() {
        for (ContainerSpec container : spec.allContainers().toList()) {
            Optional<ObservedContainer> instance =
                    container.restart().rules().isEmpty() ? Optional.empty() : main(container);
            if (decides(container, instance, RestartDecision.RESTART_ALL)) {
                return instance;
            }
        }
        return Optional.empty();
    }

    /**
     * Whether a main container was ever made in this sandbox and round; then completed init containers are not run again,
     * even if nothing is left of them.
     */
    boolean initialized() {
        for (ContainerSpec container : spec.containers()) {
            Optional<ObservedContainer> instance = main(container);
            if (instance.isPresent() && inCurrentSandbox(instance.get())) {
                return true;
            }
        }
        return false;
    }

    /** The position of the last init container that was ever made in this sandbox and round; -1 when none was. */
    int lastInit() {
        for (int i = spec.initContainers().size() - 1; i >= 0; i--) {
            if (init(spec.initContainers().get(i)).isPresent()) {
                return i;
            }
        }
        return -1;
    }

    /** Whether a main container is to run, now or later. */
    boolean wantsToRun(ContainerSpec container) {
        return !decides(container, main(container), RestartDecision.STAY);
    }

    // --- its end

    /** When the pod has been active for as long as it may; counted from its first sandbox. */
    Optional<Instant> deadline() {
        return spec.activeDeadline()
                .flatMap(limit -> observed.sandboxes().stream()
                        .map(ObservedSandbox::createdAt)
                        .min(Instant::compareTo)
                        .map(begin -> begin.plus(limit)));
    }

    /** How the pod has ended for good, or has to end because its time is over. */
    Optional<PodEnd> end(Instant now) {
        Optional<PodEnd> byItself = endByItself();
        Optional<Instant> deadline = deadline();
        if (deadline.isEmpty()) {
            return byItself;
        }
        Instant last = lastEnd();
        boolean inTime = byItself.isPresent() && last.isBefore(deadline.get());
        // What ended after the deadline shows that it has passed, even if the clock was set back since.
        boolean passed = !now.isBefore(deadline.get()) || !last.isBefore(deadline.get());
        return passed && !inTime ? Optional.of(PodEnd.DEADLINE) : byItself;
    }

    /** When the last container ended that had work to do; sidecars are stopped later. */
    private Instant lastEnd() {
        Instant last = Instant.MIN;
        for (ContainerSpec container : spec.allContainers().toList()) {
            Optional<ObservedContainer> instance = newest(container);
            if (instance.isPresent()
                    && instance.get().state() instanceof State.Exited exited
                    && exited.finishedAt().isAfter(last)
                    && !spec.isSidecar(container)) {
                last = exited.finishedAt();
            }
        }
        return last;
    }

    private Optional<PodEnd> endByItself() {
        if (observed.containers().isEmpty() || restartsAll().isPresent()) {
            return Optional.empty();
        }
        if (initFailed()) {
            return Optional.of(PodEnd.FAILED);
        }
        boolean allDone = true;
        boolean allSucceeded = true;
        boolean byItsOwnPolicy = false;
        for (ContainerSpec container : spec.containers()) {
            Optional<ObservedContainer> instance = main(container);
            boolean done = decides(container, instance, RestartDecision.STAY);
            allDone &= done;
            allSucceeded &= done && ((State.Exited) instance.get().state()).exitCode() == 0;
            byItsOwnPolicy |= decides(container, instance, RestartDecision.RESTART);
        }
        if (allDone) {
            return Optional.of(allSucceeded ? PodEnd.SUCCEEDED : PodEnd.FAILED);
        }
        // A pod of this policy is not begun twice, unless a container with a policy or rules of its own asks for it.
        boolean interrupted = spec.restartPolicy() == RestartPolicy.Never
                && !byItsOwnPolicy
                && currentSandbox().filter(ObservedSandbox::ready).isEmpty();
        return interrupted ? Optional.of(PodEnd.FAILED) : Optional.empty();
    }

    private boolean initFailed() {
        List<ContainerSpec> inits = spec.initContainers();
        int last = inits.isEmpty() || initialized() ? -1 : lastInit();
        if (last < 0) {
            return false;
        }
        ContainerSpec init = inits.get(last);
        return decides(init, init(init), RestartDecision.STAY)
                && init(init).get().state() instanceof State.Exited exited
                && !RestartDecision.completes(spec, init, exited.exitCode(), exited.reason());
    }
}
