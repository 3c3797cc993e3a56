package io.jubelet.criconfig;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Finds out whether the mounts of a container can be read-only with all that is mounted below them. */
public final class ReadOnlyMounts {

    private ReadOnlyMounts() {}

    /**
     * Whether mounts that ask for it will be.
     *
     * @param can whether the runtime can; asked only when there are some
     * @throws IOException when a mount insists on what the runtime cannot do, in the words of the kubelet
     */
    public static boolean recursive(ContainerSpec container, BooleanSupplier can) throws IOException {
        boolean wanted = container.volumeMounts().stream()
                .anyMatch(mount -> mount.recursiveReadOnly() != RecursiveReadOnly.Disabled);
        if (!wanted || can.getAsBoolean()) {
            return wanted;
        }
        for (VolumeMount mount : container.volumeMounts()) {
            if (mount.recursiveReadOnly() == RecursiveReadOnly.Enabled) {
                throw new IOException("volume \"" + mount.name()
                        + "\" requested recursive read-only mode, but it is not supported by the runtime");
            }
        }
        return false;
    }
}
