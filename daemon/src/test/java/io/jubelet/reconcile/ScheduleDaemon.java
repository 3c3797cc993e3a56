/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.admission.Admission;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.confinement.ImageUserCache;
import io.jubelet.credentials.CredentialSources;
import io.jubelet.credentials.DockerConfigFiles;
import io.jubelet.cri.CriException;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.EventRecorder;
import io.jubelet.images.ImagePuller;
import io.jubelet.images.PullRateLimiter;
import io.jubelet.images.PullRecords;
import io.jubelet.images.RegistryPuller;
import io.jubelet.node.Mounts;
import io.jubelet.observed.PodObserver;
import io.jubelet.observed.Relist;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.ContainerGcPolicy;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodPlanner;
import io.jubelet.plan.RestartBackoff;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.NodeNameStore;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.runtime.NodeStartup;
import io.jubelet.runtime.PodRuntime;
import io.jubelet.runtime.PodRuntimeBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What dies with kill -9: real workers, observer and executor. Each turn and each background task is an actor. */
final class ScheduleDaemon {

    /** No fewer than there are images: an actor that waits for another one would block the schedule. */
    private static final int PULLS_AT_ONCE = 10;

    private final ScheduleWorld world;
    private final Map<PodName, PodWorker> workers = new TreeMap<>();
    private final Map<PodName, Instant> due = new HashMap<>();
    private final Set<PodName> busy = new HashSet<>();
    /** Why each pod waited when last seen, for messages. */
    final Map<PodName, String> rejections = new TreeMap<>();

    private final NodeNameStore names;
    private final NodeNames nodes;
    private final PodDirectories directories;
    private final PodObserver observer;
    private final WorkerContext context;
    private final Admission admission;
    final ScheduleProbes probes;
    final ScheduleHooks hooks;

    ScheduleDaemon(ScheduleWorld world) {
        this.world = world;
        this.probes = new ScheduleProbes(world);
        this.hooks = new ScheduleHooks(world);
        Path root = world.files.onDisk("root");
        this.names = new NodeNameStore(root, Path.of("/manifests"));
        try {
            this.nodes =
                    names.load(world.hostName, made -> NodeStartup.nodeNames(world.runtime.runtimeService(), made));
            this.directories = PodDirectories.open(root, world.files.onDisk("logs"), new Mounts());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        world.named(nodes);
        this.observer = new PodObserver(world.runtime.runtimeService(), nodes, world.clock);
        this.admission = new Admission(
                world.shares.offer(nodes.current()),
                () -> new DesiredPods(world.wanted, List.of()),
                name -> due.replace(name, world.time.instant()));
        context = new WorkerContext(
                new WorkerContext.Inputs(() -> new DesiredPods(world.wanted, List.of()), observer, probes::health),
                new WorkerContext.Decisions(
                        new PodPlanner(new RestartBackoff(RestartBackoff.DEFAULT_MAX)),
                        admission,
                        new DeadContainerTracker(ContainerGcPolicy.DEFAULT, _ -> {})),
                executor(),
                this::published,
                () -> {},
                new EventRecorder(world.clock, () -> {}),
                world.clock);
    }

    private void published(PodView view) {
        rejections.put(
                view.name(),
                view.plan().rejection().map(AdmissionRejection::message).orElse("not rejected"));
        view.inProgress()
                .map(PodView.InProgress::action)
                .filter(PodAction.StopContainers.class::isInstance)
                .ifPresent(stop -> world.order.stops(
                        view.name(), world.time.instant().plus(((PodAction.StopContainers) stop).gracePeriod())));
        view.runtimeProblem()
                .filter(problem -> problem.startsWith("internal error"))
                .ifPresent(world::violated);
    }

    private PodRuntime executor() {
        ImageUserCache imageService = new ImageUserCache(world.runtime.imageService());
        ImagePuller images = new ImagePuller(
                imageService,
                new RegistryPuller(
                        imageService,
                        new CredentialSources(DockerConfigFiles.NONE, List.of()),
                        PULLS_AT_ONCE,
                        new PullRateLimiter(0, 1),
                        world.time),
                new PullRecords(world.directory.resolve("image_manager"), (_, ours) -> ours),
                () -> LocalConfig.NONE,
                new EventRecorder(world.clock, () -> {}),
                world.scheduler::start,
                name -> due.replace(name, world.time.instant()),
                world.clock);
        return new PodRuntimeBuilder(
                        world.runtime.runtimeService(), imageService, images, directories, world.files.onDisk("root"))
                .threads(hooks::start, (name, _) -> {
                    throw new IllegalStateException("no pod has a volume of a ConfigMap: " + name);
                })
                .startLimit(100)
                .clock(world.clock)
                .wake(name -> due.replace(name, world.time.instant()))
                .names(nodes)
                .build((document, _) -> world.everWanted.get(document));
    }

    /** Finds what runs, as the PLEG does: again and again until the runtime answers. */
    void begin() {
        Relist relist = new Relist(world.runtime.runtimeService(), nodes, observer, world.time);
        boolean answered = false;
        while (!answered) {
            try {
                Set<PodName> present = relist.relist();
                admission.listed(present);
                present.forEach(this::ensure);
                answered = true;
            } catch (CriException e) {
                world.note("adoption fails: " + e.getMessage());
            }
        }
        removeLeftovers();
        world.wanted.keySet().forEach(this::ensure);
    }

    private void removeLeftovers() {
        try {
            new NodeStartup(world.runtime.runtimeService(), nodes, names, directories, PodCgroups.none())
                    .removeLeftovers(world.wanted.values());
        } catch (CriException e) {
            world.note("what is left over is not removed: " + e.getMessage());
        } catch (IOException e) {
            world.note("what is left over is not removed: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ensure(PodName name) {
        workers.computeIfAbsent(name, n -> new PodWorker(n, context));
        due.put(name, world.time.instant());
    }

    /** Another version is wanted, or none. */
    void wantedChanged(PodName name) {
        ensure(name);
    }

    /** Wakes all workers. */
    void wakeAll() {
        workers.keySet().forEach(name -> due.put(name, world.time.instant()));
    }

    /** The earliest moment at which a worker looks again by itself. */
    Optional<Instant> nextDue() {
        return due.values().stream()
                .filter(moment -> moment.isAfter(world.time.instant()) && moment.isBefore(Instant.MAX))
                .min(Instant::compareTo);
    }

    /** The pods whose next turn is due. */
    List<PodName> ready() {
        return workers.keySet().stream()
                .filter(name -> !busy.contains(name) && !due.get(name).isAfter(world.time.instant()))
                .toList();
    }

    /** All pods with a worker. */
    List<PodName> names() {
        return workers.keySet().stream().toList();
    }

    /** Begins a turn. */
    void turn(PodName name) {
        PodWorker worker = workers.get(name);
        busy.add(name);
        due.put(name, Instant.MAX);
        world.scheduler.start("turn " + name.name(), () -> {
            Instant next = worker.turn();
            hooks.turnEnded(name);
            busy.remove(name);
            due.merge(name, next, (a, b) -> a.isBefore(b) ? a : b);
            if (worker.terminated() && !world.wanted.containsKey(name)) {
                workers.remove(name);
                due.remove(name);
            }
        });
    }
}
