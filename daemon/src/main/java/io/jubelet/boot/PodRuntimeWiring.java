/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.concurrent.FileCallExecutor;
import io.jubelet.concurrent.Threads;
import io.jubelet.confinement.Confinement;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.cri.RuntimeService;
import io.jubelet.events.EventRecorder;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.KernelSecurity;
import io.jubelet.node.Mounts;
import io.jubelet.pod.PodResources;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.runtime.ContainerConfigurer;
import io.jubelet.runtime.ContainerEnvironments;
import io.jubelet.runtime.ContainerStarter;
import io.jubelet.runtime.ContainerStopper;
import io.jubelet.runtime.Hooks;
import io.jubelet.runtime.NetworkReadiness;
import io.jubelet.runtime.PodRuntime;
import io.jubelet.runtime.PodStorage;
import io.jubelet.runtime.SandboxAddresses;
import io.jubelet.runtime.SandboxConfigurer;
import io.jubelet.runtime.SandboxStarter;
import io.jubelet.runtime.StartLimiter;
import io.jubelet.volume.VolumeSetup;

/** The execution of actions on the container runtime. */
final class PodRuntimeWiring {

    /** How many sandboxes and containers a runtime starts side by side before it only gets slower, measured by the benchmark. */
    private static final int PARALLEL_STARTS = 8;

    private PodRuntimeWiring() {}

    static PodRuntime of(Wiring parts, Mounts mounts, ImageUserCache imageService, ContainerEnvironments environments) {
        RuntimeService cri = parts.runtimes.runtime();
        Confinement confinement = new Confinement(
                parts.config.resources().confinement(),
                cri,
                imageService,
                parts.runtimes::incarnation,
                new KernelSecurity());
        VolumeSetup volumes = new VolumeSetup(
                mounts,
                new FileCallExecutor(FileCallExecutor.DEFAULT_LIMIT),
                pod -> PodResources.memoryAtMost(pod, parts.profile.memoryBytes()),
                parts.configVolumes.projected(),
                (pod, container, message) ->
                        parts.events.warning(pod, container, EventRecorder.DIRECTORY_CREATED, message));
        ContainerFiles files = new ContainerFiles(
                parts.directories, volumes, parts.profile.dns().domain());
        SandboxConfigurer sandboxConfigs = new SandboxConfigurer(
                parts.profile,
                parts.resolvConf,
                parts.directories,
                confinement,
                parts.cgroups,
                parts.events,
                parts.clock);
        ContainerConfigurer containerConfigs =
                new ContainerConfigurer(parts.profile, files, environments, confinement, sandboxConfigs, parts.images);
        SandboxAddresses addresses = new SandboxAddresses(cri, Threads::startTask, files, parts.ips);
        Hooks hooks = new Hooks(cri, parts.ips, Threads::startTask, parts.events, parts::plan, parts.clock::steady);
        NetworkReadiness network = new NetworkReadiness(cri, () -> parts.workers.wakeAll());
        StartLimiter starts = new StartLimiter(PARALLEL_STARTS);
        return new PodRuntime(
                cri,
                parts.images,
                new SandboxStarter(
                        cri, sandboxConfigs, files, parts.cgroups, starts, Threads::startTask, network, parts.clock),
                new ContainerStarter(
                        cri,
                        containerConfigs,
                        addresses,
                        files,
                        parts.images,
                        starts,
                        parts.unfinished,
                        hooks,
                        parts.clock),
                new ContainerStopper(cri, Threads::startTask, hooks, parts.clock::steady),
                new PodStorage(
                        parts.nodes,
                        parts.directories,
                        files,
                        parts.limits,
                        parts.cgroups,
                        (uid, stored) -> ManifestFile.restore(
                                        stored.document(),
                                        stored.source(),
                                        parts.nodes.ofMade(uid),
                                        parts.config.node().manifests().localConfig())
                                .orElseThrow(() -> new IllegalArgumentException("not a pod any more"))),
                confinement,
                network);
    }
}
