/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The pods, ConfigMaps and Secrets that the manifests declare, at one moment.
 *
 * @param pods by name; includes the last good version of pods whose manifest is currently refused
 * @param manifests every entry of the manifest directory, sorted by path, with its state
 * @param localConfig the ConfigMaps and Secrets, which pods refer to
 * @param directoryProblem what is unusual about the manifest directory itself, as one sentence: it cannot be read, was
 *     replaced, or contains no manifest; empty if nothing is
 */
public record DesiredPods(
        Map<PodName, Pod> pods, List<Manifest> manifests, LocalConfig localConfig, Optional<String> directoryProblem) {

    /** No pod, no manifest. */
    public static final DesiredPods NONE = new DesiredPods(Map.of(), List.of(), LocalConfig.NONE, Optional.empty());

    public DesiredPods {
        pods = Map.copyOf(pods);
        manifests = List.copyOf(manifests);
        Objects.requireNonNull(localConfig, "localConfig");
        Objects.requireNonNull(directoryProblem, "directoryProblem");
    }

    /** Creates desired pods of a directory that can be read. */
    public DesiredPods(Map<PodName, Pod> pods, List<Manifest> manifests, LocalConfig localConfig) {
        this(pods, manifests, localConfig, Optional.empty());
    }

    /** Creates desired pods of a directory that can be read, without ConfigMaps and Secrets. */
    public DesiredPods(Map<PodName, Pod> pods, List<Manifest> manifests) {
        this(pods, manifests, LocalConfig.NONE);
    }

    /** The desired version of a pod. */
    public Optional<Pod> pod(PodName name) {
        return Optional.ofNullable(pods.get(name));
    }
}
