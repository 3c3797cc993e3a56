/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

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
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Interprets the instances of one version of a pod: which of them count, how far the pod is, and whether it has ended. Pure.
 *
 * <p>It derives all of that from what the runtime lists, so it survives a restart of the daemon; {@link SupersededInstances}
 * never removes what it needs.
 *
 * <p>A pod starts again with its first init container in two cases. In a new sandbox, init containers of older sandboxes do
 * not count. After a rule of one container restarted all containers, a new round begins: each instance is labelled with its
 * round, and instances of earlier rounds do not count. So a restart removes nothing, and attempts, logs and back-off continue.
 */
final class VersionProgress {

    private final String uid;
    private final PodSpec spec;
    private final ObservedPod observed;
    private final PlannerInput input;
    private final int round;

    private VersionProgress(String uid, PodSpec spec, ObservedPod observed, PlannerInput input, int round) {
        this.uid = uid;
        this.spec = spec;
        this.observed = observed;
        this.input = input;
        this.round = round;
    }

    /**
     * @param observed what the runtime shows of this version alone
     * @param input the results of probes and the times of runs
     */
    static VersionProgress of(String uid, PodSpec spec, ObservedPod observed, PlannerInput input) {
        int round = 0;
        for (ObservedContainer container : observed.containers()) {
            round = Math.max(round, container.round());
        }
        return new VersionProgress(uid, spec, observed, input, round);
    }

    /** The progress at the beginning of the next round, in which no instance counts yet. */
    VersionProgress nextRound() {
        return new VersionProgress(uid, spec, observed, input, round + 1);
    }

    /** How often all containers were restarted together. */
    int round() {
        return round;
    }

    /** The sandbox that is ready, or else the newest one; others do not count. */
    Optional<ObservedSandbox> currentSandbox() {
        return observed.sandboxes().stream().findFirst();
    }

    // --- instances

    /** The newest instance of a container in any sandbox and round. */
    Optional<ObservedContainer> newest(ContainerSpec container) {
        return observed.newest(uid, container.name());
    }

    /** The newest instance of a main container, if it counts; one of an older sandbox does, and is not repeated if completed. */
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
        if (startWasInterrupted(container, instance, exited)) {
            return RestartDecision.RESTART;
        }
        ContainerHealth probed = input.health().get(instance.id());
        return probed != null && probed.failure().isPresent()
                ? RestartDecision.afterProbe(spec, container)
                : RestartDecision.after(spec, container, exited.exitCode(), exited.reason());
    }

    /**
     * Whether an instance never ran because the call that starts it ended with an earlier daemon. If the runtime could not start it,
     * this daemon would know, or will learn it when it tries again. That another action on the container failed says nothing: the
     * runtime rejects a start while it still cleans up after the earlier one.
     */
    boolean startWasInterrupted(ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        if (exited.startedAt() != null || !exited.reason().equals(KubeletReasons.START_ERROR)) {
            return false;
        }
        ActionFailure failure = input.failures().get(container.name());
        return failure == null || !failure.ended().equals(Optional.of(instance.id()));
    }

    private boolean decides(ContainerSpec container, Optional<ObservedContainer> instance, RestartDecision decision) {
        return instance.isPresent()
                && instance.get().state() instanceof State.Exited exited
                && decision(container, instance.get(), exited) == decision;
    }

    // --- how far the pod is

    /** The instance whose end restarts all containers, until the first of them has been started in a new round. */
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
     * Whether a main container was ever created in this sandbox and round. Then init containers are not run again, even if their
     * instances were removed.
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

    /** The index of the last init container that was ever created in this sandbox and round; -1 if none was. */
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

    /** When the pod's deadline passes, counted from the creation of its first sandbox; empty if it has none. */
    Optional<Instant> deadline() {
        return spec.activeDeadline()
                .flatMap(limit ->
                        input.times().begun(uid).or(this::firstCreation).map(begin -> begin.plus(limit)));
    }

    private Optional<Instant> firstCreation() {
        return observed.sandboxes().stream()
                .flatMap(sandbox -> Stream.ofNullable(sandbox.createdAt()))
                .min(Instant::compareTo);
    }

    /** How the pod has ended for good, or must end because its deadline has passed; empty if neither. */
    Optional<PodEnd> end() {
        Optional<PodEnd> byItself = endByItself();
        Optional<Instant> deadline = deadline();
        if (deadline.isEmpty()) {
            return byItself;
        }
        Instant last = lastEnd();
        boolean inTime = byItself.isPresent() && last.isBefore(deadline.get());
        // A container that ended after the deadline proves that it passed.
        boolean passed = !input.now().isBefore(deadline.get()) || !last.isBefore(deadline.get());
        return passed && !inTime ? Optional.of(PodEnd.DEADLINE) : byItself;
    }

    /** When the last container ended, except for sidecars, which are stopped later. */
    private Instant lastEnd() {
        Instant last = Instant.MIN;
        for (ContainerSpec container : spec.allContainers().toList()) {
            Optional<ObservedContainer> instance = newest(container);
            if (instance.isPresent()
                    && instance.get().state() instanceof State.Exited exited
                    && !spec.isSidecar(container)) {
                Instant end = input.run(instance.get(), exited).end();
                last = end.isAfter(last) ? end : last;
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
        // A pod with policy Never is not started twice, unless the policy or a rule of a container restarts that
        // container.
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
