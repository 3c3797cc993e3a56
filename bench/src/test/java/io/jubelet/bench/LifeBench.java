/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.bench.FloorBench.Turns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Measures the cost of probes, init containers and volumes for a daemon. */
final class LifeBench {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private final AgentBench agent;
    private final RuntimeView view;
    private final Sizes sizes;
    private final Results results;
    private final Progress progress;

    LifeBench(AgentBench agent, RuntimeView view, Sizes sizes, Results results, Progress progress) {
        this.agent = agent;
        this.view = view;
        this.sizes = sizes;
        this.results = results;
        this.progress = progress;
    }

    void life() throws Exception {
        starts("life", Metric.LIFE, _ -> Turns.NONE, BusyboxPod::withLife);
    }

    void volumes() throws Exception {
        starts("volumes", Metric.VOLUMES, FloorBench::volumeStarts, BusyboxPod::withVolumes);
    }

    private void starts(String name, Metric metric, Function<FloorBench, Turns> kind, UnaryOperator<BusyboxPod> shape)
            throws Exception {
        agent.warmedUp(name, daemon -> {
            List<Double> taken = new ArrayList<>();
            Turns turns = agent.turns(kind);
            for (int i = 0; i < sizes.starts(); i++) {
                turns.take();
                BusyboxPod pod = shape.apply(BusyboxPod.named(name + "-" + i));
                List<Path> staged = List.of(daemon.workspace().stage(pod));
                taken.add(agent.untilStarted(pod, () -> daemon.workspace().moveAll(staged)));
            }
            turns.end();
            results.add(metric, agent.subject(), new Samples(taken));
        });
    }

    void probes(String endpoint) throws Exception {
        int count = sizes.probed();
        agent.inFreshWorkspace("probes", List.of(), daemon -> {
            List<Path> staged = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                staged.add(
                        daemon.workspace().stage(BusyboxPod.named("probed-" + i).probed()));
            }
            daemon.workspace().moveAll(staged);
            view.awaitStarted(2 * count, TIMEOUT);
            Thread.sleep(20_000);
            long runtime = runtime(endpoint);
            ProcessUsage before = daemon.usage();
            ProcessUsage runtimeBefore = ProcessUsage.of(runtime);
            Thread.sleep(Duration.ofSeconds(sizes.idleSeconds()));
            ProcessUsage after = daemon.usage();
            ProcessUsage runtimeAfter = ProcessUsage.of(runtime);
            double cpu = after.cpuPercentSince(before);
            double ofRuntime = runtimeAfter.cpuPercentSince(runtimeBefore);
            results.add(Metric.of("PROBES_CPU", count), agent.subject(), Samples.of(cpu));
            results.add(Metric.of("PROBES_RUNTIME", count), agent.subject(), Samples.of(ofRuntime));
            results.add(Metric.of("PROBES_RSS", count), agent.subject(), Samples.of(after.rss()));
            progress.print(
                    "%s: %d pods with probes: %.1f %% of one core, runtime %.1f %%, %.1f MiB",
                    agent.subject().label(), count, cpu, ofRuntime, after.rss());
        });
    }

    /** The process id of the runtime, which tools/containerd.sh writes beside its socket. */
    private static long runtime(String endpoint) throws Exception {
        Path socket = Path.of(endpoint.substring("unix://".length()));
        return Long.parseLong(
                Files.readString(socket.resolveSibling("containerd.pid")).strip());
    }
}
