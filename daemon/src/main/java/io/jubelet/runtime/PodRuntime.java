package io.jubelet.runtime;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Mount;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.reconcile.ActionExecutor;
import io.jubelet.reconcile.ActionFailedException;
import io.jubelet.reconcile.ImageState;
import io.jubelet.reconcile.PodAction;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * Executes pod actions by CRI calls. Safe for use by many threads, one a pod.
 */
public final class PodRuntime implements ActionExecutor {

    /** The kubelet never asks a runtime to stop a container in less. */
    private static final Duration MIN_STOP = Duration.ofSeconds(2);

    private final RuntimeService runtime;
    private final ImagePuller images;
    private final PodDirectories directories;
    private final VolumeSetup volumes;
    private final NodeLimits limits;
    private final Supplier<PodSandboxConfig.DNSConfig> dns;
    private final SideBySide sideBySide;
    private final Semaphore starts;
    private final BiFunction<String, String, Pod> parser;
    private final InstantSource clock;

    /**
     * @param dns the node's resolver configuration at this moment
     * @param sideBySide runs the stops of several containers
     * @param parallelStarts how many sandboxes and containers are started at a time, one or more
     * @param parser makes a pod of document and source; throws IllegalArgumentException if it cannot
     */
    public PodRuntime(
            RuntimeService runtime,
            ImagePuller images,
            PodDirectories directories,
            NodeLimits limits,
            Supplier<PodSandboxConfig.DNSConfig> dns,
            SideBySide sideBySide,
            int parallelStarts,
            BiFunction<String, String, Pod> parser,
            InstantSource clock) {
        this.runtime = runtime;
        this.images = images;
        this.directories = directories;
        this.volumes = new VolumeSetup(directories);
        this.limits = limits;
        this.dns = dns;
        this.sideBySide = sideBySide;
        this.starts = new Semaphore(parallelStarts, true);
        this.parser = parser;
        this.clock = clock;
    }

    @Override
    public ImageState image(String image) {
        return images.state(image);
    }

    @Override
    public Optional<Pod> recall(String uid) {
        return directories.recall(uid).flatMap(kept -> {
            int end = kept.indexOf('\n');
            try {
                return Optional.of(parser.apply(kept.substring(end + 1), kept.substring(0, end)))
                        .filter(pod -> pod.uid().equals(uid));
            } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public ObservedPod execute(PodAction action, ObservedPod before) {
        return switch (action) {
            case PodAction.EnsureImage ensure -> {
                images.ensure(before.name(), ensure);
                yield before;
            }
            case PodAction.CreateSandbox create -> createSandbox(create, before);
            case PodAction.StartContainer start -> startContainer(start, before);
            case PodAction.StartCreated start -> start(start.id(), before);
            case PodAction.StopContainers stop -> stopContainers(stop, before);
            case PodAction.StopSandbox stop -> stopSandbox(stop, before);
            case PodAction.RemoveContainer remove -> removeContainer(remove, before);
            case PodAction.RemoveSandbox remove -> {
                absentIsDone(() -> runtime.removePodSandbox(remove.id()));
                yield before.without(remove.id());
            }
            case PodAction.RemoveDirectories remove -> {
                try {
                    directories.remove(remove.uid());
                } catch (IOException e) {
                    throw new ActionFailedException(
                            "FailedRemoveDirectories", "files of the pod cannot be removed: " + e, e);
                }
                yield before;
            }
        };
    }

    // --- starting

    private PodSandboxConfig sandboxConfig(Pod pod, int attempt) {
        Path logs = directories.logs(pod);
        return SandboxConfigs.of(pod, attempt, logs, dns.get(), clock.instant());
    }

    private ObservedPod createSandbox(PodAction.CreateSandbox create, ObservedPod before) {
        Pod pod = create.pod();
        try {
            directories.prepare(pod);
        } catch (IOException e) {
            throw new ActionFailedException("FailedCreatePodSandBox", "the pod's directories cannot be made: " + e, e);
        }
        PodSandboxId id = limited(() -> {
            try {
                return runtime.runPodSandbox(sandboxConfig(pod, create.attempt()), "");
            } catch (CriException.Rejected
                    | CriException.Failed
                    | CriException.AlreadyExists
                    | CriException.NotFound
                    | CriException.Unimplemented e) {
                throw new ActionFailedException("FailedCreatePodSandBox", e.getMessage(), e);
            }
        });
        return before.with(new ObservedSandbox(
                id,
                pod.uid(),
                pod.hash(),
                create.attempt(),
                true,
                clock.instant(),
                pod.spec().terminationGracePeriod(),
                pod.spec().hostNetwork() ? List.of() : ips(id)));
    }

    private List<String> ips(PodSandboxId id) {
        PodSandboxStatus status = runtime.podSandboxStatus(id);
        return status.network() == null || status.network().ip().isEmpty()
                ? List.of()
                : List.of(status.network().ip());
    }

    private ObservedPod startContainer(PodAction.StartContainer start, ObservedPod before) {
        Pod pod = start.pod();
        ContainerSpec spec = pod.spec().containers().stream()
                .filter(c -> c.name().equals(start.container()))
                .findFirst()
                .orElseThrow();
        ObservedSandbox sandbox = before.sandboxes().stream()
                .filter(s -> s.id().equals(start.sandbox()))
                .findFirst()
                .orElseThrow();
        List<Mount> mounts = volumes.mounts(pod, spec, start.attempt(), sandbox.ips());
        ContainerConfig config = ContainerConfigs.of(start, spec, mounts, limits);
        return limited(() -> {
            ContainerId id;
            try {
                id = runtime.createContainer(start.sandbox(), config, sandboxConfig(pod, sandbox.attempt()));
            } catch (CriException.Rejected
                    | CriException.Failed
                    | CriException.AlreadyExists
                    | CriException.NotFound
                    | CriException.Unimplemented e) {
                throw new ActionFailedException("CreateContainerError", e.getMessage(), e);
            }
            ObservedContainer created = new ObservedContainer(
                    id,
                    start.sandbox(),
                    pod.uid(),
                    spec.name(),
                    start.attempt(),
                    new State.Created(),
                    start.imageId(),
                    clock.instant(),
                    start.backoff());
            return start(id, before.with(created));
        });
    }

    private ObservedPod start(ContainerId id, ObservedPod before) {
        try {
            runtime.startContainer(id);
        } catch (CriException.Rejected
                | CriException.Failed
                | CriException.AlreadyExists
                | CriException.NotFound
                | CriException.Unimplemented e) {
            throw new ActionFailedException("RunContainerError", e.getMessage(), e);
        }
        return inState(before, id, new State.Running(clock.instant()));
    }

    private <T> T limited(Supplier<T> call) {
        try {
            starts.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("start", "interrupted while waiting for its turn", e);
        }
        try {
            return call.get();
        } finally {
            starts.release();
        }
    }

    // --- stopping

    private ObservedPod stopContainers(PodAction.StopContainers stop, ObservedPod before) {
        Duration grace = stop.gracePeriod().compareTo(MIN_STOP) < 0 ? MIN_STOP : stop.gracePeriod();
        sideBySide.run(stop.ids().stream()
                .map(id -> (Runnable) () -> absentIsDone(() -> runtime.stopContainer(id, grace)))
                .toList());
        ObservedPod after = before;
        Instant now = clock.instant();
        for (ContainerId id : stop.ids()) {
            after = inState(after, id, new State.Exited(null, now, 137, "", ""));
        }
        return after;
    }

    private ObservedPod stopSandbox(PodAction.StopSandbox stop, ObservedPod before) {
        absentIsDone(() -> runtime.stopPodSandbox(stop.id()));
        ObservedPod after = before;
        for (ObservedSandbox sandbox : before.sandboxes()) {
            if (sandbox.id().equals(stop.id())) {
                after = after.with(sandbox.stopped());
            }
        }
        Instant now = clock.instant();
        for (ObservedContainer container : before.containers()) {
            if (container.sandboxId().equals(stop.id()) && container.live()) {
                after = inState(after, container.id(), new State.Exited(null, now, 137, "", ""));
            }
        }
        return after;
    }

    private ObservedPod removeContainer(PodAction.RemoveContainer remove, ObservedPod before) {
        absentIsDone(() -> runtime.removeContainer(remove.id()));
        return before.without(remove.id());
    }

    private static void absentIsDone(Runnable call) {
        try {
            call.run();
        } catch (CriException.NotFound e) {
            return;
        }
    }

    private static ObservedPod inState(ObservedPod pod, ContainerId id, State state) {
        for (ObservedContainer container : pod.containers()) {
            if (container.id().equals(id)) {
                return pod.with(container.in(state));
            }
        }
        return pod;
    }
}
