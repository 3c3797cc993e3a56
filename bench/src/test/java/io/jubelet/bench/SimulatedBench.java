/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Measures Jubelet on its simulated runtime with more pods than a machine could run: does the work grow linearly? */
final class SimulatedBench {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    /**
     * The daemon's default heap is sized for the pods of one node. This one returns freed memory after a collection, so that
     * the measured growth is the memory of the pods and not garbage.
     */
    private static final Map<String, String> LARGE_HEAP = Map.of(
            "JUBELET_JAVA_OPTS",
            "-Xms16m -Xmx512m -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=20 -XX:-ShrinkHeapInSteps");

    private final Agent.Jubelet agent;
    private final Path work;
    private final Sizes sizes;
    private final Results results;
    private final Progress progress;

    SimulatedBench(Agent.Jubelet agent, Path work, Sizes sizes, Results results, Progress progress) {
        this.agent = agent;
        this.work = work;
        this.sizes = sizes;
        this.results = results;
        this.progress = progress;
    }

    /** The cost of a number of pods. */
    private record Cost(int pods, double seconds, double cpuSeconds, double rss, double added) {}

    void run() throws Exception {
        List<Cost> costs = new ArrayList<>();
        for (int count : sizes.simulated()) {
            Cost cost = measure(count);
            costs.add(cost);
            progress.print(
                    "jubelet: %d simulated pods: %.2f s, %.2f s of CPU time, %.1f MiB",
                    count, cost.seconds(), cost.cpuSeconds(), cost.rss());
            String prefix = "SIMULATED_" + count + "_";
            add(Metric.valueOf(prefix + "TIME"), cost.seconds());
            add(Metric.valueOf(prefix + "CPU"), cost.cpuSeconds());
            add(Metric.valueOf(prefix + "RSS"), cost.rss());
        }
        if (costs.size() == 2) {
            growth(costs.getFirst(), costs.getLast()).forEach(this::add);
        }
    }

    private static Map<Metric, Double> growth(Cost few, Cost many) {
        double more = (double) many.pods() / few.pods();
        Map<Metric, Double> growth = new EnumMap<>(Metric.class);
        growth.put(Metric.GROWTH_TIME, many.seconds() / few.seconds() / more);
        growth.put(Metric.GROWTH_CPU, many.cpuSeconds() / few.cpuSeconds() / more);
        growth.put(Metric.GROWTH_RSS, many.added() / few.added() / more);
        return growth;
    }

    private void add(Metric metric, double value) {
        results.add(metric, Subject.JUBELET, Samples.of(value));
    }

    private Cost measure(int count) throws Exception {
        Workspace workspace = Workspace.create(work.resolve("workspaces"), "simulated");
        Path log = work.resolve("logs").resolve("simulated-" + count + ".log");
        try (AgentProcess daemon = AgentProcess.start(agent, workspace, "simulated:", log, LARGE_HEAP)) {
            daemon.awaitApi();
            List<Path> staged = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                staged.add(workspace.stage(BusyboxPod.named("pod-" + i)));
            }
            Thread.sleep(3000);
            daemon.collectGarbage();
            ProcessUsage before = daemon.usage();
            Instant begin = Instant.now();
            workspace.moveAll(staged);
            double seconds = Elapsed.seconds(begin, awaitRunning(daemon, count));
            double cpu = daemon.usage().cpuSeconds() - before.cpuSeconds();
            Thread.sleep(5000);
            daemon.collectGarbage();
            ProcessUsage after = daemon.usage();
            return new Cost(count, seconds, cpu, after.rss(), Math.max(0.1, after.rss() - before.rss()));
        } finally {
            workspace.cleanUp();
        }
    }

    /** Polls the local API, with pauses that grow with its latency so that the daemon does not spend its time on responses. */
    private Instant awaitRunning(AgentProcess daemon, int count) throws IOException, InterruptedException {
        LocalApi api = new LocalApi(daemon.workspace().socket());
        long end = System.nanoTime() + TIMEOUT.toNanos();
        int running = 0;
        while (System.nanoTime() < end) {
            daemon.checkAlive();
            Instant asked = Instant.now();
            running = api.runningPods();
            if (running >= count) {
                return asked;
            }
            long tookMillis = Duration.between(asked, Instant.now()).toMillis();
            Thread.sleep(Math.clamp(5 * tookMillis, 100, 3000));
        }
        throw new BenchException(
                "only " + running + " of " + count + " pods are Running after " + TIMEOUT.toMinutes() + " minutes");
    }
}
