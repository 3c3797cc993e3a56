/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.desired.DesiredPods;
import io.jubelet.desired.Manifest;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.RunningContainer;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * All pods and manifests at one moment.
 *
 * @param version the version of the store; grows with every change
 * @param pods sorted by namespace and name
 * @param manifests as read last, sorted by path
 */
public record StatusSnapshot(long version, List<PodReport> pods, List<Manifest> manifests) {

    public StatusSnapshot {
        pods = List.copyOf(pods);
        manifests = List.copyOf(manifests);
    }

    static StatusSnapshot of(long version, List<PodReport> pods, DesiredPods desired) {
        return new StatusSnapshot(version, pods, desired.manifests());
    }

    /** Returns the report on a pod by its name, which may have the suffix of the node. */
    public Optional<PodReport> pod(String namespace, String name) {
        Objects.requireNonNull(name, "name");
        return pods.stream()
                .filter(report -> report.name().namespace().equals(namespace))
                .filter(report -> report.name().name().equals(name)
                        || report.view()
                                .shown()
                                .map(pod -> pod.fullName().equals(name))
                                .orElse(false))
                .findFirst();
    }

    /** Returns the file that a pod comes from, or that contains it and is in conflict. */
    public Optional<Manifest> manifestOf(PodName name) {
        return Optional.ofNullable(manifestsByPod().get(name));
    }

    /** The file of each pod, as {@link #manifestOf}; a pod without one is absent. Looks at every manifest once. */
    public Map<PodName, Manifest> manifestsByPod() {
        Map<PodName, Manifest> byPod = HashMap.newHashMap(manifests.size());
        for (Manifest manifest : manifests) {
            for (PodName pod : manifest.pods()) {
                Manifest other = byPod.get(pod);
                boolean better = other != null
                        && other.state() == Manifest.State.CONFLICT
                        && manifest.state() != Manifest.State.CONFLICT;
                if (other == null || better) {
                    byPod.put(pod, manifest);
                }
            }
        }
        return byPod;
    }

    /** All containers that run. */
    public List<RunningContainer> runningContainers() {
        List<RunningContainer> running = new ArrayList<>();
        for (PodReport report : pods) {
            for (ObservedContainer c : report.view().observed().containers()) {
                if (c.asListed().state() instanceof ObservedContainer.State.Running) {
                    running.add(new RunningContainer(
                            c.id(),
                            report.name(),
                            c.uid(),
                            c.name(),
                            c.restarts().attempt()));
                }
            }
        }
        return running;
    }
}
