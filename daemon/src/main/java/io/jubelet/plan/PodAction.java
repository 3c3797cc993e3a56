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

/** One step of a plan. Each carries the reason it is taken, which is logged and shown to the user. */
public sealed interface PodAction {

    /** Why, as half a sentence: {@code "manifest changed"}. */
    String reason();

    /** The action without its reason, for logs and people: {@code StartContainer(app, attempt 2)}. */
    String summary();

    /**
     * Whom a failure concerns: the container's name, the empty name for the sandbox; empty when it concerns the pod as a
     * whole, whose turn then ends.
     */
    default Optional<String> failureKey() {
        return Optional.empty();
    }

    /**
     * See that an image is there; a pull goes on in the background and wakes the worker when it ends.
     *
     * @param pod the version of the pod that wants it, with whose credentials it is pulled
     * @param notBefore with {@link ImagePullPolicy#Always}, a pull that ended before this moment does not count
     * @param inBackground the pod has more to do before it needs the image: looking for it goes on in the background, too
     */
    record EnsureImage(
            Pod pod, String image, ImagePullPolicy policy, Instant notBefore, boolean inBackground, String reason)
            implements PodAction {
        @Override
        public String summary() {
            return "EnsureImage(" + image + ")";
        }
    }

    /** Remove what is in the volumes of a version of the pod, of which nothing lives; it begins afresh later. */
    record EmptyVolumes(Pod pod, String reason) implements PodAction {
        @Override
        public String summary() {
            return "EmptyVolumes";
        }
    }

    /** Make and start a PodSandbox for a version of the pod. */
    record CreateSandbox(Pod pod, int attempt, String reason) implements PodAction {
        @Override
        public String summary() {
            return "CreateSandbox(attempt " + attempt + ")";
        }

        @Override
        public Optional<String> failureKey() {
            return Optional.of("");
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

        /** The same for a pod whose containers were never restarted together, and mount no images. */
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
     * Stop containers: their hook, the stop signal, then, when {@code gracePeriod} is over, SIGKILL. Made by
     * {@link StopOrder}, where order matters.
     *
     * @param ids stopped first and side by side
     * @param sidecars stopped when those have ended, one after the other
     * @param gracePeriod for all together
     * @param withHooks the version of those that have something to be done before; put in by {@link StopHooks}
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

        /** Stops containers of which nothing more is known. */
        public StopContainers(List<ContainerId> ids, List<ContainerId> sidecars, Duration gracePeriod, String reason) {
            this(ids, sidecars, gracePeriod, Map.of(), reason);
        }

        /** Stops all of them side by side. */
        public StopContainers(List<ContainerId> ids, Duration gracePeriod, String reason) {
            this(ids, List.of(), gracePeriod, Map.of(), reason);
        }

        /** The same with what comes before. */
        StopContainers after(Map<ContainerId, Pod> hooks) {
            return new StopContainers(ids, sidecars, gracePeriod, hooks, reason);
        }

        /** How many are stopped. */
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

    /** Remove an instance that has ended, with its log files. */
    record RemoveContainer(ContainerId id, String container, int attempt, String uid, String reason)
            implements PodAction {
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
