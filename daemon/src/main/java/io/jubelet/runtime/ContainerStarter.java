/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.Mount;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.DownwardApi;
import io.jubelet.document.FileProblem;
import io.jubelet.images.ImagePuller;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.observed.Labels;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.RuntimeFacts;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodAction.PrepareUpdate;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.plan.PodAction.StartCreated;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.ProcessSize;
import io.jubelet.podfiles.ContainerFiles;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates and starts containers.
 *
 * <p>Safe for use by many threads.
 */
public final class ContainerStarter {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerStarter.class);

    private final RuntimeService runtime;
    private final ContainerConfigurer configs;
    private final SandboxAddresses addresses;
    private final ContainerFiles files;
    private final ImagePuller images;
    private final StartLimiter starts;
    private final LargeStarts largeStarts;
    private final Hooks hooks;
    private final InstantSource clock;

    /**
     * @param starts shared with whatever else keeps the runtime busy
     * @param unfinished remembers which container with a large environment is being started
     * @param clock tells when a container was started, before the runtime does
     */
    public ContainerStarter(
            RuntimeService runtime,
            ContainerConfigurer configs,
            SandboxAddresses addresses,
            ContainerFiles files,
            ImagePuller images,
            StartLimiter starts,
            UnfinishedWork unfinished,
            Hooks hooks,
            InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.configs = Objects.requireNonNull(configs, "configs");
        this.addresses = Objects.requireNonNull(addresses, "addresses");
        this.files = Objects.requireNonNull(files, "files");
        this.images = Objects.requireNonNull(images, "images");
        this.starts = Objects.requireNonNull(starts, "starts");
        this.largeStarts = new LargeStarts(unfinished);
        this.hooks = Objects.requireNonNull(hooks, "hooks");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Makes what the containers of a pod need and checks what else can be checked before the pod starts.
     *
     * @throws io.jubelet.plan.ActionFailedException if something is missing
     */
    void prepare(PrepareUpdate action) {
        for (ContainerSpec spec : action.pod().spec().allContainers().toList()) {
            configs.prepare(
                    action.pod(), spec, Objects.requireNonNull(action.images().get(spec.name()), spec.name()));
        }
    }

    /** Creates and starts an instance, and begins its postStart hook. */
    ObservedPod start(StartContainer planned, ObservedPod before) {
        StartContainer action = afterLogs(planned);
        Pod pod = action.pod();
        ContainerSpec spec = spec(pod, action.container());
        ObservedPod after = make(action, spec, before, created -> started(created.id(), spec));
        after.newest(pod.uid(), spec.name()).ifPresent(container -> files.link(pod, container));
        return postStart(pod, spec, after);
    }

    /** Creates an instance that is started later. */
    ObservedPod create(StartContainer planned, ObservedPod before) {
        StartContainer action = afterLogs(planned);
        return make(action, spec(action.pod(), action.container()), before, ObservedContainer::state);
    }

    /** @param then what is done with the new instance, which returns its state */
    private ObservedPod make(
            StartContainer action, ContainerSpec spec, ObservedPod before, Function<ObservedContainer, State> then) {
        Optional<SandboxAddresses.Lookup> lookup = addresses.lookUp(action, before);
        // Only a container with the addresses in its environment has to wait for them.
        boolean first = lookup.isPresent() && DownwardApi.needsAddresses(spec);
        ObservedPod seen = first ? addresses.add(lookup.get(), action, before) : before;
        Optional<SandboxAddresses.Lookup> open = first ? Optional.empty() : lookup;
        try {
            return make(action, open, seen, configs.of(action, spec, seen, false), then);
        } catch (ProcessSize.Large _) {
            return largeStarts.start(action.pod(), spec, () -> makeLarge(action, spec, open, seen, then));
        }
    }

    private ObservedPod makeLarge(
            StartContainer action,
            ContainerSpec spec,
            Optional<SandboxAddresses.Lookup> lookup,
            ObservedPod seen,
            Function<ObservedContainer, State> then) {
        try {
            return make(action, lookup, seen, configs.of(action, spec, seen, true), then);
        } catch (ProcessSize.Large e) {
            throw new IllegalStateException("a large process was asked for", e);
        }
    }

    private ObservedPod make(
            StartContainer action,
            Optional<SandboxAddresses.Lookup> lookup,
            ObservedPod seen,
            ContainerConfig config,
            Function<ObservedContainer, State> then) {
        return starts.finish("CreateContainer", () -> {
            ContainerId id = create(action, config, seen);
            ObservedPod known = lookup.isEmpty() ? seen : addresses.add(lookup.get(), action, seen);
            ObservedContainer created = new ObservedContainer(
                    id,
                    action.sandbox(),
                    action.pod().uid(),
                    action.container(),
                    new State.Created(),
                    new RuntimeFacts(
                            images.reference(action.images().own()),
                            clock.instant(),
                            config.mounts().stream().anyMatch(Mount::recursiveReadOnly),
                            Optional.empty(),
                            Optional.empty()),
                    new ObservedContainer.Restarts(action.attempt(), action.backoff(), action.round()));
            return known.with(created.in(then.apply(created)));
        });
    }

    /** The start with a restart count that no log of the container has. */
    private StartContainer afterLogs(StartContainer planned) {
        try {
            int attempt = files.attempt(planned.pod(), planned.container(), planned.attempt());
            if (attempt == planned.attempt() || exists(planned)) {
                return planned;
            }
            LOG.info(
                    "continuing after logs of instances that were removed: pod={} container={} attempt={}",
                    planned.pod().name(),
                    planned.container(),
                    attempt);
            return planned.withAttempt(attempt);
        } catch (IOException e) {
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR, "cannot list logs: " + FileProblem.of(e), e);
        }
    }

    /** Whether the log is that of the very instance, because the response to an earlier call was lost. */
    private boolean exists(StartContainer planned) {
        Map<String, String> labels =
                Map.of(Labels.POD_UID, planned.pod().uid(), Labels.CONTAINER_NAME, planned.container());
        for (Container container : runtime.listContainers(ContainerFilter.labels(labels))) {
            if (container.metadata().attempt() == planned.attempt()) {
                return true;
            }
        }
        return false;
    }

    /** Starts an instance that was created earlier, and begins its postStart hook. */
    ObservedPod start(StartCreated action, ObservedPod before) {
        Optional<ObservedContainer> created = before.containers().stream()
                .filter(c -> c.id().equals(action.id()))
                .findFirst();
        ContainerSpec spec = spec(action.pod(), action.container());
        State state = starts.finish("StartContainer", () -> started(action.id(), spec));
        ObservedPod after = created.map(c -> before.with(c.in(state))).orElse(before);
        created.ifPresent(container -> files.link(action.pod(), container));
        return postStart(action.pod(), spec, after);
    }

    private ObservedPod postStart(Pod pod, ContainerSpec spec, ObservedPod started) {
        if (spec.hooks().postStart().isEmpty()) {
            return started;
        }
        ObservedContainer container = started.newest(pod.uid(), spec.name()).orElseThrow();
        hooks.postStart(pod, spec, container, started);
        return hooks.seenIn(started);
    }

    /** Returns a pod with those of its containers starting whose postStart hook runs or has failed. */
    ObservedPod withHooks(ObservedPod observed) {
        return hooks.seenIn(observed);
    }

    private static ContainerSpec spec(Pod pod, String name) {
        return pod.spec()
                .container(name)
                .orElseThrow(() -> new IllegalArgumentException("no container " + name + " in " + pod.name()));
    }

    // --- calls

    private ContainerId create(StartContainer action, ContainerConfig config, ObservedPod observed) {
        PodSandboxConfig sandboxConfig = configs.ofSandbox(action, observed);
        try {
            return runtime.createContainer(action.sandbox(), config, sandboxConfig);
        } catch (CriException.AlreadyExists e) {
            return adopt(action, e);
        } catch (CriException.Rejected | CriException.Failed | CriException.NotFound | CriException.Unimplemented e) {
            images.invalidate(config.image().userSpecifiedImage());
            action.images().mounted().keySet().forEach(images::invalidate);
            throw new ActionFailedException(
                    KubeletReasons.CREATE_CONTAINER_ERROR,
                    FailureHints.ofContainer(RuntimeMessages.of(e), spec(action.pod(), action.container())),
                    e);
        }
    }

    /**
     * Takes the container of an earlier call whose answer was lost; fails, to be retried, if that
     * call is still under way.
     */
    private ContainerId adopt(StartContainer action, CriException.AlreadyExists rejection) {
        return runtime.listContainers(ContainerFilter.sandbox(action.sandbox())).stream()
                .filter(c -> c.metadata().name().equals(action.container())
                        && c.metadata().attempt() == action.attempt())
                .findFirst()
                .map(Container::id)
                .orElseThrow(() -> new ActionFailedException(
                        KubeletReasons.CREATE_CONTAINER_ERROR,
                        "an earlier attempt is not over yet: " + RuntimeMessages.of(rejection),
                        rejection));
    }

    /** Starts the container; done if an earlier call whose answer was lost has started it. */
    private State started(ContainerId id, ContainerSpec spec) {
        Instant called = clock.instant();
        try {
            runtime.startContainer(id);
            Instant answered = clock.instant();
            // If the second of the start is uncertain, a time of whole seconds makes the observer
            // query the runtime.
            return new State.Running(
                    answered.getEpochSecond() == called.getEpochSecond()
                            ? answered
                            : answered.truncatedTo(ChronoUnit.SECONDS));
        } catch (CriException.Rejected
                | CriException.Failed
                | CriException.NotFound
                | CriException.AlreadyExists
                | CriException.Unimplemented e) {
            ActionFailedException failure = new ActionFailedException(
                    KubeletReasons.RUN_CONTAINER_ERROR, FailureHints.ofContainer(RuntimeMessages.of(e), spec), e);
            return startedBefore(id, failure, String.valueOf(e.getMessage()));
        }
    }

    /**
     * The state if an earlier call has started the container.
     *
     * @param error what the runtime answered to this call
     * @throws ActionFailedException if none has; it names the container as ended if this very call ended it. A call of an earlier
     *     daemon may still be under way or have ended just now, and the runtime then keeps the message of that one.
     */
    private State startedBefore(ContainerId id, ActionFailedException failure, String error) {
        ContainerStatus status;
        try {
            status = runtime.containerStatus(id);
        } catch (CriException.NotFound _) {
            throw failure;
        }
        if (status.state() == ContainerState.RUNNING) {
            return PodObserver.state(status);
        }
        boolean byThisCall = status.state() == ContainerState.EXITED && error.contains(status.message());
        throw byThisCall ? failure.ending(id) : failure;
    }
}
