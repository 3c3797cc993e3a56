package io.jubelet.pod;

import java.util.Objects;

/**
 * Where a volume appears inside a container.
 *
 * @param name the volume's name in the pod
 * @param mountPath absolute path inside the container
 * @param readOnly whether writing is refused
 */
public record VolumeMount(String name, String mountPath, boolean readOnly) {

    public VolumeMount {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(mountPath, "mountPath");
    }
}
