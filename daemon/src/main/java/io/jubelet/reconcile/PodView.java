/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a worker publishes after each step: everything that status and garbage collection know of a pod. Immutable.
 *
 * @param versions the version that the manifest asks for, and a different one that the runtime still runs; {@code running}
 *     is empty while the pod runs as its manifest says
 * @param observed what the runtime showed last, with what the worker did since
 * @param plan the last plan
 * @param health the last results of probes, of containers that run; a container that was not probed yet is absent
 * @param failures the last failure of an action that did not succeed since, by {@link PodAction#failureKey}
 * @param runtimeProblem why the last turn failed, such as that the runtime does not answer; empty if it did not
 * @param inProgress the action that the worker is executing; empty between actions
 * @param at when the worker made the plan, or saw the turn fail; as every time of a view, of the wall clock
 */
public record PodView(
        PodVersions versions,
        ObservedPod observed,
        PodPlan plan,
        Map<ContainerId, ContainerHealth> health,
        Map<String, ActionFailure> failures,
        Optional<String> runtimeProblem,
        Optional<InProgress> inProgress,
        Instant at) {

    /**
     * An action that is being executed.
     *
     * @param action the action
     * @param since when the plan was made that it is part of
     */
    public record InProgress(PodAction action, Instant since) {}

    public PodView {
        Objects.requireNonNull(versions, "versions");
        Objects.requireNonNull(observed, "observed");
        Objects.requireNonNull(plan, "plan");
        health = Map.copyOf(health);
        failures = Map.copyOf(failures);
        Objects.requireNonNull(runtimeProblem, "runtimeProblem");
        Objects.requireNonNull(inProgress, "inProgress");
        Objects.requireNonNull(at, "at");
    }

    /** The name of the pod. */
    public PodName name() {
        return observed.name();
    }

    /** The version that the manifest asks for; empty if there is no manifest any more. */
    public Optional<Pod> wanted() {
        return versions.wanted();
    }

    /** A version other than the wanted one that the runtime still runs; empty if there is none or its content is lost. */
    public Optional<Pod> running() {
        return versions.running();
    }

    /** Where the pod is in its life, by the last plan. */
    public PodLifecycle lifecycle() {
        return plan.lifecycle();
    }

    /** The version to show: a running version as long as it is in charge of the pod, else the wanted version. */
    public Optional<Pod> shown() {
        boolean replaced = wanted().isPresent()
                && observed.predecessor(wanted().get().uid()).isEmpty();
        return running().isPresent() && !replaced ? running() : wanted();
    }

    /** Whether a version of the pod is being stopped. */
    public boolean terminating() {
        return lifecycle() instanceof PodLifecycle.Terminating;
    }

    /** The same view with newer results of probes. */
    public PodView with(Map<ContainerId, ContainerHealth> newer) {
        return new PodView(versions, observed, plan, newer, failures, runtimeProblem, inProgress, at);
    }
}
