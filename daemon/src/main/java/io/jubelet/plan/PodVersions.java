/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.Pod;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The versions of a pod whose content is known. Immutable.
 *
 * @param wanted the version that its manifest asks for; empty if there is no manifest any more
 * @param running a version other than {@code wanted} that still lives on the runtime, as during an update or while the pod is
 *     stopped; empty if there is none, or if its content is lost
 */
public record PodVersions(Optional<Pod> wanted, Optional<Pod> running) {

    /** Neither version. */
    public static final PodVersions NONE = new PodVersions(Optional.empty(), Optional.empty());

    public PodVersions {
        Objects.requireNonNull(wanted, "wanted");
        Objects.requireNonNull(running, "running");
    }

    /** The wanted version first, then the running one. */
    public Stream<Pod> stream() {
        return Stream.concat(wanted.stream(), running.stream());
    }

    /** The version with this UID; empty if it is neither of the two. */
    public Optional<Pod> version(String uid) {
        if (wanted.isPresent() && wanted.get().uid().equals(uid)) {
            return wanted;
        }
        return running.filter(pod -> pod.uid().equals(uid));
    }
}
