package io.jubelet.pod;

import java.util.Objects;

/**
 * Where a volume appears inside a container.
 *
 * @param name the volume's name in the pod
 * @param mountPath absolute path inside the container
 * @param readOnly whether writing is refused
 * @param recursiveReadOnly whether it is refused in what is mounted below, too
 * @param propagation whether mounts made later are seen on the other side
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

    /** How much {@code readOnly} covers; the constants are spelt as in the API. */
    public enum RecursiveReadOnly {
        Disabled,
        IfPossible,
        Enabled
    }

    /** Propagation of mounts between container and node; the constants are spelt as in the API. */
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
