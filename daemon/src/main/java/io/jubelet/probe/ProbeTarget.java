/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Handler;
import io.jubelet.pod.Pod;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The container that a probe or a hook is for.
 *
 * @param id of the instance
 * @param spec of the version that it was created for
 * @param address of its pod; empty if it has none
 */
public record ProbeTarget(ContainerId id, ContainerSpec spec, Optional<String> address) {

    public ProbeTarget {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(spec, "spec");
        Objects.requireNonNull(address, "address");
    }

    /**
     * Creates the target for a container of a pod.
     *
     * @param hostIps the addresses of pods on the host network, the primary first; may be empty
     */
    public static ProbeTarget of(
            Pod pod, ContainerSpec spec, ObservedContainer container, ObservedPod observed, List<String> hostIps) {
        return new ProbeTarget(container.id(), spec, address(pod, container, observed, hostIps));
    }

    private static Optional<String> address(
            Pod pod, ObservedContainer container, ObservedPod observed, List<String> hostIps) {
        if (pod.spec().hostNetwork()) {
            return Optional.of(hostIps.isEmpty() ? "localhost" : hostIps.getFirst());
        }
        for (ObservedSandbox sandbox : observed.sandboxes()) {
            if (sandbox.id().equals(container.sandboxId()) && !sandbox.ips().isEmpty()) {
                return Optional.of(sandbox.ips().getFirst());
            }
        }
        return Optional.empty();
    }

    /**
     * Returns where to connect for a handler; empty if that is the pod and it has no address.
     *
     * @param host the host of the handler; empty as in the API if it has none
     */
    public Optional<String> host(String host) {
        return host.isEmpty() ? address : Optional.of(host);
    }

    /** Returns the port of a reference; empty if the container has no port of that name. */
    public OptionalInt port(Handler.PortRef ref) {
        if (ref.name().isEmpty()) {
            return OptionalInt.of(ref.number());
        }
        for (ContainerPort port : spec.ports()) {
            if (port.name().equals(ref.name())) {
                return OptionalInt.of(port.containerPort());
            }
        }
        return OptionalInt.empty();
    }
}
