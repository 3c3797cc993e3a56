/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a plan for one pod is made from. Immutable.
 *
 * @param versions the wanted version and the one that still runs
 * @param history what the worker remembers of its earlier turns
 * @param observed what the runtime shows
 * @param images the state of the images of both versions
 * @param health results of probes, of containers that run or were stopped for a failed probe; a container that was not probed
 *     yet is absent
 * @param limits what keeps the pod from running, or from keeping its dead containers
 * @param now when the plan is made, by the steady clock of the worker
 */
public record PlannerInput(
        PodVersions versions,
        History history,
        ObservedPod observed,
        ImageStates images,
        Map<ContainerId, ContainerHealth> health,
        Limits limits,
        Instant now) {

    /**
     * What a worker remembers between plans.
     *
     * @param lifecycle of the last plan
     * @param acceptedAt when the worker first saw that the wanted version is wanted, by its steady clock
     * @param failures the last failure of an action that did not succeed since, by {@link PodAction#failureKey}
     * @param prepared the versions that have directories although the runtime might show nothing of them
     * @param times when sandboxes and containers were created and ended, by the same clock
     */
    public record History(
            PodLifecycle lifecycle,
            Instant acceptedAt,
            Map<String, ActionFailure> failures,
            Prepared prepared,
            PodTimes times) {

        public History {
            Objects.requireNonNull(lifecycle, "lifecycle");
            Objects.requireNonNull(acceptedAt, "acceptedAt");
            failures = Map.copyOf(failures);
            Objects.requireNonNull(prepared, "prepared");
            Objects.requireNonNull(times, "times");
        }

        /** The memory of a worker that has made no directories and saw nothing. */
        public History(PodLifecycle lifecycle, Instant acceptedAt, Map<String, ActionFailure> failures) {
            this(lifecycle, acceptedAt, failures, Prepared.NONE, PodTimes.NONE);
        }

        History with(PodLifecycle next) {
            return new History(next, acceptedAt, failures, prepared, times);
        }
    }

    /**
     * The versions that a worker has made directories for.
     *
     * @param uids of those whose directories were not removed since
     * @param ready the UID of the one that has everything that can be known before the version that it replaces is stopped;
     *     empty if there is none. It is forgotten when a turn ends, because what it needs may go away again
     * @param created the instances that were created to be started later, and would be created with the same configuration now
     */
    public record Prepared(Set<String> uids, Optional<String> ready, Set<ContainerId> created) {

        /** No version. */
        public static final Prepared NONE = new Prepared(Set.of(), Optional.empty());

        public Prepared {
            uids = Set.copyOf(uids);
            Objects.requireNonNull(ready, "ready");
            created = Set.copyOf(created);
        }

        /** Versions without an instance that waits for its start. */
        public Prepared(Set<String> uids, Optional<String> ready) {
            this(uids, ready, Set.of());
        }

        /** Whether this version has everything that can be known before the version that it replaces is stopped. */
        boolean isReady(String uid) {
            return ready.isPresent() && ready.get().equals(uid);
        }
    }

    /**
     * Limits of the node and of the pod's volumes, and what has ended for good.
     *
     * @param evictions by UID, the versions that must be emptied before they start again, or must wait before they do
     * @param retention how many dead containers the pod may keep
     * @param rejection why the wanted version must not be started; empty if it may
     * @param waitsForOthers whether the wanted version, which may replace the one that runs, cannot start before other pods have
     *     released what it reserves
     * @param ends by UID, how versions have ended for good, as recorded; besides the wanted and the running version, those whose
     *     directories were not removed yet
     */
    public record Limits(
            Map<String, Eviction> evictions,
            ContainerGcPolicy.Retention retention,
            Optional<AdmissionRejection> rejection,
            boolean waitsForOthers,
            Map<String, PodEnd> ends) {

        /** No version has exceeded a limit, and the wanted version may be started. */
        public static final Limits NONE =
                new Limits(Map.of(), ContainerGcPolicy.Retention.DEFAULT, Optional.empty(), Map.of());

        public Limits {
            evictions = Map.copyOf(evictions);
            Objects.requireNonNull(retention, "retention");
            Objects.requireNonNull(rejection, "rejection");
            ends = Map.copyOf(ends);
        }

        /** Limits of a pod that waits for no other. */
        public Limits(
                Map<String, Eviction> evictions,
                ContainerGcPolicy.Retention retention,
                Optional<AdmissionRejection> rejection,
                Map<String, PodEnd> ends) {
            this(evictions, retention, rejection, false, ends);
        }
    }

    public PlannerInput {
        Objects.requireNonNull(versions, "versions");
        Objects.requireNonNull(history, "history");
        Objects.requireNonNull(observed, "observed");
        Objects.requireNonNull(images, "images");
        health = Map.copyOf(health);
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(now, "now");
    }

    Optional<Pod> wanted() {
        return versions.wanted();
    }

    Optional<Pod> running() {
        return versions.running();
    }

    PodLifecycle lifecycle() {
        return history.lifecycle();
    }

    Prepared prepared() {
        return history.prepared();
    }

    Map<String, ActionFailure> failures() {
        return history.failures();
    }

    PodTimes times() {
        return history.times();
    }

    /** The run of an instance that has ended. */
    PodTimes.Run run(ObservedContainer instance, ObservedContainer.State.Exited exited) {
        return times().run(instance, exited, now);
    }

    Optional<AdmissionRejection> rejection() {
        return limits.rejection();
    }

    /** Whether the manifest asks for this version. */
    boolean wants(String uid) {
        return wanted().isPresent() && wanted().get().uid().equals(uid);
    }

    /** The same input with another lifecycle. */
    PlannerInput with(PodLifecycle next) {
        return new PlannerInput(versions, history.with(next), observed, images, health, limits, now);
    }

    /** The results of a container's probes; without any, what the container counts as before its first probe. */
    ContainerHealth health(ContainerSpec spec, ContainerId id) {
        return health.getOrDefault(id, ContainerHealth.unknown(spec.probes()));
    }
}
