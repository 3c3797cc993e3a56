/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.admission.Admission;
import io.jubelet.admission.NodeCapacities;
import io.jubelet.api.ApiServer;
import io.jubelet.api.HealthPort;
import io.jubelet.api.KubeletServer;
import io.jubelet.cgroup.CgroupConflicts;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.ListenerConfig;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.criconfig.ClusterDns;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.desired.ManifestBudget;
import io.jubelet.desired.ManifestDirectory;
import io.jubelet.desired.ManifestNames;
import io.jubelet.desired.ManifestSource;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRecords;
import io.jubelet.logs.LogRotation;
import io.jubelet.mirror.MirrorSource;
import io.jubelet.node.Mounts;
import io.jubelet.node.NodeAddresses;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.RunningKubelets;
import io.jubelet.node.UnfinishedWork;
import io.jubelet.objects.NodeInfo;
import io.jubelet.objects.PodJson;
import io.jubelet.observed.PodLifecycleEventGenerator;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.Relist;
import io.jubelet.observed.RuntimeHealth;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.PodPlanner;
import io.jubelet.plan.RestartBackoff;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.EmptyDirLimits;
import io.jubelet.podfiles.NodeNameStore;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.probe.PodProbes;
import io.jubelet.reconcile.DeadContainerTracker;
import io.jubelet.reconcile.PodWorkers;
import io.jubelet.reconcile.ViewPublisher;
import io.jubelet.reconcile.WorkStatistics;
import io.jubelet.reconcile.WorkerContext;
import io.jubelet.runtime.ConfigVolumes;
import io.jubelet.runtime.ContainerEnvironments;
import io.jubelet.runtime.NodeResolvConf;
import io.jubelet.runtime.NodeStartup;
import io.jubelet.runtime.PodRuntime;
import io.jubelet.status.ConditionTimesStore;
import io.jubelet.status.ImagesInUse;
import io.jubelet.status.StatusStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the daemon that every node has, each connected to those that it uses. Nothing is started here. */
final class Wiring {

    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    private static final Duration HEALTH_REQUEST_TIMEOUT = Duration.ofSeconds(30);

    final DaemonConfig config;
    private final NodeFacts facts;
    final Supplier<List<String>> ips;
    final NodeClock clock;

    final Runtimes runtimes;
    final NodeNames nodes;
    final UnfinishedWork unfinished;
    final ManifestDirectory manifests;
    final PodObserver observer;
    final Relist relist;
    final RuntimeHealth health;
    final PodDirectories directories;
    final PodCgroups cgroups;
    final CgroupConflicts conflicts;
    final NodeStartup startup;
    final LogRotation rotation;
    final EmptyDirLimits limits;
    final EventRecorder events;
    final StatusStore statusStore;
    final ConfigVolumes configVolumes;
    final ImagePuller images;
    private final PullRecords records;
    final PodProbes probes;
    final NodeProfile profile;
    final ClusterHolder cluster = new ClusterHolder();
    final WorkStatistics statistics = new WorkStatistics();
    final MetricsWiring metrics = new MetricsWiring(this);
    final NodeResolvConf resolvConf;
    private final ViewPublisher views;
    final PodWorkers workers;
    final PodLifecycleEventGenerator hints;
    final StreamHandler streams = new StreamHandler(this);
    final ApiServer api;

    Wiring(DaemonConfig config, NodeClock clock, NodeFacts facts, Runtimes runtimes) throws IOException {
        this.config = config;
        this.facts = facts;
        this.clock = clock;
        this.runtimes = runtimes;
        NodeNameStore nodeNames = new NodeNameStore(
                config.node().rootDir(), config.node().manifests().path());
        this.nodes = nodeNames.load(config.node().name(), made -> NodeStartup.nodeNames(runtimes.runtime(), made));
        this.events = new EventRecorder(clock, this::eventsChanged);
        MemoryBudget memory = new MemoryBudget(
                config.resources().maxPods(),
                MemoryBudget.Feature.of(config),
                Runtime.getRuntime().maxMemory());
        memory.warning().ifPresent(LOG::warn);
        this.unfinished = UnfinishedWork.open(config.node().rootDir().resolve("unfinished"), clock);
        this.manifests = new ManifestDirectory(
                new ManifestSource(
                        config.node().manifests().path(),
                        nodes,
                        config.node().manifests().localConfig(),
                        config.node().manifests().anyName() ? ManifestNames.KUBELET : ManifestNames.YAML,
                        config.node().manifests().checkFrequency()),
                config.node().manifestStore(),
                new ManifestBudget(memory.manifests(), unfinished),
                clock,
                events,
                this::manifestsChanged);
        Mounts mounts = new Mounts();
        this.directories = PodDirectories.open(
                config.node().rootDir(), config.runtime().logs().directory(), mounts);
        NodeCapacities capacities = new NodeCapacities(config, facts);
        this.cgroups = CgroupWiring.of(config, facts, capacities, runtimes.runtime(), directories::exists);
        this.conflicts = new CgroupConflicts(cgroups, () -> new RunningKubelets().find(), System::nanoTime);
        this.observer = new PodObserver(runtimes.runtime(), nodes, clock, CgroupWiring.memory(cgroups));
        this.relist = new Relist(runtimes.runtime(), nodes, observer, clock::steady);
        this.health = new RuntimeHealth(config.runtime().endpoint(), relist::lastSuccess, clock);
        this.startup = new NodeStartup(runtimes.runtime(), nodes, nodeNames, directories, cgroups);
        ConditionTimesStore conditionTimes =
                new ConditionTimesStore(directories::conditionTimes, directories::storeConditionTimes);
        this.statusStore = new StatusStore(manifests::current, events, conditionTimes);
        this.limits = new EmptyDirLimits(directories, config.node().rootDir().resolve("evicted"), this::plan, clock);
        this.rotation = new LogRotation(
                runtimes.runtime(),
                directories,
                nodes,
                new LogRotation.Limits(
                        config.runtime().logs().maxSize(),
                        config.runtime().logs().maxFiles()),
                clock);
        this.ips = addresses(config, this::addressesChanged);
        ImageUserCache imageService = new ImageUserCache(runtimes.images());
        this.records = ImageWiring.records(config);
        this.images = ImageWiring.puller(
                config, imageService, records, () -> manifests.current().localConfig(), events, this::plan, clock);
        this.resolvConf = new NodeResolvConf(config.runtime().dns().resolvConf());
        this.profile = new NodeProfile(
                config.node().name(),
                ips,
                new ClusterDns(
                        config.runtime().dns().clusterServers(),
                        config.runtime().dns().clusterDomain()),
                new NodeProfile.Cgroups(
                        config.resources().cgroups().cfsQuotaPeriod(),
                        facts.cgroupV2(),
                        facts.swapLimits(),
                        facts.hugePageSizes(),
                        !config.resources().cgroups().singleProcessOomKill()),
                facts.memoryBytes(),
                facts.thermalThrottlePaths());
        ContainerEnvironments environments = new ContainerEnvironments(
                profile, capacities::allocatable, () -> manifests.current().localConfig(), directories);
        this.configVolumes = new ConfigVolumes(environments, mounts, directories, Threads::startVirtual, events);
        PodRuntime runtime = PodRuntimeWiring.of(this, mounts, imageService, environments);
        this.probes = new PodProbes(
                runtimes.runtime(),
                GrpcProbes::trouble,
                ips,
                this::healthChanged,
                events,
                conditionTimes::health,
                clock);
        this.views = new ViewPublisher(
                statusStore,
                probes::health,
                List.of(
                        view -> configVolumes.watch(view.name(), view.shown(), view.observed()),
                        view -> view.shown().ifPresent(limits::watch),
                        view -> probes.watch(view.shown(), view.observed(), view.terminating())));
        this.workers = new PodWorkers(
                new WorkerContext(
                        new WorkerContext.Inputs(manifests::current, observer, probes::health),
                        new WorkerContext.Decisions(
                                new PodPlanner(
                                        new RestartBackoff(config.runtime().maxRestartPeriod())),
                                new Admission(capacities.nodeAllocatable(), manifests::current, this::plan),
                                new DeadContainerTracker(
                                        new ContainerGcPolicy(
                                                config.runtime()
                                                        .deadContainers()
                                                        .minimumAge(),
                                                config.runtime()
                                                        .deadContainers()
                                                        .perContainer(),
                                                config.runtime()
                                                        .deadContainers()
                                                        .total()),
                                        this::plan)),
                        runtime,
                        views::publish,
                        this::acted,
                        events,
                        clock,
                        statistics),
                config.resources().maxPods(),
                statusStore::retire);
        this.hints = new PodLifecycleEventGenerator(
                runtimes.events(),
                observer,
                relist,
                new PodLifecycleEventGenerator.Listeners(workers::observe, workers::listed, workers::wakeAll),
                PodLifecycleEventGenerator.RelistPeriods.DEFAULT);
        this.api = ApiWiring.of(this, cluster);
    }

    NodeInfo nodeInfo() {
        return new NodeInfo(config.node().name(), ips, version());
    }

    /** Starts the garbage collection of images, unless it is turned off. */
    Optional<Loop> collectImages() {
        return ImageWiring.collecting(
                config, runtimes, records, new ImagesInUse(manifests::current, statusStore), events, clock);
    }

    /** Starts to show the node in its cluster, if it has one. Has no lambda, whose types would be loaded without a cluster. */
    Optional<ClusterWiring> joinCluster() {
        Optional<Path> kubeconfig = config.cluster().kubeconfig();
        if (kubeconfig.isEmpty()) {
            return Optional.empty();
        }
        ClusterWiring joined = ClusterWiring.start(
                config,
                kubeconfig.get(),
                facts,
                ips,
                runtimes,
                new MirrorSource(statusStore, workers::known, new PodJson(nodeInfo()), events),
                clock);
        cluster.join(joined.cluster());
        return Optional.of(joined);
    }

    /** Starts to serve other machines, if a port is configured. */
    Optional<AutoCloseable> listen(Optional<ClusterWiring> joined) {
        if (!config.listeners().kubelet().isOpen()) {
            return Optional.empty();
        }
        KubeletServer.Handlers handlers =
                new KubeletServer.Handlers(config.listeners().access().debugging(), KubeletHandlers.secured(this));
        return Optional.of(ListenerWiring.start(config, ips, joined.map(ClusterWiring::api), api, handlers, clock));
    }

    /** Starts to serve health and pods to everyone, if a port for that is configured. */
    Optional<AutoCloseable> listenReadOnly() {
        ListenerConfig.Endpoint endpoint = config.listeners().readOnly();
        if (!endpoint.isOpen()) {
            return Optional.empty();
        }
        KubeletServer server = KubeletServer.readOnly(
                new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port()),
                ListenerWiring.REQUEST_TIMEOUT,
                api,
                metrics.byPath());
        server.start();
        return Optional.of(server);
    }

    /** Serves the health of the daemon on a port, if one is configured. */
    Optional<AutoCloseable> serveHealth() {
        ListenerConfig.Endpoint endpoint = config.listeners().health();
        if (!endpoint.isOpen()) {
            return Optional.empty();
        }
        HealthPort port = new HealthPort(
                new InetSocketAddress(InetAddress.ofLiteral(endpoint.address()), endpoint.port()),
                HEALTH_REQUEST_TIMEOUT,
                health::notReady);
        port.start();
        return Optional.of(port);
    }

    /** Serves a Kubernetes API of this node, if an address is configured. Has no lambda, as {@link #joinCluster}. */
    Optional<AutoCloseable> serveKubernetesApi() throws IOException {
        if (!config.listeners().kubernetes().isOpen()) {
            return Optional.empty();
        }
        return Optional.of(KubernetesApiWiring.start(this, facts));
    }

    /** Serves metrics on a port of this machine, if one is configured. */
    Optional<AutoCloseable> serveMetrics() {
        ListenerConfig.Endpoint endpoint = config.listeners().metrics();
        return endpoint.isOpen() ? Optional.of(metrics.listen(endpoint)) : Optional.empty();
    }

    /** Publishes the readiness of a pod at once, because its worker might be busy for long. */
    private void healthChanged(PodName name) {
        views.healthChanged(name);
        workers.plan(name);
    }

    void plan(PodName name) {
        workers.plan(name);
    }

    private void acted() {
        hints.requestRelist();
    }

    private void eventsChanged() {
        statusStore.eventsChanged();
        cluster.eventsChanged();
    }

    private static Supplier<List<String>> addresses(DaemonConfig config, Runnable changed) {
        List<InetAddress> given = config.node().addresses();
        if (given.isEmpty()) {
            return NodeAddresses.ofHost(changed);
        }
        List<String> fixed = given.stream().map(NodeFacts::text).toList();
        return () -> fixed;
    }

    /** Shows the new addresses in statuses and mirror pods. */
    private void addressesChanged() {
        statusStore.manifestsChanged();
    }

    private void manifestsChanged() {
        statusStore.manifestsChanged();
        workers.desiredChanged();
        configVolumes.changed();
    }

    static String version() {
        String version = Daemon.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
