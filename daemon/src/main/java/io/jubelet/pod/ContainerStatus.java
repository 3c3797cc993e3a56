/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * Status of one container.
 *
 * @param name as in the spec
 * @param state never null
 * @param lastState how the previous instance ended
 * @param ready whether it runs and its startup and readiness probes succeed; for an init container,
 *     whether it succeeded
 * @param started whether it runs and its startup probe, if it has one, succeeded
 * @param restartCount number of starts after the first, zero or more
 * @param image as in the spec
 * @param ids what the runtime calls the container and its image
 */
public record ContainerStatus(
        String name,
        ContainerState state,
        Optional<ContainerState.Terminated> lastState,
        boolean ready,
        boolean started,
        int restartCount,
        String image,
        RuntimeIds ids) {

    /**
     * What the runtime calls a container and its image. As in the API, a text is empty before it is known.
     *
     * @param image the runtime's reference of the image in use
     * @param container with the runtime's scheme, such as {@code containerd://...}
     */
    public record RuntimeIds(String image, String container) {

        /** The container does not exist yet. */
        public static final RuntimeIds NONE = new RuntimeIds("", "");

        public RuntimeIds {
            Objects.requireNonNull(image, "image");
            Objects.requireNonNull(container, "container");
        }
    }

    public ContainerStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(lastState, "lastState");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(ids, "ids");
    }
}
