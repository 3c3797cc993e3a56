package io.jubelet;

import io.jubelet.api.ApiServer;
import io.jubelet.api.NodeInfo;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.Threads;
import io.jubelet.config.KubeletConfigurationFile;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.grpc.GrpcHealthCheck;
import io.jubelet.desired.ManifestDirectory;
import io.jubelet.desired.ManifestFile;
import io.jubelet.events.Events;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.ResolvConf;
import io.jubelet.node.SystemdNotify;
import io.jubelet.observed.Labels;
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
import io.jubelet.runtime.ContainerLogs;
import io.jubelet.runtime.Hooks;
import io.jubelet.runtime.ImagePuller;
import io.jubelet.runtime.LogRotation;
import io.jubelet.runtime.NodeProfile;
import io.jubelet.runtime.PodDirectories;
import io.jubelet.runtime.PodRuntime;
import io.jubelet.runtime.WarmUp;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusBoard;
import io.jubelet.status.TransitionMemory;
import io.jubelet.status.Transitions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes everything, starts it in the order of the flow, stops it in reverse. Decides nothing about
 * pods.
 */
public final class Daemon implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    /** What a container runtime takes side by side before it only gets slower; measured with the benchmark. */
    private static final int PARALLEL_STARTS = 4;

    private static final int PARALLEL_PULLS = 8;
    private static final Duration WORKERS_END = Duration.ofSeconds(5);
    private static final Duration API_PATIENCE = Duration.ofSeconds(30);

    /** The kubelet calls its PLEG unhealthy after the same time. */
    private static final Duration RUNTIME_SILENCE = Duration.ofMinutes(3);

    private final DaemonConfig config;
    private final InstantSource clock = InstantSource.system();
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private Daemon(DaemonConfig config) {
        this.config = config;
    }

    /**
     * Runs the daemon until the process is told to end. Pods live on.
     *
     * @return the exit code
     */
    public static int run(RunOptions options) {
        Optional<DaemonConfig> config = configure(options);
        if (config.isEmpty()) {
            return 1;
        }
        SystemdNotify systemd =
                SystemdNotify.from(System.getenv(), ProcessHandle.current().pid());
        Daemon daemon = new Daemon(config.get());
        CountDownLatch end = new CountDownLatch(1);
        try {
            daemon.start(systemd);
        } catch (IOException e) {
            LOG.error("cannot start: {}", FileProblem.of(e));
            if (e instanceof AccessDeniedException) {
                LOG.error("run it as root, or choose directories of your own: jubelet run --help has an example");
            }
            daemon.close();
            return 1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            daemon.close();
            return 1;
        }
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    systemd.stopping();
                    daemon.close();
                    end.countDown();
                    // The hook runs because of a signal, after which the JVM would not exit with 0.
                    Runtime.getRuntime().halt(0);
                }));
        try {
            end.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    private static Optional<DaemonConfig> configure(RunOptions options) {
        try {
            Optional<KubeletConfigurationFile> file = Optional.empty();
            if (options.config().isPresent()) {
                file = Optional.of(
                        KubeletConfigurationFile.read(options.config().get()));
                Path path = file.get().path();
                file.get().warnings().forEach(w -> LOG.warn("{}:{}", path, w));
                file.get().errors().forEach(e -> LOG.error("{}:{}", path, e));
                if (!file.get().errors().isEmpty()) {
                    return Optional.empty();
                }
            }
            return Optional.of(DaemonConfig.of(options, file, NodeFacts.readHostName()));
        } catch (IOException e) {
            LOG.error("the configuration cannot be read: {}", FileProblem.of(e));
        } catch (IllegalArgumentException e) {
            LOG.error("the configuration is wrong: {}", e.getMessage());
        }
        return Optional.empty();
    }

    private void start(SystemdNotify systemd) throws IOException, InterruptedException {
        if (config.kubeconfig().isPresent()) {
            LOG.warn("--kubeconfig is accepted and has no effect yet: this version runs pods without an API server");
        }
        NodeFacts facts = NodeFacts.read();
        Runtimes runtimes = opened(Runtimes.open(config));
        Wiring wiring = new Wiring(facts, runtimes);
        // First, for there can only be one daemon on a socket.
        opened(wiring.api).start();
        wiring.manifests.start();
        started.push(wiring.manifests);
        opened(wiring.probes);
        boolean adopted = adopt(wiring);
        wiring.workers.desiredChanged();
        started.push(() -> wiring.workers.stop(WORKERS_END));
        opened(RuntimeHints.start(
                runtimes.events(),
                wiring.observer,
                wiring.relist,
                new RuntimeHints.Listeners(wiring.workers::wake, wiring.workers::adopt, wiring.workers::wakeAll),
                RuntimeHints.Pace.DEFAULT));
        opened(wiring.rotation.start(config.logMonitorInterval(), wiring::runningContainers));
        Optional<Loop> watchdog = systemd.keepAlive(() -> wiring.health().isEmpty());
        watchdog.ifPresent(this::opened);
        LOG.info(
                "node={} manifests={} runtime={} pods={}",
                config.nodeName(),
                config.manifestPath(),
                config.runtimeEndpoint(),
                wiring.manifests.current().pods().size());
        opened(WarmUp.start(runtimes.runtime()));
        systemd.ready(adopted ? "keeping the pods of " + config.manifestPath() : "waiting for the runtime");
    }

    /** Finds the pods of ours that run already, and forgets the directories of those that are no more. */
    private boolean adopt(Wiring wiring) throws InterruptedException {
        try {
            wiring.workers.adopt(wiring.relist.relist());
            Set<String> known = new HashSet<>();
            for (PodSandbox sandbox : wiring.runtimes
                    .runtime()
                    .listPodSandboxes(PodSandboxFilter.labels(Labels.ofNode(config.nodeName())))) {
                known.add(sandbox.metadata().uid());
            }
            wiring.manifests.current().pods().values().forEach(pod -> known.add(pod.uid()));
            for (String uid : wiring.directories.removeUnknown(known)) {
                LOG.info("removed what was left of pod version {}", uid);
            }
            return true;
        } catch (CriException e) {
            LOG.warn("the runtime at {} does not answer yet: {}", config.runtimeEndpoint(), e.getMessage());
        } catch (IOException e) {
            LOG.warn("directories of earlier pods cannot be removed: {}", FileProblem.of(e));
        }
        return false;
    }

    private <T extends AutoCloseable> T opened(T part) {
        started.push(part);
        return part;
    }

    /** Stops what was started, in reverse. */
    @Override
    public void close() {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("a part of the daemon did not end well", e);
            }
        }
        LOG.info("stopped; pods run on");
    }

    /** The parts and who knows whom. */
    private final class Wiring {

        private final Runtimes runtimes;
        private final ManifestDirectory manifests;
        private final PodObserver observer;
        private final Relist relist;
        private final PodDirectories directories;
        private final LogRotation rotation;
        private final Events events;
        private final StatusBoard board;
        private final PodProbes probes;
        private final PodWorkers workers;
        private final ApiServer api;

        Wiring(NodeFacts facts, Runtimes runtimes) throws IOException {
            this.runtimes = runtimes;
            this.manifests = new ManifestDirectory(
                    config.manifestPath(),
                    config.manifestStore(),
                    config.nodeName(),
                    config.fileCheckFrequency(),
                    clock,
                    this::manifestsChanged);
            this.events = new Events(clock, this::eventsChanged);
            this.observer = new PodObserver(runtimes.runtime(), config.nodeName(), clock);
            this.relist = new Relist(runtimes.runtime(), config.nodeName(), clock);
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
            ImagePuller images = new ImagePuller(
                    runtimes.images(),
                    config.maxParallelPulls() > 0 ? config.maxParallelPulls() : PARALLEL_PULLS,
                    Threads::startVirtual,
                    this::wake,
                    clock);
            PodRuntime runtime = new PodRuntime(
                    runtimes.runtime(),
                    images,
                    directories,
                    mounts,
                    NodeProfile.of(
                            config.nodeName(),
                            config.podLogsDir(),
                            facts,
                            Daemon::resolvConf,
                            config.cpuCfsQuota() ? Optional.of(config.cpuCfsQuotaPeriod()) : Optional.empty(),
                            ips,
                            config.rootDir()),
                    PARALLEL_STARTS,
                    Threads::startVirtual,
                    new Hooks(runtimes.runtime(), ips, this::wanted, Threads::startVirtual, events, clock),
                    this::parse,
                    clock);
            this.probes = new PodProbes(
                    runtimes.runtime(), Daemon::grpcTrouble, ips, this::healthChanged, events, this::wasReady, clock);
            this.workers = new PodWorkers(
                    manifests::current,
                    observer,
                    probes::health,
                    new PodPlanner(new RestartBackoff(config.maxRestartBackoff())),
                    runtime,
                    this::publish,
                    board::retire,
                    events,
                    clock);
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

        private void eventsChanged() {
            board.eventsChanged();
        }

        private void manifestsChanged() {
            board.manifestsChanged();
            workers.desiredChanged();
        }

        private Pod parse(String document, String source) {
            return ManifestFile.recall(document, source, config.nodeName())
                    .orElseThrow(() -> new IllegalArgumentException("not a pod any more"));
        }

        private List<LogRotation.RunningContainer> runningContainers() {
            List<LogRotation.RunningContainer> running = new ArrayList<>();
            for (PodReport report : board.snapshot().pods()) {
                for (ObservedContainer c : report.view().observed().containers()) {
                    if (c.state() instanceof ObservedContainer.State.Running) {
                        running.add(new LogRotation.RunningContainer(
                                c.id(), report.name(), c.uid(), c.name(), c.attempt()));
                    }
                }
            }
            return running;
        }

        private Optional<String> health() {
            Instant oldest = clock.instant().minus(RUNTIME_SILENCE);
            return relist.lastSuccess()
                    .filter(oldest::isAfter)
                    .map(last -> "the runtime has not answered since " + last);
        }
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

    private static ResolvConf resolvConf() {
        try {
            return ResolvConf.read(Path.of("/etc/resolv.conf"));
        } catch (IOException e) {
            throw new ActionFailedException("FailedCreatePodSandBox", "/etc/resolv.conf cannot be read: " + e, e);
        }
    }

    private static String version() {
        String version = Daemon.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
