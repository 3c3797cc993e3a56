package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything the planner may know about one pod name at one moment.
 *
 * @param wanted the version its manifest asks for
 * @param acceptedAt when the worker first saw that version wanted
 * @param running content of a version other than the wanted one that still lives on the runtime, if it is known
 * @param lifecycle where the pod is in its life
 * @param observed what the runtime shows
 * @param images what is known of the images of {@code wanted} and {@code running}
 * @param health what the probes say of containers that run, or were stopped for it; absent for those not asked yet
 * @param evictions by UID: versions that have to begin afresh, or may not begin again yet
 * @param failures by container name, or by the empty name for the sandbox: actions that failed and were not repeated yet
 * @param retention how many of its dead containers stay
 * @param rejection why the wanted version may not be started now, unless it may
 * @param now the moment of planning
 */
public record PlannerInput(
        Optional<Pod> wanted,
        Instant acceptedAt,
        Optional<Pod> running,
        PodLifecycle lifecycle,
        ObservedPod observed,
        ImageStates images,
        Map<ContainerId, ContainerHealth> health,
        Map<String, Eviction> evictions,
        Map<String, ActionFailure> failures,
        ContainerGcPolicy.Retention retention,
        Optional<AdmissionRejection> rejection,
        Instant now) {

    /** One in which nothing has exceeded a limit, and the wanted version may be started. */
    PlannerInput(
            Optional<Pod> wanted,
            Instant acceptedAt,
            Optional<Pod> running,
            PodLifecycle lifecycle,
            ObservedPod observed,
            ImageStates images,
            Map<ContainerId, ContainerHealth> health,
            Map<String, ActionFailure> failures,
            Instant now) {
        this(
                wanted,
                acceptedAt,
                running,
                lifecycle,
                observed,
                images,
                health,
                Map.of(),
                failures,
                ContainerGcPolicy.Retention.DEFAULT,
                Optional.empty(),
                now);
    }

    public PlannerInput {
        Objects.requireNonNull(wanted, "wanted");
        Objects.requireNonNull(acceptedAt, "acceptedAt");
        Objects.requireNonNull(running, "running");
        Objects.requireNonNull(lifecycle, "lifecycle");
        Objects.requireNonNull(observed, "observed");
        Objects.requireNonNull(images, "images");
        health = Map.copyOf(health);
        evictions = Map.copyOf(evictions);
        failures = Map.copyOf(failures);
        Objects.requireNonNull(retention, "retention");
        Objects.requireNonNull(rejection, "refusal");
        Objects.requireNonNull(now, "now");
    }

    /** Whether the manifest asks for this version. */
    boolean wants(String uid) {
        return wanted.isPresent() && wanted.get().uid().equals(uid);
    }

    /** The same with another lifecycle. */
    PlannerInput in(PodLifecycle next) {
        return new PlannerInput(
                wanted,
                acceptedAt,
                running,
                next,
                observed,
                images,
                health,
                evictions,
                failures,
                retention,
                rejection,
                now);
    }

    /** What is known of the health of a container that runs. */
    ContainerHealth health(ContainerSpec spec, ContainerId id) {
        return health.getOrDefault(id, ContainerHealth.unknown(spec.probes()));
    }
}
