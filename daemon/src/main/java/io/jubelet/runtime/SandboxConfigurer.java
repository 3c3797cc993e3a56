/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.confinement.Confinement;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.PodDns;
import io.jubelet.criconfig.SandboxConfigs;
import io.jubelet.events.EventRecorder;
import io.jubelet.node.ResolvConf;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.HostName;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Configures sandboxes: collects what the configuration depends on (the node's resolv.conf, the
 * parent cgroup, the directory for logs) and confines the result.
 *
 * <p>Safe for use by many threads. The first pod creates the cgroups above those of pods, which
 * blocks.
 */
public final class SandboxConfigurer {

    private final NodeProfile node;
    private final Supplier<Optional<ResolvConf>> resolvConf;
    private final PodDirectories directories;
    private final Confinement confinement;
    private final PodCgroups cgroups;
    private final EventRecorder events;
    private final InstantSource clock;

    /**
     * @param resolvConf the node's resolv.conf at this moment; empty if pods must inherit nothing.
     *     May throw {@link ActionFailedException}
     * @param events receives warnings about the name resolution of pods
     */
    public SandboxConfigurer(
            NodeProfile node,
            Supplier<Optional<ResolvConf>> resolvConf,
            PodDirectories directories,
            Confinement confinement,
            PodCgroups cgroups,
            EventRecorder events,
            InstantSource clock) {
        this.node = Objects.requireNonNull(node, "node");
        this.resolvConf = Objects.requireNonNull(resolvConf, "resolvConf");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.confinement = Objects.requireNonNull(confinement, "confinement");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.events = Objects.requireNonNull(events, "events");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * The configuration of a sandbox that is about to be created; warns the user about its name
     * resolution.
     *
     * @param attempt 0 for the first sandbox of the version
     * @throws ActionFailedException if the pod cannot have what it asks for
     */
    PodSandboxConfig ofNew(Pod pod, int attempt) {
        PodDns dns = dns(pod, resolvConf);
        PodSandboxConfig config = config(pod, attempt, dns);
        dns.warnings().forEach(warning -> events.warning(pod, warning.reason(), warning.message()));
        return config;
    }

    /**
     * The configuration of a sandbox that exists, for its containers.
     *
     * @throws ActionFailedException if the pod cannot have what it asks for
     */
    PodSandboxConfig ofExisting(Pod pod, int attempt) {
        return config(pod, attempt, dns(pod, this::ifReadable));
    }

    /** Containers have the name resolution of their sandbox, so the file of the node does not matter to them any more. */
    private Optional<ResolvConf> ifReadable() {
        try {
            return resolvConf.get();
        } catch (ActionFailedException _) {
            return Optional.empty();
        }
    }

    private PodDns dns(Pod pod, Supplier<Optional<ResolvConf>> ofNode) {
        return PodDns.of(pod, PodDns.usesHost(pod) ? ofNode.get() : Optional.empty(), node);
    }

    private PodSandboxConfig config(Pod pod, int attempt, PodDns dns) {
        Optional<String> hostName = HostName.kernelName(pod, node.dns().domain());
        Optional<String> cgroupParent;
        try {
            cgroupParent = cgroups.parent(pod);
        } catch (IOException e) {
            throw PodCgroupFailure.of(e, pod);
        }
        SandboxConfigs.Instance instance = new SandboxConfigs.Instance(
                attempt, clock.instant(), hostName, directories.logDirectory(pod), dns.config(), cgroupParent);
        return confinement.of(pod, SandboxConfigs.of(pod, instance, node));
    }
}
