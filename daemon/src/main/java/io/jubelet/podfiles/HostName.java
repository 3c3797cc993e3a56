/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;
import java.util.Optional;

/**
 * The host name of a pod in its own network. Pure.
 *
 * @param name the name without the domain
 * @param domain the domain; empty if the pod has no subdomain
 */
public record HostName(String name, Optional<String> domain) {

    private static final int MAX_LENGTH = 63;
    private static final int MAX_FQDN_LENGTH = 64;

    /**
     * Returns the host name of a pod that has a network of its own.
     *
     * @param clusterDomain such as {@code cluster.local}; empty if there is none
     */
    static HostName of(Pod pod, Optional<String> clusterDomain) {
        PodNetwork network = pod.spec().network();
        if (network.hostnameOverride().isPresent()) {
            return new HostName(cut(network.hostnameOverride().get()), Optional.empty());
        }
        String name = cut(network.hostname().isEmpty() ? pod.runtimeName() : network.hostname());
        if (network.subdomain().isEmpty()) {
            return new HostName(name, Optional.empty());
        }
        String domain = network.subdomain() + "." + pod.name().namespace() + ".svc";
        return new HostName(name, Optional.of(clusterDomain.isEmpty() ? domain : domain + "." + clusterDomain.get()));
    }

    /**
     * Returns the host name that the kernel gets; empty for a pod on the network of the node, whose
     * host name is that of the node.
     *
     * @param clusterDomain such as {@code cluster.local}; empty if there is none
     * @throws ActionFailedException if the pod wants its fully qualified name there and that is too
     *     long
     */
    public static Optional<String> kernelName(Pod pod, Optional<String> clusterDomain) {
        if (pod.spec().hostNetwork()) {
            return Optional.empty();
        }
        HostName host = of(pod, clusterDomain);
        if (host.domain.isEmpty() || !pod.spec().network().hostnameAsFqdn()) {
            return Optional.of(host.name);
        }
        String full = host.withDomain();
        if (full.length() > MAX_FQDN_LENGTH) {
            throw new ActionFailedException(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "failed to construct FQDN from pod hostname and cluster domain, FQDN " + full + " is too long ("
                            + MAX_FQDN_LENGTH + " characters is the max, " + full.length()
                            + " characters requested)",
                    null);
        }
        return Optional.of(full);
    }

    /** The name with its domain, if it has one. */
    String withDomain() {
        return domain.isEmpty() ? name : name + "." + domain.get();
    }

    private static String cut(String name) {
        int end = Math.min(name.length(), MAX_LENGTH);
        while (name.length() > MAX_LENGTH && end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
            end--;
        }
        return name.substring(0, end);
    }
}
