package io.jubelet.confinement;

import io.jubelet.cri.Image;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.util.Objects;

/**
 * Who a container runs as.
 *
 * @param id a user id; null when there is a name, or nobody is named
 * @param name a user of the image; empty when there is an id, or nobody is named
 */
record ContainerUser(Long id, String name) {

    /** Nobody is named. */
    static final ContainerUser UNSAID = new ContainerUser(null, "");

    ContainerUser {
        Objects.requireNonNull(name, "name");
    }

    /** Whom an image names. */
    static ContainerUser of(Image image) {
        if (image.uid() != null) {
            return new ContainerUser(image.uid(), "");
        }
        return image.username().isEmpty() ? UNSAID : new ContainerUser(null, image.username());
    }

    /** Whether anybody is named. */
    boolean isNamed() {
        return id != null || !name.isEmpty();
    }

    /** Who that is; an image that names nobody is root's. */
    ContainerUser orRoot() {
        return isNamed() ? this : new ContainerUser(0L, "");
    }

    /** Refuses who is root, or may be; the sentences are the kubelet's. */
    void requireNonRoot(Pod pod, ContainerSpec container, boolean asked) {
        String where = " (pod: \"" + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid()
                + ")\", container: " + container.name() + ")";
        if (id == null) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    "container has runAsNonRoot and image has non-numeric user (" + name
                            + "), cannot verify user is non-root" + where,
                    null);
        }
        if (id == 0) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    (asked
                                    ? "container's runAsUser breaks non-root policy"
                                    : "container has runAsNonRoot and image will run as root")
                            + where,
                    null);
        }
        if (id < 0 || id > Integer.MAX_VALUE) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    "container has runAsNonRoot and image has an invalid user id (" + id + "). (Must be 1-("
                            + Integer.MAX_VALUE + "))" + where,
                    null);
        }
    }
}
