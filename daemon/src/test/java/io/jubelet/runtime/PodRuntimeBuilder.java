/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.FileCallExecutor;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.config.ConfinementSettings;
import io.jubelet.confinement.Confinement;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.node.KernelSecurity;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.ResolvConf;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodResources;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.EmptyDirLimits;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.VolumeSetup;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Composes the executor of actions for tests: without cgroups, ConfigMaps and Secrets, on a node
 * with 1 GiB of memory.
 */
public final class PodRuntimeBuilder {

    private final RuntimeService runtime;
    private final ImageUserCache imageService;
    private final ImagePuller images;
    private final PodDirectories directories;
    private final Path root;
    private NodeProfile node =
            new NodeProfile("node1", List.of(), ClusterDns.NONE, NodeProfile.Cgroups.BASIC, 1L << 30, List.of());
    private Supplier<Optional<ResolvConf>> resolvConf =
            () -> Optional.of(new ResolvConf(List.of(), List.of(), List.of()));
    private BackgroundTask.Starter beside = Threads::startTask;
    private BiFunction<String, Runnable, Thread> startThread = Threads::startVirtual;
    private @Nullable NodeNames names;
    private int startLimit = 1;
    private NodeClock clock = NodeClock.system();
    private Consumer<PodName> wake = _ -> {};

    /** @param root the root directory of the daemon */
    public PodRuntimeBuilder(
            RuntimeService runtime,
            ImageUserCache imageService,
            ImagePuller images,
            PodDirectories directories,
            Path root) {
        this.runtime = runtime;
        this.imageService = imageService;
        this.images = images;
        this.directories = directories;
        this.root = root;
    }

    public PodRuntimeBuilder names(NodeNames names) {
        this.names = names;
        return this;
    }

    public PodRuntimeBuilder node(NodeProfile profile, ResolvConf resolvConf) {
        this.node = profile;
        this.resolvConf = () -> Optional.of(resolvConf);
        return this;
    }

    /**
     * Where everything runs that does not run on the thread of the caller.
     *
     * @param startThread starts the thread that updates volumes
     */
    public PodRuntimeBuilder threads(BackgroundTask.Starter beside, BiFunction<String, Runnable, Thread> startThread) {
        this.beside = beside;
        this.startThread = startThread;
        return this;
    }

    /** @param resolvConf the resolv.conf of the node at this moment */
    public PodRuntimeBuilder resolvConf(Supplier<Optional<ResolvConf>> resolvConf) {
        this.resolvConf = resolvConf;
        return this;
    }

    public PodRuntimeBuilder startLimit(int startLimit) {
        this.startLimit = startLimit;
        return this;
    }

    public PodRuntimeBuilder clock(InstantSource clock) {
        return clock(NodeClock.neverSet(clock));
    }

    public PodRuntimeBuilder clock(NodeClock clock) {
        this.clock = clock;
        return this;
    }

    /** @param wake wakes the worker of a pod when a postStart hook ends */
    public PodRuntimeBuilder wake(Consumer<PodName> wake) {
        this.wake = wake;
        return this;
    }

    /** @param parser parses stored manifests, given with the path that they came from */
    public PodRuntime build(BiFunction<String, String, Pod> parser) {
        NodeNames nodes = names == null ? NodeNames.of(node.name()) : names;
        Mounts mounts = new Mounts();
        EventRecorder events = new EventRecorder(clock, () -> {});
        PodCgroups cgroups = PodCgroups.none();
        Confinement confinement = new Confinement(
                ConfinementSettings.defaults(root), runtime, imageService, List::of, new KernelSecurity());
        ContainerEnvironments environments = new ContainerEnvironments(
                node, () -> new NodeCapacity(1000, 1L << 30, 1L << 30, Map.of()), () -> LocalConfig.NONE, directories);
        ConfigVolumes configVolumes = new ConfigVolumes(environments, mounts, directories, startThread, events);
        VolumeSetup volumes = new VolumeSetup(
                mounts,
                new FileCallExecutor(FileCallExecutor.DEFAULT_LIMIT),
                pod -> PodResources.memoryAtMost(pod, node.memoryBytes()),
                configVolumes.projected(),
                (pod, container, message) -> events.warning(pod, container, EventRecorder.DIRECTORY_CREATED, message));
        ContainerFiles files =
                new ContainerFiles(directories, volumes, node.dns().domain());
        SandboxConfigurer sandboxConfigs =
                new SandboxConfigurer(node, resolvConf, directories, confinement, cgroups, events, clock);
        ContainerConfigurer containerConfigs =
                new ContainerConfigurer(node, files, environments, confinement, sandboxConfigs, images);
        Hooks hooks = new Hooks(runtime, node.addresses(), beside, events, wake, clock::steady);
        NetworkReadiness network = new NetworkReadiness(runtime, () -> {});
        StartLimiter starts = new StartLimiter(startLimit);
        EmptyDirLimits limits = new EmptyDirLimits(directories, root.resolveSibling("evicted"), _ -> {}, clock);
        return new PodRuntime(
                runtime,
                images,
                new SandboxStarter(runtime, sandboxConfigs, files, cgroups, starts, beside, network, clock),
                new ContainerStarter(
                        runtime,
                        containerConfigs,
                        new SandboxAddresses(runtime, beside, files, node.addresses()),
                        files,
                        images,
                        starts,
                        UnfinishedWork.open(root.resolveSibling("unfinished"), clock),
                        hooks,
                        clock),
                new ContainerStopper(runtime, beside, hooks, clock::steady),
                new PodStorage(
                        nodes,
                        directories,
                        files,
                        limits,
                        cgroups,
                        (_, stored) -> parser.apply(stored.document(), stored.source())),
                confinement,
                network);
    }
}
