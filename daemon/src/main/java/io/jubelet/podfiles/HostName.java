/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;

/**
 * The host name of a pod in its own network. Pure.
 *
 * @param name without the domain; empty for a pod on the network of the node
 * @param domain the domain; empty for a pod without a subdomain
 */
public record HostName(String name, String domain) {

    private static final int MAX_LENGTH = 63;
    private static final int MAX_FQDN_LENGTH = 64;

    static final HostName OF_NODE = new HostName("", "");

    /** @param clusterDomain such as {@code cluster.local}; empty for none */
    public static HostName of(Pod pod, String clusterDomain) {
        if (pod.spec().hostNetwork()) {
            return OF_NODE;
        }
        PodNetwork network = pod.spec().network();
        if (network.hostnameOverride().isPresent()) {
            return new HostName(cut(network.hostnameOverride().get()), "");
        }
        String name = cut(network.hostname().isEmpty() ? pod.runtimeName() : network.hostname());
        if (network.subdomain().isEmpty()) {
            return new HostName(name, "");
        }
        String domain = network.subdomain() + "." + pod.name().namespace() + ".svc";
        return new HostName(name, clusterDomain.isEmpty() ? domain : domain + "." + clusterDomain);
    }

    /**
     * The host name that the kernel gets.
     *
     * @throws ActionFailedException if the pod wants its fully qualified name there and that is too
     *     long
     */
    public String kernelName(Pod pod) {
        if (domain.isEmpty() || !pod.spec().network().hostnameAsFqdn()) {
            return name;
        }
        String full = withDomain();
        if (full.length() > MAX_FQDN_LENGTH) {
            throw new ActionFailedException(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "failed to construct FQDN from pod hostname and cluster domain, FQDN " + full + " is too long ("
                            + MAX_FQDN_LENGTH + " characters is the max, " + full.length()
                            + " characters requested)",
                    null);
        }
        return full;
    }

    /** The name with its domain, if it has one. */
    String withDomain() {
        return domain.isEmpty() ? name : name + "." + domain;
    }

    private static String cut(String name) {
        int end = Math.min(name.length(), MAX_LENGTH);
        while (name.length() > MAX_LENGTH && end > 0 && (name.charAt(end - 1) == '-' || name.charAt(end - 1) == '.')) {
            end--;
        }
        return name.substring(0, end);
    }
}
