package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.confinement.Confinement;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.PodDns;
import io.jubelet.criconfig.SandboxConfigs;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.Labels;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.PodAction.CreateSandbox;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Makes sandboxes. The runtime lets no second one have the same name, UID and attempt, and that is relied upon. */
final class SandboxStarter {

    private static final String FAILED = "FailedCreatePodSandBox";

    private final RuntimeService runtime;
    private final PodDirectories directories;
    private final ContainerFiles files;
    private final NodeProfile node;
    private final Confinement confinement;
    private final PodCgroups cgroups;
    private final StartLimiter heavyCalls;
    private final BackgroundTask.Starter beside;
    private final NetworkReadiness network;
    private final EventRecorder events;
    private final InstantSource clock;

    SandboxStarter(
            RuntimeService runtime,
            PodDirectories directories,
            ContainerFiles files,
            NodeProfile node,
            Confinement confinement,
            PodCgroups cgroups,
            StartLimiter heavyCalls,
            BackgroundTask.Starter beside,
            NetworkReadiness network,
            EventRecorder events,
            InstantSource clock) {
        this.runtime = runtime;
        this.directories = directories;
        this.files = files;
        this.node = node;
        this.confinement = confinement;
        this.cgroups = cgroups;
        this.heavyCalls = heavyCalls;
        this.beside = beside;
        this.network = network;
        this.events = events;
        this.clock = clock;
    }

    ObservedPod create(CreateSandbox action, ObservedPod before) {
        Pod pod = action.pod();
        confinement.check(pod);
        try {
            directories.make(pod);
        } catch (IOException e) {
            throw new ActionFailedException(FAILED, "error making pod data directories: " + e, e);
        }
        PodSandboxConfig config = config(pod, action.attempt());
        List<BackgroundTask> aside = new ArrayList<>();
        // Of a pod that is not new the instance that comes next has another number.
        if (action.attempt() == 0) {
            aside.add(beside.start("files/" + pod.name(), () -> makeAhead(pod)));
        }
        AtomicReference<IOException> trouble = new AtomicReference<>();
        if (cgroups.enabled()) {
            // The runtime comes to it some fifty milliseconds later, and makes what is missing; limits hold from then
            // on.
            aside.add(beside.start("cgroup/" + pod.name(), () -> makeCgroup(pod, trouble)));
        }
        ObservedPod after;
        try {
            after = before.with(observed(run(pod, action.attempt(), config), action));
        } finally {
            aside.forEach(SandboxStarter::join);
        }
        if (trouble.get() != null) {
            throw PodCgroupFailure.of(trouble.get());
        }
        return after;
    }

    private void makeCgroup(Pod pod, AtomicReference<IOException> trouble) {
        try {
            cgroups.make(pod);
        } catch (IOException e) {
            trouble.set(e);
        }
    }

    private void makeAhead(Pod pod) {
        try {
            files.makeAhead(pod);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(BackgroundTask ahead) {
        try {
            ahead.awaitEnd();
        } catch (InterruptedException e) {
            ahead.interrupt();
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("RunPodSandbox", "interrupted while files and cgroups were made", e);
        }
    }

    /** The first pod has the cgroups made that are above those of pods. */
    private PodSandboxConfig config(Pod pod, int attempt) {
        PodDns dns = PodDns.of(pod, node.names(), node.ips());
        PodSandboxConfig config;
        try {
            config = confinement.of(pod, SandboxConfigs.of(pod, attempt, clock.instant(), node, dns.config()));
        } catch (UncheckedIOException e) {
            throw PodCgroupFailure.of(e.getCause());
        }
        dns.warnings().forEach(warning -> events.warning(pod, "", warning.reason(), warning.message()));
        return config;
    }

    private PodSandboxId run(Pod pod, int attempt, PodSandboxConfig config) {
        String handler = pod.spec().isolation().runtimeHandler();
        try {
            return heavyCalls.begin("RunPodSandbox", () -> runtime.runPodSandbox(config, handler));
        } catch (CriException.AlreadyExists e) {
            return adopt(pod, attempt, e);
        } catch (CriException.Rejected | CriException.Failed | CriException.NotFound | CriException.Unimplemented e) {
            Optional<String> noNetwork = pod.spec().hostNetwork() ? Optional.empty() : network.sandboxFailed();
            throw noNetwork
                    .map(why -> new ActionFailedException(AdmissionRejection.NETWORK, why, e))
                    .orElseGet(() -> new ActionFailedException(FAILED, RuntimeMessages.of(e), e));
        }
    }

    /** The answer to an earlier call was lost: its sandbox is taken if it is complete, else waited for. */
    private PodSandboxId adopt(Pod pod, int attempt, CriException.AlreadyExists refused) {
        Map<String, String> selector = new HashMap<>(Labels.ofPod(pod.name(), pod.node()));
        selector.put(Labels.POD_UID, pod.uid());
        return runtime.listPodSandboxes(PodSandboxFilter.labels(selector)).stream()
                .filter(s -> s.metadata().attempt() == attempt && s.state() == PodSandboxState.READY)
                .findFirst()
                .map(PodSandbox::id)
                .orElseThrow(() -> new ActionFailedException(
                        FAILED, "an earlier attempt is not over yet: " + RuntimeMessages.of(refused), refused));
    }

    /** Its addresses are asked for when its first container needs them, while that is being made. */
    private ObservedSandbox observed(PodSandboxId id, CreateSandbox action) {
        Pod pod = action.pod();
        return new ObservedSandbox(
                id,
                pod.uid(),
                pod.hash(),
                action.attempt(),
                true,
                clock.instant(),
                pod.spec().terminationGracePeriod(),
                List.of());
    }
}
