/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.confinement.Confinement;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeService;
import io.jubelet.images.ImagePuller;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.ActionExecutor;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the actions of plans on a CRI runtime and on the directories of pods.
 *
 * <p>Safe for use by many threads, provided that one thread at a time, the pod's worker, works on a
 * pod name.
 */
public final class PodRuntime implements ActionExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(PodRuntime.class);

    private final RuntimeService runtime;
    private final ImagePuller images;
    private final SandboxStarter sandboxes;
    private final ContainerStarter containers;
    private final ContainerStopper stopper;
    private final PodStorage storage;
    private final Confinement confinement;
    private final NetworkReadiness network;

    public PodRuntime(
            RuntimeService runtime,
            ImagePuller images,
            SandboxStarter sandboxes,
            ContainerStarter containers,
            ContainerStopper stopper,
            PodStorage storage,
            Confinement confinement,
            NetworkReadiness network) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.images = Objects.requireNonNull(images, "images");
        this.sandboxes = Objects.requireNonNull(sandboxes, "sandboxes");
        this.containers = Objects.requireNonNull(containers, "containers");
        this.stopper = Objects.requireNonNull(stopper, "stopper");
        this.storage = Objects.requireNonNull(storage, "storage");
        this.confinement = Objects.requireNonNull(confinement, "confinement");
        this.network = Objects.requireNonNull(network, "network");
    }

    @Override
    public ObservedPod execute(PodAction action, ObservedPod before) {
        LOG.info("pod={} action={} reason=\"{}\"", before.name(), action.summary(), action.reason());
        return switch (action) {
            case PodAction.EnsureImage a -> {
                images.ensure(a);
                yield before;
            }
            case PodAction.PrepareUpdate a -> {
                confinement.check(a.pod());
                sandboxes.prepare(a.pod());
                containers.prepare(a);
                yield before;
            }
            case PodAction.CreateSandbox a -> {
                confinement.check(a.pod());
                yield sandboxes.create(a, before);
            }
            case PodAction.StartContainer a -> {
                sandboxes.ensureCgroup(a.pod());
                yield containers.start(a, before);
            }
            case PodAction.CreateContainer a -> {
                sandboxes.ensureCgroup(a.instance().pod());
                yield containers.create(a.instance(), before);
            }
            case PodAction.StartCreated a -> containers.start(a, before);
            case PodAction.StopContainers a -> stopper.stop(a, before);
            case PodAction.StopSandbox a -> stopSandbox(a.id(), before);
            case PodAction.RemoveContainer a -> removeContainer(a, before);
            case PodAction.RemoveSandbox a -> removeSandbox(a.id(), before);
            case PodAction.EmptyVolumes a -> {
                storage.emptyVolumes(a.pod().uid());
                yield before;
            }
            case PodAction.RecordEnd a -> {
                storage.recordEnd(a.pod().uid(), a.end());
                yield before;
            }
            case PodAction.RemoveDirectories a -> {
                storage.remove(before.name(), a.uid());
                yield before;
            }
        };
    }

    @Override
    public ObservedPod withHooks(ObservedPod observed) {
        return containers.withHooks(observed);
    }

    @Override
    public ImageStates images(PodName name, List<Pod> versions) {
        return images.states(name, versions);
    }

    @Override
    public Optional<AdmissionRejection> rejection(Pod pod) {
        return confinement.rejection(pod);
    }

    @Override
    public Optional<String> networkProblem() {
        return network.problem();
    }

    @Override
    public Optional<Eviction> eviction(String uid) {
        return storage.eviction(uid);
    }

    @Override
    public Optional<PodEnd> end(String uid) {
        return storage.end(uid);
    }

    @Override
    public Optional<Pod> loadPod(String uid) {
        return storage.load(uid);
    }

    private ObservedPod stopSandbox(PodSandboxId id, ObservedPod before) {
        try {
            runtime.stopPodSandbox(id);
        } catch (CriException.NotFound _) {
            return before.without(id);
        }
        ObservedPod after = before;
        List<ContainerId> live = before.containers().stream()
                .filter(container -> container.live() && container.sandboxId().equals(id))
                .map(ObservedContainer::id)
                .toList();
        for (ContainerId container : live) {
            after = stopper.refreshed(container, after);
        }
        ObservedPod refreshed = after;
        return before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(id))
                .findFirst()
                .map(sandbox -> refreshed.with(sandbox.stopped()))
                .orElse(refreshed);
    }

    private ObservedPod removeContainer(PodAction.RemoveContainer action, ObservedPod before) {
        storage.removeInstance(before.name(), action);
        try {
            runtime.removeContainer(action.id());
        } catch (CriException.NotFound _) {
            LOG.debug("the container is already gone: container={}", action.id());
        }
        return before.without(action.id());
    }

    private ObservedPod removeSandbox(PodSandboxId id, ObservedPod before) {
        try {
            runtime.removePodSandbox(id);
        } catch (CriException.NotFound _) {
            LOG.debug("the sandbox is already gone: sandbox={}", id);
        }
        return before.without(id);
    }
}
