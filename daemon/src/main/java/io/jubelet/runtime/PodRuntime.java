package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.CancellationToken;
import io.jubelet.confinement.Confinement;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.Eviction;
import io.jubelet.plan.ImageStates;
import io.jubelet.plan.PodAction;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodResources;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.podfiles.VolumeLimits;
import io.jubelet.reconcile.ActionExecutor;
import io.jubelet.volume.VolumeSetup;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the actions of plans on a CRI runtime and on the directories of pods.
 *
 * <p>Safe for use by many threads, as long as each pod name is in the hands of one of them at a time: its worker.
 */
public final class PodRuntime implements ActionExecutor {

    private static final Logger LOG = LoggerFactory.getLogger(PodRuntime.class);
    private static final String REMOVAL_FAILED = "FailedRemovePodDirectories";

    private final RuntimeService runtime;
    private final PodDirectories directories;
    private final VolumeLimits limits;
    private final NodeProfile node;
    private final Confinement confinement;
    private final PodCgroups cgroups;
    private final BiFunction<String, String, Pod> reader;
    private final ImagePuller images;
    private final NetworkReadiness network;
    private final ContainerFiles files;
    private final SandboxStarter sandboxes;
    private final ContainerStarter starter;
    private final ContainerStopper stopper;

    /**
     * @param runtime where the actions take effect
     * @param images sees to images
     * @param directories the files of pods
     * @param limits of volumes, which it is told of when they were emptied
     * @param mounts for volumes in memory
     * @param configVolumes for volumes made of ConfigMaps and Secrets, and variables from there
     * @param node what the node adds to every pod
     * @param confinement what pods may do, and as whom
     * @param cgroups of pods
     * @param heavyCallsAtOnce how many sandboxes and containers are made at once, at least one
     * @param beside runs what is done side by side
     * @param hooks what is done after the start of containers and before their stop
     * @param reader makes a pod of its document and the path of its manifest; throws {@link IllegalArgumentException}
     *     when the document is none any more
     * @param network whether there is one
     * @param events told of what is not as a pod might expect
     * @param clock of what is known before the runtime tells it
     */
    public PodRuntime(
            RuntimeService runtime,
            ImagePuller images,
            PodDirectories directories,
            VolumeLimits limits,
            Mounts mounts,
            ConfigVolumes configVolumes,
            NodeProfile node,
            Confinement confinement,
            PodCgroups cgroups,
            int heavyCallsAtOnce,
            BackgroundTask.Starter beside,
            Hooks hooks,
            BiFunction<String, String, Pod> reader,
            NetworkReadiness network,
            EventRecorder events,
            InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.images = Objects.requireNonNull(images, "images");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.node = Objects.requireNonNull(node, "node");
        this.confinement = Objects.requireNonNull(confinement, "confinement");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.network = Objects.requireNonNull(network, "network");
        this.reader = Objects.requireNonNull(reader, "reader");
        StartLimiter heavyCalls = new StartLimiter(heavyCallsAtOnce);
        VolumeSetup volumes = new VolumeSetup(
                mounts, pod -> PodResources.memoryAtMost(pod, node.memoryBytes()), configVolumes.projected());
        this.files = new ContainerFiles(directories, volumes, node.names().clusterDomain());
        this.sandboxes = new SandboxStarter(
                runtime, directories, files, node, confinement, cgroups, heavyCalls, beside, network, events, clock);
        this.stopper = new ContainerStopper(runtime, beside, hooks, clock);
        this.starter = new ContainerStarter(
                runtime,
                directories,
                files,
                configVolumes::config,
                images,
                node,
                confinement,
                cgroups,
                heavyCalls,
                hooks,
                beside,
                clock);
    }

    @Override
    public ObservedPod execute(PodAction action, ObservedPod before, CancellationToken mandate) {
        LOG.info("pod={} action={} reason=\"{}\"", before.name(), action.summary(), action.reason());
        return switch (action) {
            case PodAction.EnsureImage a -> {
                images.ensure(a);
                yield before;
            }
            case PodAction.CreateSandbox a -> sandboxes.create(a, before);
            case PodAction.StartContainer a -> starter.start(a, before, mandate);
            case PodAction.StartCreated a -> starter.start(a, before, mandate);
            case PodAction.StopContainers a -> stopper.stop(a, before);
            case PodAction.StopSandbox a -> stopSandbox(a.id(), before);
            case PodAction.RemoveContainer a -> removeContainer(a, before);
            case PodAction.RemoveSandbox a -> removeSandbox(a.id(), before);
            case PodAction.EmptyVolumes a -> emptyVolumes(a.pod().uid(), before);
            case PodAction.RemoveDirectories a -> removeDirectories(a.uid(), before);
        };
    }

    @Override
    public ImageStates images(PodName name, List<Pod> versions) {
        return images.states(name, versions);
    }

    @Override
    public Optional<AdmissionRejection> refusal(Pod pod) {
        return confinement.refusal(pod);
    }

    @Override
    public Optional<String> networkTrouble() {
        return network.trouble();
    }

    @Override
    public Optional<Pod> loadPod(String uid) {
        try {
            Optional<Pod> pod = directories.kept(uid).map(kept -> reader.apply(kept.document(), kept.source()));
            if (pod.isPresent() && !pod.get().uid().equals(uid)) {
                LOG.warn("what was kept of pod version {} is another version, and is of no use", uid);
                return Optional.empty();
            }
            return pod;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("what was kept of pod version {} cannot be read: {}", uid, e.toString());
            return Optional.empty();
        }
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
        try {
            directories.unlink(before.name(), node.name(), action.container(), action.id());
            directories.removeInstance(before.name(), node.name(), action.uid(), action.container(), action.attempt());
        } catch (IOException e) {
            throw new ActionFailedException(REMOVAL_FAILED, "cannot remove logs: " + e, e);
        }
        try {
            runtime.removeContainer(action.id());
        } catch (CriException.NotFound _) {
            LOG.debug("container={} is gone already", action.id());
        }
        return before.without(action.id());
    }

    private ObservedPod removeSandbox(PodSandboxId id, ObservedPod before) {
        try {
            runtime.removePodSandbox(id);
        } catch (CriException.NotFound _) {
            LOG.debug("sandbox={} is gone already", id);
        }
        return before.without(id);
    }

    @Override
    public Optional<Eviction> eviction(String uid) {
        return limits.of(uid);
    }

    private ObservedPod emptyVolumes(String uid, ObservedPod before) {
        try {
            directories.removeVolumes(uid);
            limits.emptied(uid);
            return before;
        } catch (IOException e) {
            throw new ActionFailedException(REMOVAL_FAILED, "cannot empty the volumes of the pod: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("EmptyVolumes", "interrupted", e);
        }
    }

    private ObservedPod removeDirectories(String uid, ObservedPod before) {
        try {
            // First, for the directory is what tells that the cgroup is ours.
            cgroups.remove(uid);
            files.removed(uid);
            directories.remove(before.name(), node.name(), uid);
            return before;
        } catch (IOException e) {
            throw new ActionFailedException(REMOVAL_FAILED, "cannot remove the directories of the pod: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("RemoveDirectories", "interrupted", e);
        }
    }
}
