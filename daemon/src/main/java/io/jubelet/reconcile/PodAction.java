package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.pod.ImagePullPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One step of a plan. Each carries the reason it is taken, which is logged and shown to the user. */
public sealed interface PodAction {

    /** Why, as half a sentence: {@code "manifest changed"}. */
    String reason();

    /**
     * See that an image is there; a pull goes on in the background and wakes the worker when it ends.
     *
     * @param notBefore with {@link ImagePullPolicy#Always}, a pull that ended before this moment does not count
     */
    record EnsureImage(String image, ImagePullPolicy policy, Instant notBefore, String reason) implements PodAction {}

    /** Make and start a PodSandbox. */
    record CreateSandbox(int attempt, String reason) implements PodAction {}

    /**
     * Create and start an instance of a container.
     *
     * @param attempt its restart count
     * @param backoff to be remembered with the instance: what to wait after its end
     */
    record StartContainer(
            PodSandboxId sandbox, String container, int attempt, Duration backoff, String imageId, String reason)
            implements PodAction {}

    /** Start an instance that was created and never started. */
    record StartCreated(ContainerId id, String container, String reason) implements PodAction {}

    /** Stop containers side by side: the stop signal, then, when {@code gracePeriod} is over, SIGKILL. */
    record StopContainers(List<ContainerId> ids, Duration gracePeriod, String reason) implements PodAction {
        public StopContainers {
            ids = List.copyOf(ids);
        }
    }

    /** Stop a PodSandbox and whatever still runs in it. */
    record StopSandbox(PodSandboxId id, String reason) implements PodAction {}

    /** Remove an instance that has ended, with its log files. */
    record RemoveContainer(ContainerId id, String container, int attempt, String uid, String reason)
            implements PodAction {}

    /** Remove a stopped PodSandbox and the containers in it. */
    record RemoveSandbox(PodSandboxId id, String reason) implements PodAction {}

    /** Remove the volumes, logs and other files of a pod version. */
    record RemoveDirectories(String uid, String reason) implements PodAction {}
}
