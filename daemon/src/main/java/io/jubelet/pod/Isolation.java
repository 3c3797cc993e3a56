/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * How a pod is isolated from the node, apart from its network.
 *
 * @param hostPid whether its containers share the PID namespace of the node
 * @param hostIpc whether its containers share the IPC namespace of the node
 * @param hostUsers whether user ids are those of the node; otherwise the pod has a user namespace
 * @param runtimeHandler the handler of the runtime that runs the pod; empty for the default handler
 */
public record Isolation(boolean hostPid, boolean hostIpc, boolean hostUsers, String runtimeHandler) {

    /**
     * Own PID and IPC namespaces, the user namespace of the node, and the default handler. Compared
     * by identity.
     */
    public static final Isolation DEFAULT = new Isolation(false, false, true, "");

    public Isolation {
        Objects.requireNonNull(runtimeHandler, "runtimeHandler");
    }
}
