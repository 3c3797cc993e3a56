package io.jubelet.pod;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a pod shall run, with the v1 defaults applied.
 *
 * @param containers in the order of the manifest, at least one
 * @param restartPolicy never null
 * @param terminationGracePeriod whole seconds, zero or more
 * @param hostNetwork whether the pod shares the network of the node
 * @param volumes in the order of the manifest
 */
public record PodSpec(
        List<ContainerSpec> containers,
        RestartPolicy restartPolicy,
        Duration terminationGracePeriod,
        boolean hostNetwork,
        List<Volume> volumes) {

    public PodSpec {
        containers = List.copyOf(containers);
        if (containers.isEmpty()) {
            throw new IllegalArgumentException("containers is empty");
        }
        Objects.requireNonNull(restartPolicy, "restartPolicy");
        Objects.requireNonNull(terminationGracePeriod, "terminationGracePeriod");
        volumes = List.copyOf(volumes);
    }
}
