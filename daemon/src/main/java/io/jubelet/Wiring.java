package io.jubelet;

import io.jubelet.api.ApiServer;
import io.jubelet.api.NodeInfo;
import io.jubelet.concurrent.Threads;
import io.jubelet.confinement.Confinement;
import io.jubelet.confinement.ImageUsers;
import io.jubelet.cri.grpc.GrpcHealthCheck;
import io.jubelet.desired.ManifestDirectory;
import io.jubelet.desired.ManifestFile;
import io.jubelet.events.Events;
import io.jubelet.images.ImagePuller;
import io.jubelet.node.KernelSecurity;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.ResolvConf;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.Relist;
import io.jubelet.observed.RuntimeHints;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.probe.PodProbes;
import io.jubelet.reconcile.ActionFailedException;
import io.jubelet.reconcile.PodLifecycle;
import io.jubelet.reconcile.PodPlanner;
import io.jubelet.reconcile.PodView;
import io.jubelet.reconcile.PodWorkers;
import io.jubelet.reconcile.RestartBackoff;
import io.jubelet.runtime.ConfigVolumes;
import io.jubelet.runtime.ContainerLogs;
import io.jubelet.runtime.Hooks;
import io.jubelet.runtime.LogRotation;
import io.jubelet.runtime.NameResolution;
import io.jubelet.runtime.NodeProfile;
import io.jubelet.runtime.PodDirectories;
import io.jubelet.runtime.PodRuntime;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusBoard;
import io.jubelet.status.TransitionMemory;
import io.jubelet.status.Transitions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the parts of the daemon and tells each whom it knows. Nothing is started here. */
final class Wiring {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** What a container runtime takes side by side before it only gets slower; measured with the benchmark. */
    private static final int PARALLEL_STARTS = 4;

    private static final int PARALLEL_PULLS = 8;
    private static final Duration API_PATIENCE = Duration.ofSeconds(30);

    /** The kubelet calls its PLEG unhealthy after the same time. */
    private static final Duration RUNTIME_SILENCE = Duration.ofMinutes(3);

    private final DaemonConfig config;
    private final InstantSource clock;

    final Runtimes runtimes;
    final ManifestDirectory manifests;
    final PodObserver observer;
    final Relist relist;
    final PodDirectories directories;
    final LogRotation rotation;
    private final Events events;
    private final StatusBoard board;
    final ConfigVolumes configVolumes;
    final PodProbes probes;
    final PodWorkers workers;
    final RuntimeHints hints;
    final ApiServer api;

    Wiring(DaemonConfig config, InstantSource clock, NodeFacts facts, Runtimes runtimes) throws IOException {
        this.config = config;
        this.clock = clock;
        this.runtimes = runtimes;
        this.manifests = new ManifestDirectory(
                config.manifestPath(),
                config.manifestStore(),
                config.nodeName(),
                config.localConfig(),
                config.fileCheckFrequency(),
                clock,
                this::manifestsChanged);
        this.events = new Events(clock, this::eventsChanged);
        this.observer = new PodObserver(runtimes.runtime(), config.nodeName(), clock);
        this.relist = new Relist(runtimes.runtime(), config.nodeName(), observer, clock);
        Mounts mounts = new Mounts();
        this.directories = PodDirectories.open(config.rootDir(), config.podLogsDir(), mounts);
        this.board = new StatusBoard(
                manifests::current, events, new TransitionMemory(this::conditionTimes, this::keepConditionTimes));
        this.rotation = new LogRotation(
                runtimes.runtime(),
                directories,
                config.nodeName(),
                new LogRotation.Limits(config.logMaxSize(), config.logMaxFiles()),
                clock);
        List<String> ips = config.nodeIps().isEmpty()
                ? facts.ips()
                : config.nodeIps().stream().map(InetAddress::getHostAddress).toList();
        ContainerLogs logs = new ContainerLogs(directories);
        ImageUsers imageService = new ImageUsers(runtimes.images());
        ImagePuller images = new ImagePuller(
                imageService,
                config.maxParallelPulls() > 0 ? config.maxParallelPulls() : PARALLEL_PULLS,
                Threads::startVirtual,
                this::wake,
                clock);
        NodeProfile profile = NodeProfile.of(
                config.nodeName(),
                config.podLogsDir(),
                facts,
                new NameResolution(
                        () -> config.resolvConf().map(Wiring::resolvConf), config.clusterDns(), config.clusterDomain()),
                config.cpuCfsQuota() ? Optional.of(config.cpuCfsQuotaPeriod()) : Optional.empty(),
                ips,
                config.rootDir(),
                new NodeProfile.Cgroups(facts.hugePageSizes(), true, _ -> ""));
        this.configVolumes = new ConfigVolumes(
                () -> manifests.current().localConfig(), mounts, directories, profile, Threads::startVirtual, events);
        PodRuntime runtime = new PodRuntime(
                runtimes.runtime(),
                images,
                directories,
                mounts,
                configVolumes,
                profile,
                new Confinement(
                        config.confinement(),
                        runtimes.runtime(),
                        imageService,
                        runtimes::incarnation,
                        new KernelSecurity()),
                PARALLEL_STARTS,
                Threads::startVirtual,
                new Hooks(runtimes.runtime(), ips, this::wanted, Threads::startVirtual, events, clock),
                this::parse,
                events,
                clock);
        this.probes = new PodProbes(
                runtimes.runtime(), Wiring::grpcTrouble, ips, this::healthChanged, events, this::wasReady, clock);
        this.workers = new PodWorkers(
                manifests::current,
                observer,
                this::acted,
                probes::health,
                new PodPlanner(new RestartBackoff(config.maxRestartBackoff())),
                runtime,
                this::publish,
                board::retire,
                events,
                clock);
        this.hints = new RuntimeHints(
                runtimes.events(),
                observer,
                relist,
                new RuntimeHints.Listeners(workers::wake, workers::adopt, workers::wakeAll),
                RuntimeHints.Pace.DEFAULT);
        this.api = new ApiServer(
                config.apiSocket(),
                Optional.empty(),
                API_PATIENCE,
                board,
                new NodeInfo(config.nodeName(), ips, version()),
                this::health,
                (request, live, out) -> logs.copy(
                        new ContainerLogs.Instance(
                                request.pod(),
                                request.fullName(),
                                request.uid(),
                                request.container(),
                                request.attempt()),
                        new ContainerLogs.Options(request.follow(), request.tailLines(), request.timestamps()),
                        live,
                        out));
    }

    private void publish(PodView view) {
        board.publish(view);
        boolean ending = view.lifecycle() instanceof PodLifecycle.Terminating;
        configVolumes.watch(view.name(), view.shown(), view.observed());
        probes.watch(view.shown(), view.observed(), ending);
        if (!view.health().equals(probes.health(view.observed()))) {
            board.healthChanged(view.name(), probes::health); // while it was being published
        }
    }

    /** A worker may be busy for long, and whether its pod is ready is of interest meanwhile. */
    private void healthChanged(PodName name) {
        board.healthChanged(name, probes::health);
        workers.wake(name);
    }

    private Optional<Pod> wanted(PodName name) {
        return manifests.current().pod(name);
    }

    private void wake(PodName name) {
        workers.wake(name);
    }

    private Optional<String> conditionTimes(String uid) {
        try {
            return directories.conditionTimes(uid);
        } catch (IOException e) {
            LOG.warn("the times of conditions of pod version {} cannot be read: {}", uid, FileProblem.of(e));
            return Optional.empty();
        }
    }

    private boolean wasReady(String uid) {
        return conditionTimes(uid)
                .flatMap(Transitions::parse)
                .filter(Transitions::wasReady)
                .isPresent();
    }

    private void keepConditionTimes(String uid, String text) {
        try {
            directories.keepConditionTimes(uid, text);
        } catch (IOException e) {
            LOG.warn("the times of conditions of pod version {} are not kept: {}", uid, FileProblem.of(e));
        }
    }

    private void acted() {
        hints.verify();
    }

    private void eventsChanged() {
        board.eventsChanged();
    }

    private void manifestsChanged() {
        board.manifestsChanged();
        workers.desiredChanged();
        configVolumes.changed();
    }

    private Pod parse(String document, String source) {
        return ManifestFile.recall(document, source, config.nodeName(), config.localConfig())
                .orElseThrow(() -> new IllegalArgumentException("not a pod any more"));
    }

    /** All containers that run. */
    List<LogRotation.RunningContainer> runningContainers() {
        List<LogRotation.RunningContainer> running = new ArrayList<>();
        for (PodReport report : board.snapshot().pods()) {
            for (ObservedContainer c : report.view().observed().containers()) {
                if (c.state() instanceof ObservedContainer.State.Running) {
                    running.add(
                            new LogRotation.RunningContainer(c.id(), report.name(), c.uid(), c.name(), c.attempt()));
                }
            }
        }
        return running;
    }

    /** What is wrong with the daemon; empty when it is well. */
    Optional<String> health() {
        Instant oldest = clock.instant().minus(RUNTIME_SILENCE);
        return relist.lastSuccess().filter(oldest::isAfter).map(last -> "the runtime has not answered since " + last);
    }

    private static String grpcTrouble(String host, int port, String service, Duration timeout) {
        return GrpcQuestions.ASKED
                .check(new InetSocketAddress(host, port), service, timeout)
                .message();
    }

    /** Made by the first grpc probe. */
    private static final class GrpcQuestions {
        private static final GrpcHealthCheck ASKED = new GrpcHealthCheck(PodProbes.USER_AGENT);
    }

    private static ResolvConf resolvConf(Path file) {
        try {
            return ResolvConf.read(file);
        } catch (IOException e) {
            throw new ActionFailedException("FailedCreatePodSandBox", file + " cannot be read: " + e, e);
        }
    }

    private static String version() {
        String version = Daemon.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
