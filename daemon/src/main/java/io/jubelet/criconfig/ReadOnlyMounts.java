/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Decides whether read-only mounts of a container include everything that is mounted below them.
 * Pure.
 */
public final class ReadOnlyMounts {

    private ReadOnlyMounts() {}

    /**
     * Whether the mounts that ask for it are recursively read-only.
     *
     * @param supported whether the runtime supports it; queried only if a mount asks for it
     * @throws IOException if a mount requires it and the runtime does not support it; the message
     *     is the kubelet's
     */
    public static boolean recursive(ContainerSpec container, BooleanSupplier supported) throws IOException {
        boolean wanted = container.volumeMounts().stream()
                .anyMatch(mount -> mount.recursiveReadOnly() != RecursiveReadOnly.Disabled);
        if (!wanted || supported.getAsBoolean()) {
            return wanted;
        }
        for (VolumeMount mount : container.volumeMounts()) {
            if (mount.recursiveReadOnly() == RecursiveReadOnly.Enabled) {
                throw new IOException("failed to resolve recursive read-only mode: volume \"" + mount.name()
                        + "\" requested recursive read-only mode, but it is not supported by the runtime");
            }
        }
        return false;
    }
}
