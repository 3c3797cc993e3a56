/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.events.EventRecorder;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.ImageStates.RequiredImage;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Records the events of one pod's images in the kubelet's words. Confined to the worker's thread. */
final class ImageEvents {

    private final EventRecorder events;
    /** When the pull began that a container waits for or has waited for; by container name, or by {@link #volumeKey}. */
    private final Map<String, Instant> pulls = new HashMap<>();

    private ImageStates images = ImageStates.NONE;

    ImageEvents(EventRecorder events) {
        this.events = events;
    }

    /** Takes the states of the images that the next events are about. */
    void update(ImageStates newest) {
        images = newest;
    }

    /** Records the pulls that a container waits for, each of them once. */
    void pulling(Pod pod, ContainerSpec container) {
        pulling(pod, container.name(), Optional.of(container.name()), ImageStates.required(pod, container));
        // The kubelet pulls the images of volumes for the pod as a whole, and records them without a container.
        ImageStates.mounted(pod, container)
                .forEach(required -> pulling(pod, volumeKey(required), Optional.empty(), required));
    }

    private void pulling(Pod pod, String key, Optional<String> container, RequiredImage required) {
        if (images.of(required) instanceof ImageState.Pulling pull
                && !pull.equals(ImageState.CHECKING)
                && !pull.since().equals(pulls.put(key, pull.since()))) {
            events.normal(pod, container, "Pulling", "Pulling image \"" + required.image() + "\"");
        }
    }

    /** The key of an image volume's pull; no container has such a name. */
    private static String volumeKey(RequiredImage required) {
        return "/" + required.image();
    }

    /** Records why an image of a container is not available. */
    void failed(Pod pod, ContainerSpec spec, ImageError error, Waiting why) {
        String container = spec.name();
        String image = failedImage(pod, spec);
        switch (error) {
            case ErrImagePull, RegistryUnavailable, SignatureValidationFailed ->
                pullFailed(pod, container, image, why.message(), error.name());
            case ImagePullBackOff -> {
                String backOff = "Back-off pulling image \"" + image + "\"";
                String cause = why.message().startsWith(backOff + ": ")
                        ? why.message().substring(backOff.length() + 2)
                        : ImageError.ErrImagePull + ": " + why.message();
                int colon = cause.indexOf(": ");
                pullFailed(pod, container, image, cause.substring(colon + 2), cause.substring(0, colon));
                events.normal(pod, container, "BackOff", backOff);
                error(pod, container, error.name());
            }
            case ErrImageNeverPull -> {
                events.warning(pod, container, error.name(), why.message());
                error(pod, container, error.name());
            }
            case ImageInspectError -> {
                events.warning(pod, container, "InspectFailed", why.message());
                error(pod, container, error.name());
            }
            case InvalidImageName -> {
                events.warning(
                        pod,
                        container,
                        "InspectFailed",
                        "Failed to apply default image tag \"" + image + "\": " + why.message());
                error(pod, container, error.name());
            }
        }
    }

    private void pullFailed(Pod pod, String container, String image, String message, String reason) {
        pulls.remove(container);
        pulls.remove("/" + image);
        events.warning(pod, container, WorkerEvents.FAILED, "Failed to pull image \"" + image + "\": " + message);
        error(pod, container, reason);
    }

    private void error(Pod pod, String container, String reason) {
        events.warning(pod, container, WorkerEvents.FAILED, "Error: " + reason);
    }

    /** The image of a container whose failure the plan shows: the last one that fails. */
    private String failedImage(Pod pod, ContainerSpec container) {
        return ImageStates.mounted(pod, container).reversed().stream()
                .filter(required -> images.of(required) instanceof ImageState.Failed)
                .map(RequiredImage::image)
                .findFirst()
                .orElse(container.image());
    }

    /** Records that the images of a container that is started are present. */
    void pulled(PodAction.StartContainer start) {
        Optional<ContainerSpec> container = start.pod().spec().container(start.container());
        if (container.isEmpty()) {
            return;
        }
        ImageStates.mounted(start.pod(), container.get())
                .forEach(required -> pulled(start.pod(), volumeKey(required), Optional.empty(), required));
        pulled(
                start.pod(),
                start.container(),
                Optional.of(start.container()),
                ImageStates.required(start.pod(), container.get()));
    }

    private void pulled(Pod pod, String key, Optional<String> container, RequiredImage required) {
        boolean waited = pulls.remove(key) != null;
        events.normal(
                pod,
                container,
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
