/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.pod.ImagePullPolicy;
import io.jubelet.pod.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** One step of a plan. Immutable. */
public sealed interface PodAction {

    /** Why the action is taken, as half a sentence for logs and the user: {@code "the manifest changed"}. */
    String reason();

    /** The action without its reason, for logs and the user: {@code StartContainer(app, attempt 2)}. */
    String summary();

    /**
     * The part of the pod that has to wait if the action fails: the name of a container, the empty string for the sandbox, or
     * {@link PrepareUpdate#FAILURE_KEY} or {@link CreateContainer#FAILURE_KEY} for the version that is to replace a running one.
     * Empty if the whole pod has to wait; such a failure ends the turn.
     */
    default Optional<String> failureKey() {
        return Optional.empty();
    }

    /**
     * Check that an image is present, and begin to pull it if necessary. The pull runs in the background and wakes the worker
     * when it ends.
     *
     * @param pod the version of the pod that requires the image, with whose credentials it is pulled
     * @param notBefore with {@link ImagePullPolicy#Always}, a pull that ended before this time does not count
     * @param inBackground whether the check for the image runs in the background, too, because the pod needs the image later
     */
    record EnsureImage(
            Pod pod, String image, ImagePullPolicy policy, Instant notBefore, boolean inBackground, String reason)
            implements PodAction {
        @Override
        public String summary() {
            return "EnsureImage(" + image + ")";
        }
    }

    /** Remove the content of the volumes of an evicted version that has no live sandbox or container. */
    record EmptyVolumes(Pod pod, String reason) implements PodAction {
        @Override
        public String summary() {
            return "EmptyVolumes";
        }
    }

    /**
     * Make what a version needs before its sandbox (directories, volumes, files) and check what else can be checked, while the
     * version that it replaces runs.
     *
     * @param images of each container, by its name; all of them are present
     */
    record PrepareUpdate(Pod pod, Map<String, ContainerImages> images, String reason) implements PodAction {

        /** The {@link #failureKey}, which no container can have as its name. */
        public static final String FAILURE_KEY = "(update)";

        public PrepareUpdate {
            images = Map.copyOf(images);
        }

        @Override
        public String summary() {
            return "PrepareUpdate";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of(FAILURE_KEY);
        }
    }

    /** Record how a version has ended for good, which the runtime forgets with its containers. */
    record RecordEnd(Pod pod, PodEnd end, String reason) implements PodAction {
        @Override
        public String summary() {
            return "RecordEnd(" + end.phase() + ")";
        }
    }

    /**
     * Create and start a PodSandbox for a version of the pod.
     *
     * @param beside whether another version of the pod runs meanwhile, which this one is to replace
     */
    record CreateSandbox(Pod pod, int attempt, boolean beside, String reason) implements PodAction {

        /** A sandbox of a pod that runs no other version. */
        public CreateSandbox(Pod pod, int attempt, String reason) {
            this(pod, attempt, false, reason);
        }

        @Override
        public String summary() {
            return "CreateSandbox(attempt " + attempt + ")";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of(beside ? CreateContainer.FAILURE_KEY : "");
        }
    }

    /**
     * The runtime's references of a container's images.
     *
     * @param own of the image that the container starts from
     * @param mounted of the images that it mounts, by their names in the manifest
     */
    record ContainerImages(String own, Map<String, String> mounted) {
        public ContainerImages {
            Objects.requireNonNull(own, "own");
            mounted = Map.copyOf(mounted);
        }
    }

    /**
     * Create and start an instance of a container.
     *
     * @param pod the version of the pod it belongs to
     * @param attempt its restart count
     * @param backoff delay after its end; stored with the instance
     * @param round how often all containers of the pod were restarted together before; stored with the instance
     * @param images the images that it starts from and mounts, all of which are present
     */
    record StartContainer(
            Pod pod,
            PodSandboxId sandbox,
            String container,
            int attempt,
            Duration backoff,
            int round,
            ContainerImages images,
            String reason)
            implements PodAction {

        /** The same start with another restart count. */
        public StartContainer withAttempt(int other) {
            return new StartContainer(pod, sandbox, container, other, backoff, round, images, reason);
        }

        /** An instance of a pod whose containers were never restarted together, and that mounts no images. */
        public StartContainer(
                Pod pod,
                PodSandboxId sandbox,
                String container,
                int attempt,
                Duration backoff,
                String imageId,
                String reason) {
            this(pod, sandbox, container, attempt, backoff, 0, new ContainerImages(imageId, Map.of()), reason);
        }

        @Override
        public String summary() {
            return "StartContainer(" + container + ", attempt " + attempt + ")";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of(container);
        }
    }

    /**
     * Create an instance and do not start it, because the version that it replaces still runs.
     *
     * @param instance what a start would create
     */
    record CreateContainer(StartContainer instance) implements PodAction {

        /** The {@link #failureKey} of what is made beside a version that runs, which no container can have as its name. */
        public static final String FAILURE_KEY = "(beside)";

        public CreateContainer {
            Objects.requireNonNull(instance, "instance");
        }

        @Override
        public String reason() {
            return instance.reason();
        }

        @Override
        public String summary() {
            return "CreateContainer(" + instance.container() + ")";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of(FAILURE_KEY);
        }
    }

    /** Start an instance that was created and never started. */
    record StartCreated(Pod pod, ContainerId id, String container, String reason) implements PodAction {
        @Override
        public String summary() {
            return "StartCreated(" + container + ")";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of(container);
        }
    }

    /**
     * Stop containers: run their preStop hook, send the stop signal, and when {@code gracePeriod} is over, SIGKILL. Made by
     * {@link StopOrder} where the order matters.
     *
     * @param ids stopped first and at the same time
     * @param sidecars stopped when {@code ids} have ended, one after the other
     * @param gracePeriod for all of them together
     * @param withHooks the versions of those containers that have a preStop hook or a stop signal of their own; set by
     *     {@link StopHooks}
     */
    record StopContainers(
            List<ContainerId> ids,
            List<ContainerId> sidecars,
            Duration gracePeriod,
            Map<ContainerId, Pod> withHooks,
            String reason)
            implements PodAction {
        public StopContainers {
            ids = List.copyOf(ids);
            sidecars = List.copyOf(sidecars);
            withHooks = Map.copyOf(withHooks);
        }

        /** Stops containers without hooks. */
        public StopContainers(List<ContainerId> ids, List<ContainerId> sidecars, Duration gracePeriod, String reason) {
            this(ids, sidecars, gracePeriod, Map.of(), reason);
        }

        /** Stops all of them at the same time, without hooks. */
        public StopContainers(List<ContainerId> ids, Duration gracePeriod, String reason) {
            this(ids, List.of(), gracePeriod, Map.of(), reason);
        }

        /** The same stop with hooks. */
        StopContainers with(Map<ContainerId, Pod> hooks) {
            return new StopContainers(ids, sidecars, gracePeriod, hooks, reason);
        }

        /** How many containers are stopped. */
        public int count() {
            return ids.size() + sidecars.size();
        }

        @Override
        public String summary() {
            return "StopContainers(" + count() + ", grace " + gracePeriod.toSeconds() + "s)";
        }
    }

    /** Stop a PodSandbox and whatever still runs in it. */
    record StopSandbox(PodSandboxId id, String reason) implements PodAction {
        @Override
        public String summary() {
            return "StopSandbox";
        }
    }

    /**
     * Remove an instance that has ended, with its log files.
     *
     * @param ran whether it ran as far as the runtime knows; if not, what it has logged nevertheless stays, and the next instance
     *     gets another restart count
     */
    record RemoveContainer(ContainerId id, String container, int attempt, String uid, boolean ran, String reason)
            implements PodAction {

        /** An instance that ran. */
        public RemoveContainer(ContainerId id, String container, int attempt, String uid, String reason) {
            this(id, container, attempt, uid, true, reason);
        }

        @Override
        public String summary() {
            return "RemoveContainer(" + container + ", attempt " + attempt + ")";
        }
    }

    /** Remove a stopped PodSandbox and the containers in it. */
    record RemoveSandbox(PodSandboxId id, String reason) implements PodAction {
        @Override
        public String summary() {
            return "RemoveSandbox";
        }
    }

    /** Remove the volumes, logs and other files of a pod version. */
    record RemoveDirectories(String uid, String reason) implements PodAction {
        @Override
        public String summary() {
            return "RemoveDirectories";
        }
    }
}
