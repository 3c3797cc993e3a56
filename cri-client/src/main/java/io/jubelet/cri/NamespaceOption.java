/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Linux namespaces of a sandbox or container.
 *
 * @param targetId the container whose namespace is used for {@link NamespaceMode#TARGET}; otherwise
 *     empty
 * @param usernsOptions null for the default of the runtime
 */
public record NamespaceOption(
        NamespaceMode network,
        NamespaceMode pid,
        NamespaceMode ipc,
        String targetId,
        @Nullable UserNamespace usernsOptions) {
    public NamespaceOption {
        Objects.requireNonNull(network, "network");
        Objects.requireNonNull(pid, "pid");
        Objects.requireNonNull(ipc, "ipc");
        Objects.requireNonNull(targetId, "targetId");
    }

    /** The user namespace of a pod. */
    public record UserNamespace(NamespaceMode mode, List<IDMapping> uids, List<IDMapping> gids) {
        public UserNamespace {
            Objects.requireNonNull(mode, "mode");
            uids = List.copyOf(uids);
            gids = List.copyOf(gids);
        }
    }
}
