/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.PodSandboxStatus.LinuxPodSandboxStatus;
import io.jubelet.cri.PodSandboxStatus.Namespace;
import io.jubelet.cri.PodSandboxStatus.PodSandboxNetworkStatus;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One sandbox. Guarded by the lock of {@link SimulatedState}. */
final class SimulatedSandbox {
    private static final NamespaceOption POD_NAMESPACES =
            new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null);

    final PodSandboxId id;
    final PodSandboxConfig config;
    final String runtimeHandler;
    final @Nullable Instant createdAt;
    final String ip;
    final Set<SimulatedContainer> containers = new LinkedHashSet<>();
    PodSandboxState state = PodSandboxState.READY;

    /** Whether it was stopped, which removes its network; the death of its process does not. */
    boolean stopped;

    SimulatedSandbox(
            PodSandboxId id, PodSandboxConfig config, String runtimeHandler, @Nullable Instant createdAt, String ip) {
        this.id = id;
        this.config = config;
        this.runtimeHandler = runtimeHandler;
        this.createdAt = createdAt;
        this.ip = ip;
    }

    static String name(PodSandboxMetadata metadata) {
        return metadata.name() + "_" + metadata.namespace() + "_" + metadata.uid() + "_" + metadata.attempt();
    }

    PodSandbox listed() {
        return new PodSandbox(
                id, config.metadata(), state, createdAt, config.labels(), config.annotations(), runtimeHandler);
    }

    PodSandboxStatus status() {
        NamespaceOption namespaces = namespaces();
        boolean addressed = !stopped && namespaces.network() == NamespaceMode.POD;
        return PodSandboxStatus.builder()
                .id(id)
                .metadata(config.metadata())
                .state(state)
                .createdAt(createdAt)
                .network(new PodSandboxNetworkStatus(addressed ? ip : "", List.of()))
                .linux(new LinuxPodSandboxStatus(new Namespace(namespaces)))
                .labels(config.labels())
                .annotations(config.annotations())
                .runtimeHandler(runtimeHandler)
                .build();
    }

    private NamespaceOption namespaces() {
        if (config.linux() == null
                || config.linux().securityContext() == null
                || config.linux().securityContext().namespaceOptions() == null) {
            return POD_NAMESPACES;
        }
        return config.linux().securityContext().namespaceOptions();
    }
}
