/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.cgroup.CgroupUsage;
import io.jubelet.cgroup.PodCgroups;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.ContainerStatsFilter;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.RuntimeService;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.status.PodReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what pods and containers use: from the runtime, and from their cgroups what the runtime does not report. Blocks for a
 * call of the runtime and for the small files of every cgroup. Safe for use by many threads.
 */
public final class PodReader {

    private static final Logger LOG = LoggerFactory.getLogger(PodReader.class);

    private final RuntimeService runtime;
    private final PodCgroups podCgroups;
    private final CgroupUsage cgroups;
    private final InstantSource clock;

    /** @param clock the wall clock */
    public PodReader(RuntimeService runtime, PodCgroups podCgroups, CgroupUsage cgroups, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.podCgroups = Objects.requireNonNull(podCgroups, "podCgroups");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** What the runtime reports, by the IDs of sandboxes and containers. */
    private record Reported(
            Map<String, PodSandboxStats.LinuxPodSandboxStats> sandboxes, Map<String, ContainerStats> containers) {}

    /**
     * Reads what these pods use, without their disks and rates.
     *
     * @throws CriException if the runtime does not respond
     */
    List<Summary.Pod> read(List<PodReport> reports) {
        Reported reported = reported();
        List<Summary.Pod> pods = new ArrayList<>();
        for (PodReport report : reports) {
            sandbox(report).ifPresent(sandbox -> pods.add(pod(report, sandbox, reported)));
        }
        return pods;
    }

    private static Optional<ObservedSandbox> sandbox(PodReport report) {
        return report.view().observed().sandboxes().stream()
                .filter(ObservedSandbox::ready)
                .findFirst();
    }

    /** Some releases of containerd fail for all sandboxes if one ends meanwhile, so that containers are asked for instead. */
    private Reported reported() {
        Reported reported = new Reported(new HashMap<>(), new HashMap<>());
        try {
            for (PodSandboxStats each : runtime.listPodSandboxStats(PodSandboxStatsFilter.all())) {
                PodSandboxStats.LinuxPodSandboxStats linux = each.linux();
                if (linux != null) {
                    reported.sandboxes().put(each.attributes().id().value(), linux);
                    linux.containers().forEach(container -> add(reported, container));
                }
            }
        } catch (CriException.Unimplemented | CriException.NotFound | CriException.Failed e) {
            LOG.debug("the runtime does not report the usage of sandboxes: error=\"{}\"", e.getMessage());
            runtime.listContainerStats(ContainerStatsFilter.all()).forEach(container -> add(reported, container));
        }
        return reported;
    }

    private static void add(Reported reported, ContainerStats container) {
        reported.containers().put(container.attributes().id().value(), container);
    }

    private Summary.Pod pod(PodReport report, ObservedSandbox sandbox, Reported reported) {
        Instant created = created(sandbox.createdAt());
        Optional<String> cgroup = podCgroups.path(sandbox.uid());
        // A container whose state the runtime has lost can run beside its successor.
        Map<String, ObservedContainer> newest = new TreeMap<>();
        for (ObservedContainer container : report.view().observed().containers()) {
            if (container.live() && container.sandboxId().equals(sandbox.id())) {
                newest.merge(
                        container.name(), container, (one, other) -> one.attempt() > other.attempt() ? one : other);
            }
        }
        List<Summary.Container> containers = newest.values().stream()
                .map(each -> container(
                        each,
                        Optional.ofNullable(reported.containers().get(each.id().value())),
                        cgroup))
                .toList();
        Optional<PodSandboxStats.LinuxPodSandboxStats> stats =
                Optional.ofNullable(reported.sandboxes().get(sandbox.id().value()));
        return new Summary.Pod(
                new Summary.PodReference(
                        report.name().namespace(),
                        report.view()
                                .shown()
                                .map(pod -> pod.fullName())
                                .orElse(report.name().name()),
                        sandbox.uid()),
                created,
                podUsage(stats, cgroup, containers),
                containers,
                stats.flatMap(each -> RuntimeStats.network(each.network(), clock)),
                Optional.empty(),
                stats.map(each -> RuntimeStats.processes(each.process())).orElse(OptionalLong.empty()));
    }

    private static Instant created(@Nullable Instant moment) {
        return moment == null ? Instant.EPOCH : moment;
    }

    /** The cgroup of a pod counts what none of its containers did, such as tmpfs volumes; so do most runtimes. */
    private Usage podUsage(
            Optional<PodSandboxStats.LinuxPodSandboxStats> stats,
            Optional<String> cgroup,
            List<Summary.Container> containers) {
        if (cgroup.isPresent()) {
            Usage counted = usage(cgroup.get());
            if (counted.cpu().isPresent() && counted.memory().isPresent()) {
                return counted;
            }
        }
        if (stats.isPresent() && stats.get().cpu() != null && stats.get().memory() != null) {
            return new Usage(
                    RuntimeStats.cpu(stats.get().cpu(), clock),
                    RuntimeStats.memory(stats.get().memory(), clock),
                    Optional.empty(),
                    RuntimeStats.io(stats.get().io(), clock));
        }
        return UsageSum.of(containers.stream().map(Summary.Container::usage).toList());
    }

    private Summary.Container container(
            ObservedContainer container, Optional<ContainerStats> stats, Optional<String> podCgroup) {
        Optional<String> cgroup =
                podCgroup.flatMap(pod -> cgroups.container(pod, container.id().value()));
        Usage reported = stats.map(each -> RuntimeStats.usage(each, clock)).orElse(Usage.UNKNOWN);
        return new Summary.Container(
                container.name(),
                container.id().value(),
                container.imageId(),
                created(container.createdAt()),
                cgroup.map(path -> completed(reported, path)).orElse(reported),
                stats.flatMap(each -> RuntimeStats.fileSystem(each.writableLayer(), clock)),
                Optional.empty());
    }

    /** What a cgroup uses. */
    Usage usage(String cgroup) {
        return completed(Usage.UNKNOWN, cgroup);
    }

    /** Adds what the runtime does not report: swap space of older releases, and the pressure. */
    private Usage completed(Usage reported, String cgroup) {
        Instant now = clock.instant();
        Optional<Usage.Cpu> cpu = reported.cpu().or(() -> {
            OptionalLong nanos = cgroups.cpuNanos(cgroup);
            return nanos.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Usage.Cpu(now, OptionalLong.empty(), nanos, Optional.empty()));
        });
        Optional<Usage.Memory> memory =
                reported.memory().or(() -> cgroups.memory(cgroup).map(counted -> memory(now, counted)));
        Optional<CgroupUsage.Pressure> io = cgroups.pressure(cgroup, "io");
        return new Usage(
                cpu.map(each -> each.withPressure(each.pressure().or(() -> cgroups.pressure(cgroup, "cpu")))),
                memory.map(each -> each.withPressure(each.pressure().or(() -> cgroups.pressure(cgroup, "memory")))),
                reported.swap().or(() -> cgroups.swap(cgroup).map(swap -> swap(now, swap))),
                reported.io().filter(each -> each.pressure().isPresent()).or(() -> Optional.of(new Usage.Io(now, io))));
    }

    private static Usage.Memory memory(Instant now, CgroupUsage.Memory counted) {
        return new Usage.Memory(
                now,
                left(counted.limit(), counted.workingSet()),
                OptionalLong.of(counted.usage()),
                OptionalLong.of(counted.workingSet()),
                OptionalLong.of(counted.rss()),
                new Usage.PageFaults(OptionalLong.of(counted.pageFaults()), OptionalLong.of(counted.majorPageFaults())),
                Optional.empty());
    }

    private static Usage.Swap swap(Instant now, CgroupUsage.Swap counted) {
        return new Usage.Swap(now, left(counted.limit(), counted.usage()), OptionalLong.of(counted.usage()));
    }

    private static OptionalLong left(OptionalLong limit, long used) {
        return limit.isEmpty() ? limit : OptionalLong.of(Math.max(0, limit.getAsLong() - used));
    }
}
