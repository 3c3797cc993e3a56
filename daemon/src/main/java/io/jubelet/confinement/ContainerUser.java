/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.confinement;

import io.jubelet.cri.Image;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The user that a container runs as: an id, a name, or neither, which leaves it to the image.
 *
 * @param id a user id; null, as in the CRI, if there is none
 * @param name the name of a user in the image; empty if there is none
 */
record ContainerUser(@Nullable Long id, Optional<String> name) {

    /** Neither the manifest nor the image names a user. */
    static final ContainerUser UNSET = new ContainerUser(null, Optional.empty());

    /**
     * The maximum length of a user name of an image in characters, which is that of Linux. A longer
     * one is cut, and so names no user.
     */
    static final int MAX_NAME = 256;

    ContainerUser {
        Objects.requireNonNull(name, "name");
    }

    /** The user that an image names. */
    static ContainerUser of(Image image) {
        if (image.uid() != null) {
            return new ContainerUser(image.uid(), Optional.empty());
        }
        String user = image.username();
        if (user.length() > MAX_NAME) {
            user = user.substring(0, MAX_NAME) + "... (cut after " + MAX_NAME + " characters)";
        }
        return user.isEmpty() ? UNSET : new ContainerUser(null, Optional.of(user));
    }

    /** Whether there is an id or a name. */
    boolean isNamed() {
        return id != null || name.isPresent();
    }

    /** This user; root if there is none. */
    ContainerUser orRoot() {
        return isNamed() ? this : new ContainerUser(0L, Optional.empty());
    }

    /**
     * Checks {@code runAsNonRoot}. Messages are the kubelet's.
     *
     * @param inManifest whether the manifest names the user, and not the image
     * @throws ActionFailedException if the user is root or might be
     */
    void requireNonRoot(Pod pod, ContainerSpec container, boolean inManifest) {
        String where = " (pod: \"" + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid()
                + ")\", container: " + container.name() + ")";
        if (id == null) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    "container has runAsNonRoot and image has non-numeric user (" + name.orElse("")
                            + "), cannot verify user is non-root" + where,
                    null);
        }
        if (id == 0) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR,
                    (inManifest
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
