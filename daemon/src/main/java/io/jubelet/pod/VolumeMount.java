/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * Where a volume appears inside a container.
 *
 * @param name the volume's name in the pod
 * @param mountPath absolute path inside the container
 * @param readOnly whether the mount is read-only
 * @param recursiveReadOnly whether mounts below it are read-only too
 * @param propagation whether later mounts on the node are visible in the container, and the other way round
 * @param subPath relative path of the part of the volume that is mounted; empty for the whole
 * @param subPathExpr as {@code subPath}, with references to variables of the container; empty when
 *     there is none
 */
public record VolumeMount(
        String name,
        String mountPath,
        boolean readOnly,
        RecursiveReadOnly recursiveReadOnly,
        Propagation propagation,
        String subPath,
        String subPathExpr) {

    /** Whether {@code readOnly} applies to mounts below; the constants are spelled as in the API. */
    public enum RecursiveReadOnly {
        Disabled,
        IfPossible,
        Enabled
    }

    /** Propagation of mounts between container and node; the constants are spelled as in the API. */
    public enum Propagation {
        None,
        HostToContainer,
        Bidirectional
    }

    public VolumeMount {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mountPath, "mountPath");
        Objects.requireNonNull(recursiveReadOnly, "recursiveReadOnly");
        Objects.requireNonNull(propagation, "propagation");
        Objects.requireNonNull(subPath, "subPath");
        Objects.requireNonNull(subPathExpr, "subPathExpr");
    }

    /** The whole volume, with the v1 defaults for the rest. */
    public VolumeMount(String name, String mountPath, boolean readOnly) {
        this(name, mountPath, readOnly, RecursiveReadOnly.Disabled, Propagation.None, "", "");
    }
}
