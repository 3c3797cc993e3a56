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
 * Why a pod is, or is not, running: the way from its file to its containers, step by step.
 *
 * @param reason one CamelCase word for the step that holds the pod up, empty when nothing does
 * @param message one sentence on that step, empty when nothing holds the pod up
 * @param retryAt when that step is tried again, if it is
 * @param pulling whether that step waits for an image that is being pulled
 * @param steps every step, from the file on
 */
public record Explanation(String reason, String message, Optional<Instant> retryAt, boolean pulling, List<Step> steps) {

    /** Where on its way a pod is. */
    public enum Stage {
        /** The manifest is there and can be read. */
        FILE,
        /** It is a pod, without errors. */
        PARSE,
        /** The pod may run, and no older version of it is in its way. */
        ADMISSION,
        /** The image of a container is on the node. */
        IMAGE,
        /** The PodSandbox is ready. */
        SANDBOX,
        /** A container runs. */
        CONTAINER
    }

    /** How a step stands. */
    public enum Outcome {
        OK,
        WAITING,
        FAILED
    }

    /**
     * One step.
     *
     * @param reason one CamelCase word, empty when the step is OK
     * @param message one sentence for people
     * @param retryAt when a failed step is tried again
     * @param pulling whether the step waits for an image that is being pulled
     */
    public record Step(
            Stage stage, Outcome outcome, String reason, String message, Optional<Instant> retryAt, boolean pulling) {
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
     * @param manifest the file that keeps it running; empty when there is none any more
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
        // A file that was refused is no reason: its last good version goes on, and the file itself is reported.
        Optional<Step> cause = first(steps, Outcome.FAILED).or(() -> first(steps, Outcome.WAITING));
        return new Explanation(
                cause.map(Step::reason).orElse(""),
                cause.map(Step::message).orElse(""),
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
