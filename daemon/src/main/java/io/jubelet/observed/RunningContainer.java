/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.ContainerId;
import io.jubelet.pod.PodName;
import java.util.Objects;

/**
 * A container instance that runs.
 *
 * @param id the runtime's ID
 * @param uid UID of the pod version that it was created for
 * @param container the container's name in the spec
 * @param attempt which restart of the container it is, from 0
 */
public record RunningContainer(ContainerId id, PodName pod, String uid, String container, int attempt) {
    public RunningContainer {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(container, "container");
    }
}
