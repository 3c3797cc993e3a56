/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;

/**
 * The containers of a pod, and what applies to all of them.
 *
 * @param init the init containers in the order of the manifest, sidecars among them; may be empty
 * @param main the other containers in the order of the manifest; at least one
 * @param restartPolicy applies where a container has no policy of its own
 * @param shareProcessNamespace whether the containers see each other's processes
 * @param imagePullSecrets names of the Secrets with credentials for registries, in the order of the manifest
 */
public record PodContainers(
        List<ContainerSpec> init,
        List<ContainerSpec> main,
        RestartPolicy restartPolicy,
        boolean shareProcessNamespace,
        List<String> imagePullSecrets) {

    public PodContainers {
        init = List.copyOf(init);
        main = List.copyOf(main);
        if (main.isEmpty()) {
            throw new IllegalArgumentException("containers is empty");
        }
        Objects.requireNonNull(restartPolicy, "restartPolicy");
        imagePullSecrets = List.copyOf(imagePullSecrets);
    }
}
