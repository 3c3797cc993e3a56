/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Status of one container.
 *
 * @param name as in the spec
 * @param state never null
 * @param lastState how the previous instance ended
 * @param readiness never null
 * @param restartCount number of starts after the first, zero or more
 * @param image as in the spec
 * @param ids what the runtime calls the container and its image
 * @param enacted what the node has made of its spec
 */
public record ContainerStatus(
        String name,
        ContainerState state,
        Optional<ContainerState.Terminated> lastState,
        Readiness readiness,
        int restartCount,
        String image,
        RuntimeIds ids,
        Enacted enacted) {

    /**
     * How far a container has come.
     *
     * @param ready whether it runs and its startup and readiness probes succeed; for an init
     *     container, whether it succeeded
     * @param started whether it runs and its startup probe, if it has one, succeeded
     */
    public record Readiness(boolean ready, boolean started) {}

    /**
     * What the node has made of the spec of a container.
     *
     * @param volumeMounts in the order of the spec
     * @param allocation empty before the container exists
     * @param user empty if the runtime does not report it
     */
    public record Enacted(
            List<VolumeMountStatus> volumeMounts, Optional<Allocation> allocation, Optional<ContainerUser> user) {
        public Enacted {
            volumeMounts = List.copyOf(volumeMounts);
            Objects.requireNonNull(allocation, "allocation");
            Objects.requireNonNull(user, "user");
        }
    }

    /**
     * The resources that the node gave to a container or a pod.
     *
     * @param requests the requests that the node has set aside, by the name of the resource
     * @param resources the requests and limits in force
     */
    public record Allocation(Map<String, Quantity> requests, Resources resources) {
        public Allocation {
            requests = Map.copyOf(requests);
            Objects.requireNonNull(resources, "resources");
        }
    }

    /**
     * A mount as it is.
     *
     * @param mount the mount of the spec
     * @param recursiveReadOnly whether what is mounted below it is read-only, too
     */
    public record VolumeMountStatus(VolumeMount mount, boolean recursiveReadOnly) {
        public VolumeMountStatus {
            Objects.requireNonNull(mount, "mount");
        }
    }

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
        Objects.requireNonNull(readiness, "readiness");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(ids, "ids");
        Objects.requireNonNull(enacted, "enacted");
    }

    /** Whether it runs and its startup and readiness probes succeed; for an init container, whether it succeeded. */
    public boolean ready() {
        return readiness.ready();
    }

    /** Whether it runs and its startup probe, if it has one, succeeded. */
    public boolean started() {
        return readiness.started();
    }
}
