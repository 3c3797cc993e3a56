/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.DurationHistogram;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts what workers do, from the start of the daemon on. Safe for use by many threads. */
public final class WorkStatistics {

    /** What is counted. */
    public enum Count {
        /** Turns that ended with a plan without actions. */
        TURNS,
        /** Turns that failed and are retried. */
        FAILED_TURNS,
        /** Sandboxes that were created. */
        SANDBOXES,
        /** Sandboxes that could not be created. */
        FAILED_SANDBOXES,
        /** Containers that were started, without init containers. */
        CONTAINERS,
        /** Init containers that were started. */
        INIT_CONTAINERS,
        /** Those of both that were not the first instance in their sandbox. */
        RESTARTS,
        /** Versions that replace another version of their pod, when their manifest was accepted. */
        UPDATES,
        /** Updates whose containers were all started. */
        UPDATES_COMPLETED,
        /** Updates that another edit, or the removal of the manifest, ended before. */
        UPDATES_SUPERSEDED,
        /** Updates that admission rejected. */
        UPDATES_REJECTED
    }

    /**
     * A failure to start a container.
     *
     * @param init whether it is an init container
     * @param reason in the kubelet's words
     */
    public record StartFailure(boolean init, String reason) implements Comparable<StartFailure> {
        public StartFailure {
            Objects.requireNonNull(reason, "reason");
        }

        @Override
        public int compareTo(StartFailure other) {
            int byKind = Boolean.compare(init, other.init);
            return byKind != 0 ? byKind : reason.compareTo(other.reason);
        }
    }

    private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);
    private final Map<StartFailure, Long> startFailures = new ConcurrentHashMap<>();
    private final DurationHistogram turns = new DurationHistogram();

    /** How often it happened. */
    public long count(Count count) {
        return counts.get(count.ordinal());
    }

    /** How often containers failed to start; bounded, because reasons are constants. */
    public Map<StartFailure, Long> startFailures() {
        return new TreeMap<>(startFailures);
    }

    /** How long turns took. */
    public DurationHistogram turns() {
        return turns;
    }

    void add(Count count) {
        counts.incrementAndGet(count.ordinal());
    }

    void turn(long nanos) {
        turns.record(nanos);
    }

    /** Counts an action that was executed. */
    void done(PodAction action) {
        switch (action) {
            case PodAction.CreateSandbox _ -> add(Count.SANDBOXES);
            case PodAction.StartContainer start -> {
                started(start.pod(), start.container());
                if (start.attempt() > 0) {
                    add(Count.RESTARTS);
                }
            }
            case PodAction.StartCreated start -> started(start.pod(), start.container());
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.CreateContainer _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    private void started(Pod pod, String container) {
        add(isInit(pod, container) ? Count.INIT_CONTAINERS : Count.CONTAINERS);
    }

    /** Counts an action that failed. */
    void failed(PodAction action, String reason) {
        switch (action) {
            case PodAction.CreateSandbox _ -> add(Count.FAILED_SANDBOXES);
            case PodAction.StartContainer start -> failed(start.pod(), start.container(), reason);
            case PodAction.CreateContainer create ->
                failed(create.instance().pod(), create.instance().container(), reason);
            case PodAction.StartCreated start -> failed(start.pod(), start.container(), reason);
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    private void failed(Pod pod, String container, String reason) {
        startFailures.merge(new StartFailure(isInit(pod, container), reason), 1L, Long::sum);
    }

    private static boolean isInit(Pod pod, String container) {
        return pod.spec().initContainers().stream().map(ContainerSpec::name).anyMatch(container::equals);
    }
}
