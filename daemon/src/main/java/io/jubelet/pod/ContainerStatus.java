package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/**
 * Status of one container.
 *
 * @param name as in the spec
 * @param state what it does now
 * @param lastState how the instance before this one ended
 * @param ready whether it runs and its probes are content; of an init container whether it is done with success
 * @param started whether it runs and its startup probe, if it has one, is content
 * @param restartCount attempts made after the first, zero or more
 * @param image as in the spec
 * @param imageId the runtime's reference of the image in use, empty before it is known
 * @param containerId with the runtime's scheme, such as {@code containerd://...}; empty before one exists
 */
public record ContainerStatus(
        String name,
        ContainerState state,
        Optional<ContainerState.Terminated> lastState,
        boolean ready,
        boolean started,
        int restartCount,
        String image,
        String imageId,
        String containerId) {

    public ContainerStatus {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(lastState, "lastState");
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(imageId, "imageId");
        Objects.requireNonNull(containerId, "containerId");
    }
}
