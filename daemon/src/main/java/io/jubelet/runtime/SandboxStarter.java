/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.RuntimeService;
import io.jubelet.document.FileProblem;
import io.jubelet.observed.Labels;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodAction.CreateSandbox;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.ContainerFiles;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Creates sandboxes, with the directories and cgroups of their pods.
 *
 * <p>Relies on the runtime to reject a second sandbox with the same name, UID and attempt. Safe for
 * use by many threads.
 */
public final class SandboxStarter {

    private final RuntimeService runtime;
    private final SandboxConfigurer configs;
    private final ContainerFiles files;
    private final PodCgroups cgroups;
    private final StartLimiter starts;
    private final BackgroundTask.Starter beside;
    private final NetworkReadiness network;
    private final InstantSource clock;

    /**
     * @param starts shared with whatever else keeps the runtime busy
     * @param beside runs what is prepared while the runtime creates the sandbox
     * @param network notified of sandboxes that cannot be created
     * @param clock tells when a sandbox was created, before the runtime does
     */
    public SandboxStarter(
            RuntimeService runtime,
            SandboxConfigurer configs,
            ContainerFiles files,
            PodCgroups cgroups,
            StartLimiter starts,
            BackgroundTask.Starter beside,
            NetworkReadiness network,
            InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.configs = Objects.requireNonNull(configs, "configs");
        this.files = Objects.requireNonNull(files, "files");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.starts = Objects.requireNonNull(starts, "starts");
        this.beside = Objects.requireNonNull(beside, "beside");
        this.network = Objects.requireNonNull(network, "network");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Makes what a sandbox needs and checks what else can be checked before its pod starts.
     *
     * @throws ActionFailedException if something is missing
     */
    void prepare(Pod pod) {
        makeDirectories(pod);
        configs.ofExisting(pod, 0);
    }

    private void makeDirectories(Pod pod) {
        try {
            files.makeDirectories(pod);
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                    "error making pod data directories: " + FileProblem.of(e),
                    e);
        }
    }

    /** Creates and starts a sandbox. */
    ObservedPod create(CreateSandbox action, ObservedPod before) {
        Pod pod = action.pod();
        makeDirectories(pod);
        PodSandboxConfig config = configs.ofNew(pod, action.attempt());
        List<BackgroundTask> tasks = new ArrayList<>();
        // The next instance of a pod that has had a sandbox has another number, and other files.
        if (action.attempt() == 0) {
            tasks.add(beside.start("files/" + pod.name(), () -> prepareAhead(pod)));
        }
        AtomicReference<@Nullable IOException> cgroupFailure = new AtomicReference<>();
        if (cgroups.enabled()) {
            // The runtime needs the cgroup some fifty milliseconds later and creates what is
            // missing. The limits hold from when this task has set them.
            tasks.add(beside.start("cgroup/" + pod.name(), () -> makeCgroup(pod, cgroupFailure)));
        }
        ObservedPod after;
        try {
            after = before.with(observed(run(pod, action.attempt(), config), action));
        } finally {
            tasks.forEach(SandboxStarter::join);
        }
        IOException failure = cgroupFailure.get();
        if (failure != null) {
            throw PodCgroupFailure.of(failure, pod);
        }
        return after;
    }

    /**
     * Makes the cgroup of a pod whose sandbox an earlier daemon created: it might be missing or
     * have other limits.
     */
    void ensureCgroup(Pod pod) {
        try {
            cgroups.ensure(pod);
        } catch (IOException e) {
            throw PodCgroupFailure.of(e, pod);
        }
    }

    private void makeCgroup(Pod pod, AtomicReference<@Nullable IOException> failure) {
        try {
            cgroups.make(pod);
        } catch (IOException e) {
            failure.set(e);
        }
    }

    private void prepareAhead(Pod pod) {
        try {
            files.prepareAhead(pod);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(BackgroundTask task) {
        try {
            task.awaitEnd();
        } catch (InterruptedException e) {
            task.interrupt();
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("RunPodSandbox", "interrupted while files and cgroups were made", e);
        }
    }

    private PodSandboxId run(Pod pod, int attempt, PodSandboxConfig config) {
        String handler = pod.spec().isolation().runtimeHandler();
        try {
            return starts.startNew("RunPodSandbox", () -> runtime.runPodSandbox(config, handler));
        } catch (CriException.AlreadyExists e) {
            return adopt(pod, attempt, e);
        } catch (CriException.Rejected | CriException.Failed | CriException.NotFound | CriException.Unimplemented e) {
            Optional<String> noNetwork = pod.spec().hostNetwork() ? Optional.empty() : network.sandboxFailed();
            throw noNetwork
                    .map(why -> new ActionFailedException(KubeletReasons.NETWORK_NOT_READY, why, e))
                    .orElseGet(() -> new ActionFailedException(
                            KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                            FailureHints.ofSandbox(RuntimeMessages.of(e), pod.spec()),
                            e));
        }
    }

    /**
     * Takes the sandbox of an earlier call whose answer was lost; fails, to be retried, if it is
     * not complete yet.
     */
    private PodSandboxId adopt(Pod pod, int attempt, CriException.AlreadyExists rejection) {
        Map<String, String> selector = new HashMap<>(Labels.ofPod(pod.name(), pod.originalNode()));
        selector.put(Labels.POD_UID, pod.uid());
        return runtime.listPodSandboxes(PodSandboxFilter.labels(selector)).stream()
                .filter(s -> s.metadata().attempt() == attempt && s.state() == PodSandboxState.READY)
                .findFirst()
                .map(PodSandbox::id)
                .orElseThrow(() -> new ActionFailedException(
                        KubeletReasons.FAILED_CREATE_POD_SANDBOX,
                        "an earlier attempt is not over yet: " + RuntimeMessages.of(rejection),
                        rejection));
    }

    /**
     * Its addresses are unknown yet; they are looked up while its first container is being created.
     */
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
