package io.jubelet.runtime;

import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.BackgroundTask;
import io.jubelet.concurrent.CancellationToken;
import io.jubelet.confinement.Confinement;
import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.RuntimeService;
import io.jubelet.criconfig.ContainerConfigs;
import io.jubelet.criconfig.Environment;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.criconfig.ReadOnlyMounts;
import io.jubelet.criconfig.SandboxAddresses;
import io.jubelet.criconfig.SandboxConfigs;
import io.jubelet.images.ImagePuller;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.observed.PodObserver;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.plan.PodAction.StartCreated;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodAddresses;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.HostsFile;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes and starts containers, after their volumes and files. */
final class ContainerStarter {

    private static final String CONFIG_ERROR = "CreateContainerConfigError";
    private static final String CREATE_ERROR = "CreateContainerError";
    private static final String RUN_ERROR = "RunContainerError";
    private static final String POST_START_ERROR = "PostStartHookError";

    private final RuntimeService runtime;
    private final PodDirectories directories;
    private final ContainerFiles files;
    private final Supplier<LocalConfig> config;
    private final ImagePuller images;
    private final NodeProfile node;
    private final Confinement confinement;
    private final PodCgroups cgroups;
    private final StartLimiter heavyCalls;
    private final Hooks hooks;
    private final BackgroundTask.Starter beside;
    private final InstantSource clock;

    ContainerStarter(
            RuntimeService runtime,
            PodDirectories directories,
            ContainerFiles files,
            Supplier<LocalConfig> config,
            ImagePuller images,
            NodeProfile node,
            Confinement confinement,
            PodCgroups cgroups,
            StartLimiter heavyCalls,
            Hooks hooks,
            BackgroundTask.Starter beside,
            InstantSource clock) {
        this.runtime = runtime;
        this.directories = directories;
        this.files = files;
        this.config = config;
        this.images = images;
        this.node = node;
        this.confinement = confinement;
        this.cgroups = cgroups;
        this.heavyCalls = heavyCalls;
        this.hooks = hooks;
        this.beside = beside;
        this.clock = clock;
    }

    ObservedPod start(StartContainer action, ObservedPod before, CancellationToken mandate) {
        Pod pod = action.pod();
        ContainerSpec spec = spec(pod, action.container());
        ensureCgroup(pod);
        Optional<SandboxAddresses> asked = askForAddresses(action, before);
        // Only who is told the addresses in its environment has to wait for them first.
        boolean first = asked.isPresent() && Environment.needsAddresses(spec);
        ObservedPod seen = first ? withAddresses(action, asked.get(), before) : before;
        ContainerFiles.Made made = made(action, spec, seen);
        Map<String, String> env = environment(action, spec, seen);
        ContainerConfigs.Instance instance = prepared(action, spec, made, env);
        ContainerConfig config = confined(pod, spec, ContainerConfigs.of(pod, spec, instance, env, node));
        ObservedPod after = heavyCalls.run("CreateContainer", () -> {
            ContainerId id = create(action, config, seen);
            ObservedPod known = asked.isEmpty() || first ? seen : withAddresses(action, asked.get(), seen);
            ObservedContainer created = new ObservedContainer(
                    id,
                    action.sandbox(),
                    pod.uid(),
                    action.container(),
                    action.attempt(),
                    new State.Created(),
                    images.reference(action.imageId()),
                    clock.instant(),
                    action.backoff(),
                    action.round());
            return known.with(created.in(started(id)));
        });
        after.newest(pod.uid(), spec.name()).ifPresent(c -> directories.link(pod, c.name(), c.attempt(), c.id()));
        postStart(pod, spec, after, mandate);
        return after;
    }

    /** What is refused may be another image's fault by now: the next try looks at it anew. */
    private ContainerConfig confined(Pod pod, ContainerSpec spec, ContainerConfig plain) {
        try {
            return confinement.of(pod, spec, plain);
        } catch (ActionFailedException e) {
            images.doubt(spec.image());
            throw e;
        }
    }

    /** That of a sandbox which an earlier daemon made may not be there, or have other limits. */
    private void ensureCgroup(Pod pod) {
        try {
            cgroups.ensure(pod);
        } catch (IOException e) {
            throw PodCgroupFailure.of(e);
        }
    }

    ObservedPod start(StartCreated action, ObservedPod before, CancellationToken mandate) {
        Optional<ObservedContainer> created = before.containers().stream()
                .filter(c -> c.id().equals(action.id()))
                .findFirst();
        State state = heavyCalls.run("StartContainer", () -> started(action.id()));
        ObservedPod after = created.map(c -> before.with(c.in(state))).orElse(before);
        created.ifPresent(c -> directories.link(action.pod(), c.name(), c.attempt(), c.id()));
        postStart(action.pod(), spec(action.pod(), action.container()), after, mandate);
        return after;
    }

    /** A container whose postStart hook fails is stopped, and has not been started as far as its pod is concerned. */
    private void postStart(Pod pod, ContainerSpec spec, ObservedPod started, CancellationToken mandate) {
        if (spec.hooks().postStart().isEmpty()) {
            return;
        }
        ObservedContainer container = started.newest(pod.uid(), spec.name()).orElseThrow();
        Optional<String> failure = hooks.postStart(pod, spec, container, started, mandate);
        if (failure.isPresent()) {
            hooks.stop(pod, container, started);
            throw new ActionFailedException(POST_START_ERROR, failure.get(), null);
        }
    }

    private static ContainerSpec spec(Pod pod, String name) {
        return pod.spec()
                .container(name)
                .orElseThrow(() -> new IllegalArgumentException("no container " + name + " in " + pod.name()));
    }

    // --- addresses

    private Optional<SandboxAddresses> askForAddresses(StartContainer action, ObservedPod before) {
        boolean known = action.pod().spec().hostNetwork()
                || before.sandboxes().stream()
                        .anyMatch(
                                s -> s.id().equals(action.sandbox()) && !s.ips().isEmpty());
        return known ? Optional.empty() : Optional.of(SandboxAddresses.ask(runtime, action.sandbox(), beside));
    }

    /** The hosts file was mounted without them; nothing runs yet that could have read it. */
    private ObservedPod withAddresses(StartContainer action, SandboxAddresses asked, ObservedPod before) {
        List<String> addresses = PodAddresses.ordered(asked.await(), node.ips());
        try {
            directories
                    .mountedFiles()
                    .writeHosts(
                            action.pod().uid(),
                            HostsFile.of(action.pod(), addresses, node.names().clusterDomain()));
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, ContainerFiles.words(e), e);
        }
        return before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .findFirst()
                .map(sandbox -> before.with(
                        sandbox.at(addresses).madeAt(asked.createdAt().orElse(sandbox.createdAt()))))
                .orElse(before);
    }

    // --- files

    private ContainerFiles.Made made(StartContainer action, ContainerSpec spec, ObservedPod before) {
        try {
            return files.make(action, spec, before);
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, ContainerFiles.words(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled("CreateContainer", "interrupted while volumes were set up", e);
        }
    }

    private ContainerConfigs.Instance prepared(
            StartContainer action, ContainerSpec spec, ContainerFiles.Made made, Map<String, String> env) {
        try {
            return new ContainerConfigs.Instance(
                    action.attempt(),
                    action.backoff(),
                    action.round(),
                    action.imageId(),
                    action.mounted(),
                    files.parts(action.pod(), spec, made, env),
                    ReadOnlyMounts.recursive(spec, () -> confinement.recursiveReadOnly(action.pod())),
                    Optional.of(made.hosts()),
                    made.terminationLog());
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, ContainerFiles.words(e), e);
        }
    }

    private Map<String, String> environment(StartContainer action, ContainerSpec spec, ObservedPod before) {
        Pod pod = action.pod();
        try {
            List<String> ips = pod.spec().hostNetwork()
                    ? node.ips()
                    : PodAddresses.ordered(ContainerFiles.addresses(action, before), node.ips());
            return EnvExpansion.resolve(
                    spec.envFrom(), spec.env(), new Environment(pod, spec, ips, node, directories, config.get()));
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, ContainerFiles.words(e), e);
        }
    }

    // --- calls

    private ContainerId create(StartContainer action, ContainerConfig config, ObservedPod before) {
        int sandboxAttempt = before.sandboxes().stream()
                .filter(sandbox -> sandbox.id().equals(action.sandbox()))
                .mapToInt(ObservedSandbox::attempt)
                .findFirst()
                .orElse(0);
        PodSandboxConfig sandboxConfig =
                confinement.of(action.pod(), SandboxConfigs.of(action.pod(), sandboxAttempt, clock.instant(), node));
        try {
            return runtime.createContainer(action.sandbox(), config, sandboxConfig);
        } catch (CriException.AlreadyExists e) {
            return adopt(action, e);
        } catch (CriException.Rejected | CriException.Failed | CriException.NotFound | CriException.Unimplemented e) {
            images.doubt(config.image().userSpecifiedImage());
            action.mounted().keySet().forEach(images::doubt);
            throw new ActionFailedException(CREATE_ERROR, RuntimeMessages.of(e), e);
        }
    }

    /** The answer to an earlier call was lost: its container is taken if it is there, else waited for. */
    private ContainerId adopt(StartContainer action, CriException.AlreadyExists refused) {
        return runtime.listContainers(ContainerFilter.sandbox(action.sandbox())).stream()
                .filter(c -> c.metadata().name().equals(action.container())
                        && c.metadata().attempt() == action.attempt())
                .findFirst()
                .map(Container::id)
                .orElseThrow(() -> new ActionFailedException(
                        CREATE_ERROR, "an earlier attempt is not over yet: " + RuntimeMessages.of(refused), refused));
    }

    /** Starts it; one that was started before, by a call whose answer was lost, is as it is. */
    private State started(ContainerId id) {
        Instant asked = clock.instant();
        try {
            runtime.startContainer(id);
            Instant answered = clock.instant();
            // Where it is not certain in which second it was started, the beginning of one tells the observer to ask.
            return new State.Running(
                    answered.getEpochSecond() == asked.getEpochSecond()
                            ? answered
                            : answered.truncatedTo(ChronoUnit.SECONDS));
        } catch (CriException.Rejected
                | CriException.Failed
                | CriException.NotFound
                | CriException.AlreadyExists
                | CriException.Unimplemented e) {
            return startedBefore(id).orElseThrow(() -> new ActionFailedException(RUN_ERROR, RuntimeMessages.of(e), e));
        }
    }

    private Optional<State> startedBefore(ContainerId id) {
        try {
            State state = PodObserver.state(runtime.containerStatus(id));
            return Optional.of(state).filter(State.Running.class::isInstance);
        } catch (CriException.NotFound _) {
            return Optional.empty();
        }
    }
}
