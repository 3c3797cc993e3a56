/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.plan.ImageStates.RequiredImage;
import io.jubelet.plan.PodAction.ContainerImages;
import io.jubelet.plan.PodAction.EnsureImage;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import io.jubelet.pod.WaitingCause;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Plans the pulls that containers need. Made for one plan and one thread; pure. */
final class ImagePlanner {

    private final PlannerInput input;
    private final Pod pod;
    private final PlanBuilder builder;

    /** Whether the images are needed only after other actions, which take longer than a check for an image. */
    private boolean inBackground;

    ImagePlanner(PlannerInput input, Pod pod, PlanBuilder builder) {
        this.input = input;
        this.pod = pod;
        this.builder = builder;
    }

    /** Declares that the images asked for from now on are needed later, so that actions can check for them in the background. */
    void defer() {
        inBackground = true;
    }

    /**
     * Returns the images of a container if all of them are present and recent enough; otherwise plans what is needed, or why
     * the container waits.
     *
     * @param previous the newest instance of the container; empty if there is none
     */
    Optional<ContainerImages> ids(ContainerSpec container, Optional<ObservedContainer> previous) {
        Optional<String> own = id(container, ImageStates.required(pod, container), "needs", previous);
        Map<String, String> mounted = Map.of();
        boolean complete = own.isPresent();
        for (RequiredImage required : ImageStates.mounted(pod, container)) {
            mounted = mounted.isEmpty() ? new HashMap<>() : mounted;
            Optional<String> id = id(container, required, "mounts", previous);
            if (id.isPresent()) {
                mounted.put(required.image(), id.get());
            }
            complete &= id.isPresent();
        }
        return complete ? Optional.of(new ContainerImages(own.get(), mounted)) : Optional.empty();
    }

    private Optional<String> id(
            ContainerSpec container, RequiredImage required, String verb, Optional<ObservedContainer> previous) {
        Instant notBefore = notBefore(previous);
        return switch (input.images().of(required)) {
            case ImageState.Present present
            when fresh(present, required.policy(), notBefore) -> Optional.of(present.id());
            case ImageState.Present _, ImageState.Unknown _ -> ensure(container, required, verb, notBefore);
            case ImageState.Pulling _ -> {
                if (!failed(container)) { // a failure is the more important cause
                    builder.waiting(
                            container,
                            new Waiting(
                                    new WaitingCause.Pulling(required.image()),
                                    KubeletReasons.CONTAINER_CREATING,
                                    "pulling image " + required.image()));
                }
                yield Optional.empty();
            }
            case ImageState.Failed failed
            when input.now().isBefore(failed.retryAt()) -> {
                builder.waiting(
                        container, new Waiting(failed.reason(), failed.reason().name(), failed.message()));
                builder.planAgainAt(failed.retryAt());
                yield Optional.empty();
            }
            case ImageState.Failed _ -> ensure(container, required, verb, notBefore);
        };
    }

    /** Whether an image of a container is not available for now. */
    boolean failed(ContainerSpec container) {
        return any(container, ImageState.Failed.class);
    }

    /** Whether an image of a container is being pulled. */
    boolean pulling(ContainerSpec container) {
        return any(container, ImageState.Pulling.class);
    }

    private boolean any(ContainerSpec container, Class<? extends ImageState> state) {
        return state.isInstance(input.images().of(pod, container))
                || ImageStates.mounted(pod, container).stream()
                        .anyMatch(required -> state.isInstance(input.images().of(required)));
    }

    /**
     * When an image must have been checked at the earliest: after the version was accepted and the previous instance ended,
     * because the image may have been removed before that.
     */
    private Instant notBefore(Optional<ObservedContainer> previous) {
        Instant accepted = input.history().acceptedAt();
        if (previous.isPresent() && previous.get().state() instanceof State.Exited exited) {
            Instant finished = input.run(previous.get(), exited).end();
            return finished.isAfter(accepted) ? finished : accepted;
        }
        return accepted;
    }

    private static boolean fresh(ImageState.Present present, ImagePullPolicy policy, Instant notBefore) {
        boolean recent = !present.checkedAt().isBefore(notBefore);
        return switch (policy) {
            case Always -> recent && present.pulled();
            case IfNotPresent, Never -> recent;
        };
    }

    private Optional<String> ensure(ContainerSpec container, RequiredImage required, String verb, Instant notBefore) {
        boolean planned = builder.actions().stream()
                .anyMatch(a -> a instanceof EnsureImage other
                        && other.image().equals(required.image())
                        && other.policy() == required.policy());
        if (!planned) {
            builder.add(new EnsureImage(
                    pod,
                    required.image(),
                    required.policy(),
                    notBefore,
                    inBackground,
                    "container " + container.name() + " " + verb + " it"));
        }
        return Optional.empty();
    }
}
