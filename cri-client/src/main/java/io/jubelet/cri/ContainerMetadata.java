/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Objects;

/**
 * Identifies a container in its sandbox; the runtime rejects a second one with the same values.
 *
 * @param attempt the number of earlier containers with this name in the pod
 */
public record ContainerMetadata(String name, int attempt) {
    public ContainerMetadata {
        Objects.requireNonNull(name, "name");
    }
}
