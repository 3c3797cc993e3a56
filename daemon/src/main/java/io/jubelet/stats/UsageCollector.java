/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.cri.CriException;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.ImageFsInfoResponse;
import io.jubelet.cri.ImageService;
import io.jubelet.pod.Pod;
import io.jubelet.status.PodReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Collects the usage of the node and its pods when it is requested. One request at a time collects; the others wait for it, and
 * get its result if that is younger than a second. So many requests cost no more than one in a second.
 *
 * <p>Safe for use by many threads. Blocks for the runtime, the first time a second longer for the rates, and, where disks are
 * requested, for du(1) before that.
 */
public final class UsageCollector {

    private static final Duration MAX_AGE = Duration.ofSeconds(1);
    private static final String NODE_KEY = "node";

    private final Sources sources;
    private final NodeClock clock;
    private final Pause pause;
    private final ReentrantLock lock = new ReentrantLock();
    private final UsageRates rates = new UsageRates();
    private final Map<Scope, Collected> last = new HashMap<>();

    /** What is requested. */
    public enum Scope {
        /** Everything. */
        ALL,
        /** Processors and memory, with the rates of late. */
        CPU_AND_MEMORY,
        /** Processors and memory without rates, which never waits for a second measurement. */
        COUNTERS,
        /** As {@link #COUNTERS}, with the network. */
        NETWORK;

        boolean rates() {
            return this == ALL || this == CPU_AND_MEMORY;
        }
    }

    private record Collected(Instant at, Summary summary) {}

    /**
     * Where the usage comes from.
     *
     * @param nodeName the name of the node
     * @param pods the pods of the node; does not block
     * @param podsCgroup the cgroup of all pods; an empty text if there is none
     * @param images whose file system is queried
     * @param rootDir a directory on the disk of the directories of pods
     */
    public record Sources(
            String nodeName,
            Supplier<List<PodReport>> pods,
            PodReader podReader,
            NodeReader nodeReader,
            PodDisks disks,
            Supplier<String> podsCgroup,
            ImageService images,
            Path rootDir) {
        public Sources {
            Objects.requireNonNull(nodeName, "nodeName");
            Objects.requireNonNull(pods, "pods");
            Objects.requireNonNull(podReader, "podReader");
            Objects.requireNonNull(nodeReader, "nodeReader");
            Objects.requireNonNull(disks, "disks");
            Objects.requireNonNull(podsCgroup, "podsCgroup");
            Objects.requireNonNull(images, "images");
            Objects.requireNonNull(rootDir, "rootDir");
        }
    }

    /** Waits between two measurements. */
    @FunctionalInterface
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    public UsageCollector(Sources sources, NodeClock clock) {
        this(sources, clock, Thread::sleep);
    }

    UsageCollector(Sources sources, NodeClock clock, Pause pause) {
        this.pause = Objects.requireNonNull(pause, "pause");
        this.sources = Objects.requireNonNull(sources, "sources");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns the usage as it is now, or was less than a second ago.
     *
     * @throws CriException if the runtime does not respond
     */
    public Summary collect(Scope scope) throws InterruptedException {
        if (scope == Scope.ALL) {
            // Others that need no disks do not wait for this.
            sources.disks().measure(sources.pods().get());
        }
        lock.lockInterruptibly();
        try {
            Collected before = last.get(scope);
            if (before != null && Duration.between(before.at(), clock.steady()).compareTo(MAX_AGE) < 0) {
                return before.summary();
            }
            if (scope.rates() && !rates.known(NODE_KEY, clock.steady())) {
                Summary _ = withRates(measure(Scope.COUNTERS));
                pause.of(MAX_AGE);
            }
            Summary measured = measure(scope);
            Summary summary = scope.rates() ? withRates(measured) : measured;
            last.clear(); // the results are large, and seldom more than one is in use
            last.put(scope, new Collected(clock.steady(), summary));
            return summary;
        } finally {
            lock.unlock();
        }
    }

    private Summary measure(Scope scope) {
        boolean all = scope == Scope.ALL;
        List<PodReport> reports = sources.pods().get();
        List<Summary.Pod> pods = sources.podReader().read(reports);
        Optional<ImageFsInfoResponse> images =
                all ? Optional.of(sources.images().imageFsInfo()) : Optional.empty();
        NodeReader reader = sources.nodeReader();
        Summary.Node node = new Summary.Node(
                sources.nodeName(),
                reader.bootTime(),
                reader.usage(),
                all || scope == Scope.NETWORK ? reader.network() : Optional.empty(),
                images.map(this::disks),
                all ? reader.processes() : Optional.empty(),
                groups());
        return new Summary(node, all ? withStorage(pods, reports, images.orElseThrow()) : pods);
    }

    /** By the kubelet's names: itself, and all pods together. */
    private List<Summary.Group> groups() {
        List<Summary.Group> groups = new ArrayList<>();
        NodeReader reader = sources.nodeReader();
        reader.ownCgroup()
                .ifPresent(cgroup -> groups.add(new Summary.Group(
                        "kubelet", reader.ownStart(), sources.podReader().usage(cgroup))));
        String pods = sources.podsCgroup().get();
        if (!pods.isEmpty()) {
            groups.add(new Summary.Group(
                    "pods", reader.bootTime(), sources.podReader().usage(pods)));
        }
        return groups;
    }

    // --- disks

    private Summary.Disks disks(ImageFsInfoResponse images) {
        List<FilesystemUsage> layers =
                images.containerFilesystems().isEmpty() ? images.imageFilesystems() : images.containerFilesystems();
        Summary.Size size = PodDisks.size(sources.rootDir());
        return new Summary.Disks(
                Optional.of(new Summary.FileSystem(
                        clock.instant(),
                        size,
                        difference(size.capacity(), size.available()),
                        difference(size.inodes(), size.freeInodes()))),
                first(images.imageFilesystems()),
                first(layers));
    }

    private static OptionalLong difference(OptionalLong all, OptionalLong free) {
        return all.isPresent() && free.isPresent()
                ? OptionalLong.of(all.getAsLong() - free.getAsLong())
                : OptionalLong.empty();
    }

    private Optional<Summary.FileSystem> first(List<FilesystemUsage> reported) {
        return reported.stream().findFirst().flatMap(usage -> {
            FilesystemUsage.FilesystemIdentifier place = usage.fsId();
            Summary.Size size = place == null ? Summary.Size.UNKNOWN : PodDisks.size(Path.of(place.mountpoint()));
            return RuntimeStats.fileSystem(usage, clock).map(used -> used.with(size));
        });
    }

    private List<Summary.Pod> withStorage(List<Summary.Pod> pods, List<PodReport> reports, ImageFsInfoResponse images) {
        Map<String, Pod> versions = new HashMap<>();
        reports.forEach(report -> report.view().shown().ifPresent(pod -> versions.put(pod.uid(), pod)));
        Summary.Size layers =
                first(images.imageFilesystems()).map(Summary.FileSystem::size).orElse(Summary.Size.UNKNOWN);
        Summary.Size node = PodDisks.size(sources.rootDir());
        return pods.stream()
                .map(pod -> withStorage(
                        pod, Optional.ofNullable(versions.get(pod.reference().uid())), layers, node))
                .toList();
    }

    private Summary.Pod withStorage(Summary.Pod pod, Optional<Pod> version, Summary.Size layers, Summary.Size node) {
        List<Summary.Container> containers = pod.containers().stream()
                .map(container -> container.with(
                        container.writableLayer().map(used -> used.with(layers)),
                        sources.disks().logs(pod.reference().uid(), container.name())))
                .toList();
        List<Summary.Volume> volumes = version.map(sources.disks()::volumes).orElse(List.of());
        Set<String> onDisk = new HashSet<>();
        version.ifPresent(each ->
                each.spec().volumes().stream().filter(PodDisks::isOnDisk).forEach(volume -> onDisk.add(volume.name())));
        List<Summary.FileSystem> parts = new ArrayList<>();
        containers.forEach(container -> {
            container.writableLayer().ifPresent(parts::add);
            container.logs().ifPresent(parts::add);
        });
        volumes.stream().filter(volume -> onDisk.contains(volume.name())).forEach(volume -> parts.add(volume.usage()));
        Summary.FileSystem ephemeral = new Summary.FileSystem(
                clock.instant(),
                node,
                OptionalLong.of(
                        parts.stream().mapToLong(part -> part.used().orElse(0)).sum()),
                OptionalLong.of(parts.stream()
                        .mapToLong(part -> part.usedInodes().orElse(0))
                        .sum()));
        return pod.with(containers, new Summary.Storage(volumes, ephemeral));
    }

    // --- rates

    private Summary withRates(Summary measured) {
        Instant now = clock.steady();
        Set<String> keys = new HashSet<>();
        Summary.Node node = measured.node();
        List<Summary.Group> groups = node.systemGroups().stream()
                .map(group -> new Summary.Group(
                        group.name(),
                        group.startTime(),
                        withRate(group.name(), group.usage(), group.startTime(), now, keys)))
                .toList();
        Summary.Node rated = node.with(withRate(NODE_KEY, node.usage(), node.startTime(), now, keys), groups);
        List<Summary.Pod> pods =
                measured.pods().stream().map(pod -> withRates(pod, now, keys)).toList();
        rates.retain(keys);
        return new Summary(rated, pods);
    }

    private Summary.Pod withRates(Summary.Pod pod, Instant now, Set<String> keys) {
        List<Summary.Container> containers = pod.containers().stream()
                .map(container ->
                        container.with(withRate(container.id(), container.usage(), container.startTime(), now, keys)))
                .toList();
        return pod.with(withRate(pod.reference().uid(), pod.usage(), pod.startTime(), now, keys), containers);
    }

    /** The times of measurements are those of the wall clock, which can be set; rates need the steady clock. */
    private Usage withRate(String key, Usage usage, Instant started, Instant now, Set<String> keys) {
        if (usage.cpu().isEmpty() || usage.cpu().get().usageCoreNanoSeconds().isEmpty()) {
            return usage;
        }
        keys.add(key);
        Usage.Cpu cpu = usage.cpu().get();
        Instant at = now.minus(clock.age(cpu.time()));
        Instant since = now.minus(clock.age(started));
        return usage.withCpu(Optional.of(
                cpu.withRate(rates.add(key, at, cpu.usageCoreNanoSeconds().getAsLong(), since))));
    }
}
