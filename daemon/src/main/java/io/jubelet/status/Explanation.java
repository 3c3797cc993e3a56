/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.desired.Manifest;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.reconcile.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Why a pod runs or does not run: the steps from its file to its containers.
 *
 * @param reason one CamelCase word for the step that blocks the pod; empty if none does
 * @param message one sentence about that step; empty if none blocks the pod
 * @param retryAt when that step is retried, if it is
 * @param pulling whether that step waits for an image that is being pulled
 * @param steps all steps, beginning with the file
 */
public record Explanation(
        Optional<String> reason,
        Optional<String> message,
        Optional<Instant> retryAt,
        boolean pulling,
        List<Step> steps) {

    /** A stage of the way from file to container. */
    public enum Stage {
        /** The manifest exists and can be read. */
        FILE,
        /** It is a valid pod. */
        PARSE,
        /** The pod is admitted, and no older version of it has to end first. */
        ADMISSION,
        /** The image of a container is on the node. */
        IMAGE,
        /** The PodSandbox is ready. */
        SANDBOX,
        /** A container runs. */
        CONTAINER
    }

    /** The state of a step. */
    public enum Outcome {
        OK,
        WAITING,
        FAILED
    }

    /**
     * One step.
     *
     * @param stage the stage that it belongs to
     * @param outcome its state
     * @param reason one CamelCase word; empty if the step is OK
     * @param message one sentence for people
     * @param retryAt when a failed step is retried
     * @param pulling whether the step waits for an image that is being pulled
     */
    public record Step(
            Stage stage,
            Outcome outcome,
            Optional<String> reason,
            String message,
            Optional<Instant> retryAt,
            boolean pulling) {
        public Step {
            Objects.requireNonNull(stage, "stage");
            Objects.requireNonNull(outcome, "outcome");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }

    public Explanation {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(retryAt, "retryAt");
        steps = List.copyOf(steps);
    }

    /**
     * Explains a pod. Pure.
     *
     * @param manifest the file that the pod comes from; empty if there is none any more
     */
    public static Explanation of(PodReport report, Optional<Manifest> manifest) {
        ContainerStatusBuilder statuses = new ContainerStatusBuilder(report.view());
        return of(report.view(), statuses.buildInit(), statuses.build(), manifest);
    }

    static Explanation of(
            PodView view, List<ContainerStatus> init, List<ContainerStatus> containers, Optional<Manifest> manifest) {
        List<ContainerStatus> all = containers;
        if (!init.isEmpty()) {
            all = new ArrayList<>(init);
            all.addAll(containers);
        }
        List<Step> steps = new ExplanationBuilder(view, all, manifest).build();
        // A refused file is not the cause, because its last good version keeps running; the file
        // itself is reported elsewhere.
        Optional<Step> cause = first(steps, Outcome.FAILED).or(() -> first(steps, Outcome.WAITING));
        return new Explanation(
                cause.flatMap(Step::reason),
                cause.map(Step::message),
                cause.flatMap(Step::retryAt),
                cause.map(Step::pulling).orElse(false),
                steps);
    }

    private static Optional<Step> first(List<Step> steps, Outcome outcome) {
        return steps.stream()
                .filter(step -> step.stage().compareTo(Stage.ADMISSION) >= 0 && step.outcome() == outcome)
                .findFirst();
    }
}
