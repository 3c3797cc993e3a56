package io.jubelet.runtime;

import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse.RuntimeHandler;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import java.io.IOException;

/** Finds out whether the mounts of a container can be read-only with all that is mounted below them. */
final class ReadOnlyMounts {

    private ReadOnlyMounts() {}

    /**
     * Whether mounts that ask for it will be. The runtime is asked only when there are some; each time, for it may have
     * been upgraded.
     *
     * @param handler the name of the runtime handler of the pod, empty for the default
     * @throws IOException when a mount insists on what the runtime cannot do, in the words of the kubelet
     */
    static boolean recursive(ContainerSpec container, RuntimeService runtime, String handler) throws IOException {
        boolean wanted = container.volumeMounts().stream()
                .anyMatch(mount -> mount.recursiveReadOnly() != RecursiveReadOnly.Disabled);
        if (!wanted) {
            return false;
        }
        boolean can = can(runtime, handler);
        for (VolumeMount mount : container.volumeMounts()) {
            if (!can && mount.recursiveReadOnly() == RecursiveReadOnly.Enabled) {
                throw new IOException("volume \"" + mount.name()
                        + "\" requested recursive read-only mode, but it is not supported by the runtime");
            }
        }
        return can;
    }

    private static boolean can(RuntimeService runtime, String handler) {
        for (RuntimeHandler known : runtime.status(false).runtimeHandlers()) {
            if (known.name().equals(handler)) {
                return known.features() != null && known.features().recursiveReadOnlyMounts();
            }
        }
        return false;
    }
}
