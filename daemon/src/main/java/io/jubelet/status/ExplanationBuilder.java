/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.desired.Manifest;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.RestartDecision;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.Pod;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.WaitingCause;
import io.jubelet.reconcile.PodView;
import io.jubelet.status.Explanation.Outcome;
import io.jubelet.status.Explanation.Stage;
import io.jubelet.status.Explanation.Step;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds the steps of one pod from its file to its containers. Pure; used once. */
final class ExplanationBuilder {

    private final PodView view;
    private final List<ContainerStatus> containers;
    private final Optional<Manifest> manifest;
    private final List<Step> steps = new ArrayList<>();

    ExplanationBuilder(PodView view, List<ContainerStatus> containers, Optional<Manifest> manifest) {
        this.view = view;
        this.containers = containers;
        this.manifest = manifest;
    }

    List<Step> build() {
        file();
        parse();
        admission();
        if (rejectedAtAdmission()) {
            return steps;
        }
        if (view.lifecycle() instanceof PodLifecycle.Syncing) {
            containers.forEach(this::image);
            sandbox();
            containers.forEach(this::container);
            update();
        }
        return steps;
    }

    private void file() {
        if (manifest.isEmpty()) {
            view.wanted()
                    .ifPresentOrElse(
                            pod -> ok(Stage.FILE, pod.source()),
                            () -> waiting(Stage.FILE, "Removed", "no manifest contains this pod any more"));
            return;
        }
        Manifest file = manifest.get();
        switch (file.state()) {
            case ACCEPTED, REFUSED, PARTLY_REFUSED, CONFLICT -> ok(Stage.FILE, file.path());
            case UNREADABLE -> failed(Stage.FILE, "Unreadable", file.path() + " cannot be read" + problem(file));
            case BEING_WRITTEN ->
                waiting(
                        Stage.FILE,
                        "BeingWritten",
                        file.path() + " is being written; the last good version keeps running");
            case IGNORED, NOT_READ, EMPTY -> failed(Stage.FILE, "Ignored", file.path() + " is ignored" + problem(file));
        }
    }

    private void parse() {
        if (manifest.isEmpty()) {
            return;
        }
        Manifest file = manifest.get();
        switch (file.state()) {
            case ACCEPTED, CONFLICT ->
                ok(Stage.PARSE, file.state() == Manifest.State.ACCEPTED ? "valid" + problem(file) : "valid");
            case PARTLY_REFUSED -> {
                if (file.held().contains(view.name())) {
                    failed(Stage.PARSE, "Refused", "refused" + problem(file) + " (last good version keeps running)");
                } else {
                    ok(Stage.PARSE, "valid, unlike other documents of the file" + problem(file));
                }
            }
            case REFUSED ->
                failed(Stage.PARSE, "Refused", "refused" + problem(file) + " (last good version keeps running)");
            // The step of the file has said that nothing was parsed.
            case UNREADABLE, BEING_WRITTEN, IGNORED, NOT_READ, EMPTY -> {}
        }
    }

    private static String problem(Manifest file) {
        if (file.problems().isEmpty()) {
            return "";
        }
        int more = file.problems().size() - 1;
        return ": " + file.problems().getFirst() + (more > 0 ? " (and " + more + " more)" : "");
    }

    /** Whether the pod is rejected before its images matter. */
    private boolean rejectedAtAdmission() {
        return view.lifecycle() instanceof PodLifecycle.Syncing
                && view.running().isEmpty()
                && view.plan().rejection().filter(why -> !why.isNetwork()).isPresent();
    }

    private void admission() {
        if (manifest.isPresent() && manifest.get().state() == Manifest.State.CONFLICT) {
            failed(Stage.ADMISSION, "Conflict", "in conflict" + problem(manifest.get()));
            return;
        }
        switch (view.lifecycle()) {
            case PodLifecycle.Syncing _ -> {
                if (rejectedAtAdmission()) {
                    AdmissionRejection rejection = view.plan().rejection().orElseThrow();
                    failed(
                            Stage.ADMISSION,
                            rejection.reason(),
                            "waiting: " + rejection.message() + " (retried when that changes)");
                } else {
                    ok(Stage.ADMISSION, "accepted");
                }
            }
            case PodLifecycle.Terminating ending ->
                waiting(
                        Stage.ADMISSION,
                        "Terminating",
                        view.wanted().isPresent() && !view.wanted().get().uid().equals(ending.uid())
                                ? "the previous version is terminated first: " + ending.reason()
                                : "terminating: " + ending.reason());
            case PodLifecycle.Terminated _ -> waiting(Stage.ADMISSION, "Terminated", "terminated");
        }
    }

    private void image(ContainerStatus container) {
        String what = "container " + container.name() + ": image " + container.image();
        switch (container.state()) {
            case ContainerState.Waiting waiting
            when waiting.cause() instanceof ImageError error ->
                failed(Stage.IMAGE, waiting.reason(), imageProblem(container.image(), error, waiting.message()));
            case ContainerState.Waiting waiting
            when container.ids().container().isEmpty() -> waitingForImage(container, waiting);
            case ContainerState.Waiting _, ContainerState.Running _, ContainerState.Terminated _ ->
                ok(Stage.IMAGE, what);
        }
    }

    /** Adds what a container that has never been created waits for; nothing if it is not an image. */
    private void waitingForImage(ContainerStatus container, ContainerState.Waiting waiting) {
        String of = "container " + container.name() + ": image ";
        if (waiting.cause() instanceof WaitingCause.Pulling(String pulled)) {
            steps.add(new Step(
                    Stage.IMAGE,
                    Outcome.WAITING,
                    Optional.of(KubeletReasons.CONTAINER_CREATING),
                    of + pulled + " is being pulled",
                    Optional.empty(),
                    pulled.equals(container.image())));
        } else if (inProgress() instanceof PodAction.EnsureImage ensure
                && ensure.image().equals(container.image())) {
            waiting(Stage.IMAGE, KubeletReasons.CONTAINER_CREATING, of + container.image() + " is being looked up");
        }
    }

    private @Nullable PodAction inProgress() {
        return view.inProgress().map(PodView.InProgress::action).orElse(null);
    }

    private String sinceStart() {
        return view.inProgress()
                .map(action -> moment("since", Optional.of(action.since())))
                .orElse("");
    }

    private static String imageProblem(String image, ImageError error, String message) {
        String verb = switch (error) {
            case ErrImageNeverPull -> " is not on this node, and imagePullPolicy is Never";
            case InvalidImageName -> " is not a valid image name";
            case ErrImagePull, ImagePullBackOff, ImageInspectError, RegistryUnavailable, SignatureValidationFailed ->
                " cannot be pulled";
        };
        return "image " + image + verb + colon(message);
    }

    private boolean planPulls(String image) {
        return view.plan().actions().stream()
                .anyMatch(action -> action instanceof PodAction.EnsureImage ensure
                        && ensure.image().equals(image));
    }

    private void sandbox() {
        if (view.runtimeProblem().isPresent()) {
            failed(
                    Stage.SANDBOX,
                    "RuntimeUnavailable",
                    "the container runtime does not respond"
                            + colon(view.runtimeProblem().get()));
            return;
        }
        ActionFailure failure = view.failures().get("");
        if (view.running().isEmpty() && view.plan().rejection().isPresent()) {
            AdmissionRejection rejection = view.plan().rejection().get();
            failed(Stage.SANDBOX, rejection.reason(), rejection.message());
            return;
        }
        Optional<ObservedSandbox> newest = view.observed().version(PodReport.uid(view)).sandboxes().stream()
                .findFirst();
        if (failure != null) {
            add(
                    Stage.SANDBOX,
                    Outcome.FAILED,
                    Optional.of(failure.reason()),
                    "PodSandbox failed" + attempts(failure) + colon(failure.message()),
                    Optional.of(failure.retryAt()));
        } else if (inProgress() instanceof PodAction.CreateSandbox create && !create.beside()) {
            waiting(Stage.SANDBOX, KubeletReasons.CONTAINER_CREATING, "PodSandbox is being created" + sinceStart());
        } else if (sandboxBackOff().isPresent()) {
            failed(Stage.SANDBOX, "SandboxChanged", sandboxBackOff().get());
        } else if (newest.isEmpty()) {
            waiting(Stage.SANDBOX, KubeletReasons.CONTAINER_CREATING, "PodSandbox has not been created yet");
        } else if (newest.get().ready()) {
            ok(
                    Stage.SANDBOX,
                    "ready" + moment("since", Optional.ofNullable(newest.get().createdAt())));
        } else if (containers.stream()
                .allMatch(c -> c.state() instanceof ContainerState.Terminated ended && !restarts(c, ended))) {
            ok(Stage.SANDBOX, "stopped, no longer needed");
        } else {
            waiting(Stage.SANDBOX, "SandboxChanged", "PodSandbox is dead and will be replaced");
        }
    }

    /** What the plan says of sandboxes that end again and again; empty if they do not. */
    private Optional<String> sandboxBackOff() {
        return view.plan().waiting().values().stream()
                .filter(waiting -> waiting.cause() == WaitingCause.Other.SANDBOX_FAILED)
                .map(ContainerState.Waiting::message)
                .findFirst();
    }

    private void container(ContainerStatus status) {
        String name = "container " + status.name();
        switch (status.state()) {
            case ContainerState.Running running ->
                ok(Stage.CONTAINER, name + " running" + moment("since", running.startedAt()));
            case ContainerState.Terminated ended -> {
                if (restarts(status, ended)) {
                    waiting(Stage.CONTAINER, ended.reason(), name + " " + end(ended) + " and will be restarted");
                } else if (ended.exitCode() == 0) {
                    ok(Stage.CONTAINER, name + " completed" + moment("at", ended.finishedAt()));
                } else {
                    failed(
                            Stage.CONTAINER,
                            ended.reason(),
                            name + " " + end(ended) + ", and restartPolicy is " + restartPolicy());
                }
            }
            case ContainerState.Waiting waiting -> addWaiting(status, waiting, name);
        }
    }

    private void addWaiting(ContainerStatus status, ContainerState.Waiting waiting, String name) {
        ActionFailure failure = view.failures().get(status.name());
        if (waiting.cause() instanceof ImageError) {
            waiting(Stage.CONTAINER, waiting.reason(), name + " is waiting for its image");
        } else if (starts(status.name())) {
            waiting(Stage.CONTAINER, waiting.reason(), name + " is being started" + sinceStart());
        } else if (waiting.cause() == WaitingCause.Other.INITIALIZING) {
            waiting(Stage.CONTAINER, waiting.reason(), name + " is waiting for " + unfinishedInitContainer());
        } else if (waiting.cause().beforeCreation()) {
            waiting(Stage.CONTAINER, waiting.reason(), name + " has not started yet" + colon(waiting.message()));
        } else if (waiting.cause() == WaitingCause.Other.CRASH_LOOP) {
            String past = status.lastState().map(ExplanationBuilder::end).orElse("ended");
            failed(
                    Stage.CONTAINER,
                    waiting.reason(),
                    name + " " + past + " after " + status.restartCount()
                            + (status.restartCount() == 1 ? " restart" : " restarts"));
        } else if (failure != null) {
            add(
                    Stage.CONTAINER,
                    Outcome.FAILED,
                    Optional.of(waiting.reason()),
                    name + " failed to start" + attempts(failure) + colon(waiting.message()),
                    Optional.of(failure.retryAt()));
        } else {
            failed(
                    Stage.CONTAINER,
                    waiting.reason(),
                    name + " is waiting: " + waiting.reason() + colon(waiting.message()));
        }
    }

    private boolean starts(String container) {
        return switch (inProgress()) {
            case PodAction.StartContainer start -> start.container().equals(container);
            case PodAction.StartCreated start -> start.container().equals(container);
            case null, default -> false;
        };
    }

    /** The statuses of init containers come before those of the others. */
    private String unfinishedInitContainer() {
        List<String> init = view.shown()
                .map(pod -> pod.spec().initContainers().stream()
                        .map(ContainerSpec::name)
                        .toList())
                .orElse(List.of());
        return containers.stream()
                .filter(status -> init.contains(status.name()) && !status.ready())
                .map(status -> "init container " + status.name())
                .findFirst()
                .orElse("the init containers");
    }

    /** Adds why the desired version does not replace the running one yet. */
    private void update() {
        Optional<Pod> next = view.wanted().filter(pod -> !pod.uid().equals(PodReport.uid(view)));
        if (next.isEmpty()) {
            return;
        }
        view.plan()
                .rejection()
                .ifPresent(why -> failed(
                        Stage.ADMISSION,
                        why.reason(),
                        "the new version is waiting, and the old one keeps running: " + why.message()));
        ActionFailure failure = view.failures().get(PodAction.PrepareUpdate.FAILURE_KEY);
        if (failure != null) {
            add(
                    Stage.ADMISSION,
                    Outcome.FAILED,
                    Optional.of(failure.reason()),
                    "the new version is waiting, and the old one keeps running: " + failure.message(),
                    Optional.of(failure.retryAt()));
        }
        for (ContainerSpec container : next.get().spec().allContainers().toList()) {
            ContainerState.Waiting waiting = view.plan().updateWaiting().get(container.name());
            if (waiting != null && waiting.cause() instanceof ImageError error) {
                failed(
                        Stage.IMAGE,
                        waiting.reason(),
                        "the new version is waiting, and the old one keeps running: "
                                + imageProblem(container.image(), error, waiting.message()));
            } else if (planPulls(container.image())) {
                waiting(
                        Stage.IMAGE,
                        "Updating",
                        "the new version is waiting for image " + container.image()
                                + ", and the old one keeps running");
            }
        }
    }

    private boolean restarts(ContainerStatus container, ContainerState.Terminated ended) {
        return view.shown()
                .flatMap(pod -> pod.spec()
                        .container(container.name())
                        .map(spec -> RestartDecision.after(pod.spec(), spec, ended.exitCode(), ended.reason())
                                != RestartDecision.STAY))
                .orElse(false);
    }

    private RestartPolicy restartPolicy() {
        return view.shown().map(pod -> pod.spec().restartPolicy()).orElse(RestartPolicy.Never);
    }

    private static String end(ContainerState.Terminated ended) {
        return "ended with exit code " + ended.exitCode() + " (" + ended.reason() + ")" + colon(ended.message());
    }

    /** A time in words, in whole seconds; nothing if the runtime does not know it. */
    private static String moment(String preposition, Optional<Instant> moment) {
        return moment.map(known -> " " + preposition + " " + known.truncatedTo(ChronoUnit.SECONDS))
                .orElse("");
    }

    private static String colon(String message) {
        return message.isEmpty() ? "" : ": " + message;
    }

    private static String attempts(ActionFailure failure) {
        return failure.count() == 1 ? "" : " " + failure.count() + " times";
    }

    private void ok(Stage stage, String text) {
        add(stage, Outcome.OK, Optional.empty(), text, Optional.empty());
    }

    private void waiting(Stage stage, String reason, String text) {
        add(stage, Outcome.WAITING, Optional.of(reason), text, Optional.empty());
    }

    private void failed(Stage stage, String reason, String text) {
        boolean planned = stage == Stage.IMAGE || stage == Stage.SANDBOX || stage == Stage.CONTAINER;
        add(
                stage,
                Outcome.FAILED,
                Optional.of(reason),
                text,
                planned ? view.plan().due() : Optional.empty());
    }

    private void add(Stage stage, Outcome outcome, Optional<String> reason, String text, Optional<Instant> retryAt) {
        steps.add(new Step(stage, outcome, reason, text, retryAt, false));
    }
}
