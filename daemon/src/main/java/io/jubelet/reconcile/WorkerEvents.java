package io.jubelet.reconcile;

import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.ImageStates.RequiredImage;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PlannerInput;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Tells as events what one worker does, and what its containers wait for, in the kubelet's words.
 *
 * <p>Confined to the worker's thread. What a plan says again is told once.
 */
final class WorkerEvents {

    private static final String FAILED = "Failed";

    private final PodName name;
    private final EventRecorder events;
    /** What each container was last told to wait for. */
    private final Map<String, Waiting> told = new HashMap<>();
    /** When the pull began that a container waits for, or has waited for. */
    private final Map<String, Instant> pulls = new HashMap<>();

    private boolean deadlineTold;
    private Optional<AdmissionRejection> reportedRejection = Optional.empty();
    private Optional<Pod> wanted = Optional.empty();
    private Optional<Pod> running = Optional.empty();
    private ImageStates images = ImageStates.NONE;

    WorkerEvents(PodName name, EventRecorder events) {
        this.name = name;
        this.events = events;
    }

    // --- plans

    /** A plan was made. */
    void planned(PlannerInput now, PodPlan plan) {
        wanted = now.versions().wanted();
        running = now.versions().running();
        images = now.images();
        boolean update = running.isPresent() && plan.lifecycle() instanceof PodLifecycle.Syncing;
        told.keySet()
                .removeIf(container -> !plan.waiting().containsKey(container)
                        && !plan.updateWaiting().containsKey(container));
        deadline(plan.end());
        rejected(plan.rejection().filter(AdmissionRejection::decided));
        plan.waiting().forEach((container, why) -> waits(update ? running : wanted, container, why));
        plan.updateWaiting().forEach((container, why) -> waits(wanted, container, why));
    }

    private void deadline(Optional<PodEnd> end) {
        boolean passed = end.equals(Optional.of(PodEnd.DEADLINE));
        if (passed && !deadlineTold && wanted.isPresent()) {
            events.normal(wanted.get(), PodEnd.DEADLINE.reason(), PodEnd.DEADLINE.message());
        }
        deadlineTold = passed;
    }

    private void rejected(Optional<AdmissionRejection> rejection) {
        if (rejection.isPresent() && wanted.isPresent() && !rejection.equals(reportedRejection)) {
            events.warning(
                    wanted.get(), rejection.get().reason(), rejection.get().message());
        }
        reportedRejection = rejection;
    }

    private void waits(Optional<Pod> version, String container, Waiting why) {
        Optional<ContainerSpec> spec = version.flatMap(pod -> pod.spec().container(container));
        if (spec.isEmpty()) {
            return;
        }
        Pod pod = version.get();
        String image = missing(pod, spec.get());
        pulling(pod, spec.get());
        if (why.equals(told.put(container, why))) {
            return;
        }
        switch (why.reason()) {
            case "CrashLoopBackOff" ->
                events.warning(
                        pod,
                        container,
                        "BackOff",
                        "Back-off restarting failed container " + container + " in pod " + pod.fullName() + "_"
                                + pod.name().namespace() + "(" + pod.uid() + ")");
            case "ErrImagePull", "RegistryUnavailable", "SignatureValidationFailed" ->
                pullFailed(pod, container, image, why.message(), why.reason());
            case "ImagePullBackOff" -> {
                String backOff = "Back-off pulling image \"" + image + "\"";
                String cause = why.message().startsWith(backOff + ": ")
                        ? why.message().substring(backOff.length() + 2)
                        : "ErrImagePull: " + why.message();
                int colon = cause.indexOf(": ");
                pullFailed(pod, container, image, cause.substring(colon + 2), cause.substring(0, colon));
                events.normal(pod, container, "BackOff", backOff);
                events.warning(pod, container, FAILED, "Error: ImagePullBackOff");
            }
            case "ErrImageNeverPull" -> {
                events.warning(pod, container, why.reason(), why.message());
                events.warning(pod, container, FAILED, "Error: " + why.reason());
            }
            case "ImageInspectError" -> {
                events.warning(pod, container, "InspectFailed", why.message());
                events.warning(pod, container, FAILED, "Error: " + why.reason());
            }
            case "InvalidImageName" -> {
                events.warning(
                        pod,
                        container,
                        "InspectFailed",
                        "Failed to apply default image tag \"" + image + "\": " + why.message());
                events.warning(pod, container, FAILED, "Error: " + why.reason());
            }
            default -> {
                // What an action failed with was told when it failed.
            }
        }
    }

    /** Which image of a container it is whose failure is told: the last of those that fail, as in the plan. */
    private String missing(Pod pod, ContainerSpec container) {
        return ImageStates.mounted(pod, container).reversed().stream()
                .filter(required -> images.of(required) instanceof ImageState.Failed)
                .map(RequiredImage::image)
                .findFirst()
                .orElse(container.image());
    }

    private void pulling(Pod pod, ContainerSpec container) {
        pulling(pod, container.name(), Optional.of(container.name()), ImageStates.required(pod, container));
        // The kubelet fetches what is mounted for the pod as a whole, and tells it so.
        ImageStates.mounted(pod, container)
                .forEach(required -> pulling(pod, mounted(required), Optional.empty(), required));
    }

    /** @param key of the pull in {@link #pulls} */
    private void pulling(Pod pod, String key, Optional<String> subject, RequiredImage required) {
        if (images.of(required) instanceof ImageState.Pulling pull
                && !pull.equals(ImageState.CHECKING)
                && !pull.since().equals(pulls.put(key, pull.since()))) {
            events.normal(pod, subject, "Pulling", "Pulling image \"" + required.image() + "\"");
        }
    }

    /** No container has such a name. */
    private static String mounted(RequiredImage required) {
        return "/" + required.image();
    }

    private void pullFailed(Pod pod, String container, String image, String words, String reason) {
        pulls.remove(container);
        pulls.remove("/" + image);
        events.warning(pod, container, FAILED, "Failed to pull image \"" + image + "\": " + words);
        events.warning(pod, container, FAILED, "Error: " + reason);
    }

    // --- actions

    /** An action is about to be executed. */
    void begins(PodAction action, ObservedPod before) {
        switch (action) {
            case PodAction.StopContainers stop ->
                before.containers().stream()
                        .filter(container -> stop.ids().contains(container.id())
                                || stop.sidecars().contains(container.id()))
                        .forEach(container -> stopping(container, stop.reason()));
            case PodAction.CreateSandbox create -> {
                if (create.attempt() > 0) {
                    events.normal(
                            create.pod(), "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
                }
            }
            case PodAction.EnsureImage _,
                    PodAction.StartContainer _,
                    PodAction.StartCreated _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    /** A reason that is a sentence about the container, such as that of a failed probe, is told as it is. */
    private void stopping(ObservedContainer container, String reason) {
        String message = reason.startsWith("Container " + container.name() + " ")
                ? reason
                : "Stopping container " + container.name();
        Optional<Pod> version = wanted.filter(pod -> pod.uid().equals(container.uid()))
                .or(() -> running.filter(pod -> pod.uid().equals(container.uid())));
        if (version.isPresent()) {
            events.normal(version.get(), container.name(), "Killing", message);
        } else {
            events.normal(name, container.uid(), container.name(), "Killing", message);
        }
    }

    /** An action was executed. */
    void done(PodAction action) {
        switch (action) {
            case PodAction.StartContainer start -> {
                pulled(start);
                events.normal(start.pod(), start.container(), "Created", "Container created");
                events.normal(start.pod(), start.container(), "Started", "Container started");
            }
            case PodAction.StartCreated start ->
                events.normal(start.pod(), start.container(), "Started", "Container started");
            case PodAction.EmptyVolumes empty -> events.warning(empty.pod(), KubeletReasons.EVICTED, empty.reason());
            case PodAction.EnsureImage _,
                    PodAction.CreateSandbox _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    /** An action on a sandbox or a container failed. */
    void failed(PodAction action, ActionFailedException failure) {
        switch (action) {
            case PodAction.StartContainer start -> {
                pulled(start);
                if (failure.reason().equals(KubeletReasons.RUN_CONTAINER_ERROR)) {
                    events.normal(start.pod(), start.container(), "Created", "Container created");
                }
                events.warning(start.pod(), start.container(), FAILED, "Error: " + failure.getMessage());
            }
            case PodAction.StartCreated start ->
                events.warning(start.pod(), start.container(), FAILED, "Error: " + failure.getMessage());
            case PodAction.CreateSandbox create -> {
                // That there is no network is told when the pod is held back for it, with the next plan.
                if (!failure.reason().equals(KubeletReasons.NETWORK_NOT_READY)) {
                    events.warning(
                            create.pod(), failure.reason(), "Failed to create pod sandbox: " + failure.getMessage());
                }
            }
            case PodAction.EnsureImage _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    private void pulled(PodAction.StartContainer start) {
        Optional<ContainerSpec> container = start.pod().spec().container(start.container());
        if (container.isEmpty()) {
            return;
        }
        ImageStates.mounted(start.pod(), container.get())
                .forEach(required -> pulled(start.pod(), mounted(required), Optional.empty(), required));
        pulled(
                start.pod(),
                start.container(),
                Optional.of(start.container()),
                ImageStates.required(start.pod(), container.get()));
    }

    private void pulled(Pod pod, String key, Optional<String> subject, RequiredImage required) {
        boolean waited = pulls.remove(key) != null;
        events.normal(
                pod,
                subject,
                "Pulled",
                waited && images.of(required) instanceof ImageState.Present present && present.pulled()
                        ? "Successfully pulled image \"" + required.image() + "\" in " + stats(present.stats())
                        : "Container image \"" + required.image()
                                + "\" already present on machine and can be accessed by the pod");
    }

    private static String stats(ImageState.PullStats stats) {
        return seconds(stats.duration()) + " (" + seconds(stats.durationWithWaiting())
                + " including waiting). Image size: " + stats.bytes() + " bytes.";
    }

    private static String seconds(Duration time) {
        return time.toMillis() < 1000 ? time.toMillis() + "ms" : time.toMillis() / 1000 + "." + millis(time) + "s";
    }

    private static String millis(Duration time) {
        String millis = Integer.toString(1000 + time.toMillisPart());
        return millis.substring(1);
    }
}
