/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * What the kubelet does with a container between its start and its end.
 *
 * @param restart when the container is started again, where that differs from the pod
 * @param probes how its health is checked
 * @param hooks what is run after its start and before its stop
 * @param terminationMessage where its termination message comes from
 */
public record ContainerLifecycle(
        ContainerRestart restart, Probes probes, LifecycleHooks hooks, TerminationMessage terminationMessage) {

    public ContainerLifecycle {
        Objects.requireNonNull(restart, "restart");
        Objects.requireNonNull(probes, "probes");
        Objects.requireNonNull(hooks, "hooks");
        Objects.requireNonNull(terminationMessage, "terminationMessage");
    }
}
