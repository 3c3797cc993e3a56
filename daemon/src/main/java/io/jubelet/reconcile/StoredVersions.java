/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.Pod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the node stores of the versions of one pod, as an input of plans. Confined to the worker's thread. */
final class StoredVersions {

    private final ActionExecutor executor;
    /** Versions other than the wanted one that are live, by UID. */
    private final Map<String, Pod> loadedPods = new HashMap<>();

    private Optional<Pod> lastWanted = Optional.empty();
    /** The versions whose end is recorded. */
    private final Set<String> endedUids = new HashSet<>();

    StoredVersions(ActionExecutor executor) {
        this.executor = executor;
    }

    /**
     * The content of a live version other than the wanted one; empty if there is none or its content cannot be read now. The disk
     * is read only for a version that this worker has never wanted, because the directory can be gone by now.
     */
    Optional<Pod> running(Optional<Pod> wanted, ObservedPod observed) {
        Optional<String> other = observed.earlier(wanted.map(Pod::uid).orElse(""));
        Optional<Pod> before = lastWanted;
        lastWanted = wanted.isPresent() ? wanted : before;
        if (other.isEmpty()) {
            loadedPods.clear();
            return Optional.empty();
        }
        if (before.isPresent() && before.get().uid().equals(other.get())) {
            loadedPods.putIfAbsent(other.get(), before.get());
        }
        Optional<Pod> known = Optional.ofNullable(loadedPods.get(other.get()));
        if (known.isEmpty()) {
            known = executor.loadPod(other.get());
            known.ifPresent(pod -> loadedPods.put(pod.uid(), pod));
        }
        return known;
    }

    /** The versions that have exceeded a limit, by UID. */
    Map<String, Eviction> evictions(List<Pod> versions) {
        Map<String, Eviction> evictions = new HashMap<>();
        for (Pod pod : versions) {
            executor.eviction(pod.uid()).ifPresent(eviction -> evictions.put(pod.uid(), eviction));
        }
        return evictions;
    }

    /** The recorded ends of the versions, and of earlier ones whose directories were not removed yet. */
    Map<String, PodEnd> ends(List<Pod> versions) {
        Map<String, PodEnd> ends = new HashMap<>();
        versions.forEach(pod -> endedUids.add(pod.uid()));
        endedUids.removeIf(uid -> {
            Optional<PodEnd> end = executor.end(uid);
            end.ifPresent(known -> ends.put(uid, known));
            return end.isEmpty();
        });
        return ends;
    }
}
