/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.criconfig.ContainerConfigs;
import io.jubelet.criconfig.ContainerMounts;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.PodDns;
import io.jubelet.criconfig.SandboxConfigs;
import io.jubelet.node.ResolvConf;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.ImageState;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.ProcessSize;
import io.jubelet.podfiles.HostName;
import io.jubelet.podfiles.HostsFile;
import io.jubelet.reconcile.ActionExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Builds the configurations for a runtime and reports every action as done, without calling a runtime or touching files and
 * cgroups. Every image counts as present. Safe for use by many threads.
 */
public final class NoopExecutor implements ActionExecutor {

    private static final PodSandboxId SANDBOX = new PodSandboxId("warm-up");
    private static final List<String> ADDRESSES = List.of("192.0.2.1");
    private static final Path HOSTS = Path.of("/warm-up");
    private static final Path LOGS = HOSTS;

    private final NodeProfile node;
    private final Supplier<Optional<ResolvConf>> resolvConf;
    private final InstantSource clock;

    /**
     * @param node what the node adds to configurations
     * @param resolvConf the node's resolv.conf at this moment; empty if pods must inherit nothing
     */
    public NoopExecutor(NodeProfile node, Supplier<Optional<ResolvConf>> resolvConf, InstantSource clock) {
        this.node = Objects.requireNonNull(node, "node");
        this.resolvConf = Objects.requireNonNull(resolvConf, "resolvConf");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    @Override
    public ObservedPod execute(PodAction action, ObservedPod before) {
        return switch (action) {
            case PodAction.CreateSandbox a -> before.with(sandbox(a));
            case PodAction.StartContainer a -> before.with(container(a));
            case PodAction.StopSandbox a -> before.without(a.id());
            case PodAction.RemoveSandbox a -> before.without(a.id());
            case PodAction.RemoveContainer a -> before.without(a.id());
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.CreateContainer _,
                    PodAction.StartCreated _,
                    PodAction.StopContainers _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> before;
        };
    }

    private ObservedSandbox sandbox(PodAction.CreateSandbox action) {
        Pod pod = action.pod();
        SandboxConfigs.Instance instance = new SandboxConfigs.Instance(
                action.attempt(),
                clock.instant(),
                HostName.kernelName(pod, node.dns().domain()),
                LOGS,
                PodDns.of(pod, resolvConf.get(), node).config(),
                Optional.empty());
        PodSandboxConfig config = SandboxConfigs.of(pod, instance, node);
        return new ObservedSandbox(
                SANDBOX,
                config.metadata().uid(),
                pod.hash(),
                action.attempt(),
                true,
                clock.instant(),
                pod.spec().terminationGracePeriod(),
                ADDRESSES);
    }

    private ObservedContainer container(PodAction.StartContainer action) {
        Pod pod = action.pod();
        ContainerSpec spec = pod.spec().container(action.container()).orElseThrow();
        ContainerConfigs.Instance instance = new ContainerConfigs.Instance(
                action.attempt(),
                action.backoff(),
                action.round(),
                action.images().own(),
                new ContainerMounts(List.of(), action.images().mounted(), false, HOSTS, HOSTS));
        ContainerConfig config = ContainerConfigs.of(pod, spec, instance, process(spec), node);
        HostsFile.of(pod, ADDRESSES, node.dns().domain());
        return new ObservedContainer(
                new ContainerId(config.metadata().name()),
                action.sandbox(),
                pod.uid(),
                action.container(),
                new ObservedContainer.State.Running(clock.instant()),
                action.images().own(),
                clock.instant(),
                new ObservedContainer.Restarts(action.attempt(), action.backoff(), action.round()));
    }

    private static EnvExpansion.Expanded process(ContainerSpec spec) {
        try {
            return EnvExpansion.expand(spec.process(), EnvExpansion.literals(spec.env()), new ProcessSize(true));
        } catch (IOException e) {
            throw new UncheckedIOException("the pod of the warm-up", e);
        }
    }

    @Override
    public ImageStates images(PodName name, List<Pod> versions) {
        return ImageStates.of(
                versions, (_, required) -> new ImageState.Present(required.image(), clock.instant(), false));
    }

    @Override
    public Optional<String> networkProblem() {
        return Optional.empty();
    }

    @Override
    public Optional<Pod> loadPod(String uid) {
        return Optional.empty();
    }
}
