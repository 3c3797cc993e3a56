/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.e2e.ApiAnswer;
import io.jubelet.e2e.ApiServerUnderTest;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Measures the cost of being in a cluster, and the delay until a mirror pod exists. */
final class ClusterBench {
    private static final int PODS = 10;
    private static final String MIRRORS = "/api/v1/namespaces/default/pods/";

    private final Path program;
    private final AgentBench alone;
    private final RuntimeView view;
    private final BenchOptions options;
    private final Sizes sizes;
    private final Results results;
    private final Progress progress;

    ClusterBench(
            Path program,
            AgentBench alone,
            RuntimeView view,
            BenchOptions options,
            Results results,
            Progress progress) {
        this.program = program;
        this.alone = alone;
        this.view = view;
        this.options = options;
        this.sizes = options.sizes();
        this.results = results;
        this.progress = progress;
    }

    void cluster() throws Exception {
        alone.inFreshWorkspace(
                "alone", pods(), daemon -> watch(daemon, Metric.ALONE_CPU, Metric.ALONE_RSS, Metric.ALONE_ANON));
        Path directory = Files.createDirectories(options.work().resolve("api-server"));
        try (ApiServerUnderTest apiServer = new ApiServerUnderTest(directory, List.of())) {
            Path kubeconfig = apiServer.adminKubeconfig(directory.resolve("admin.kubeconfig"));
            new AgentBench(
                            new Agent.Joined(new Agent.Jubelet(program), kubeconfig),
                            view,
                            Optional.empty(),
                            options,
                            results,
                            progress)
                    .inFreshWorkspace("cluster", pods(), daemon -> {
                        await(apiServer, BusyboxPod.named("cluster-0"));
                        watch(daemon, Metric.CLUSTER_CPU, Metric.CLUSTER_RSS, Metric.CLUSTER_ANON);
                        mirrors(daemon, apiServer);
                    });
        } finally {
            remove(directory);
        }
    }

    private static List<BusyboxPod> pods() {
        List<BusyboxPod> pods = new ArrayList<>();
        for (int i = 0; i < PODS; i++) {
            pods.add(BusyboxPod.named("cluster-" + i));
        }
        return pods;
    }

    private void watch(AgentProcess daemon, Metric cpu, Metric rss, Metric anonymous) throws Exception {
        view.awaitStarted(PODS, AgentBench.TIMEOUT);
        Thread.sleep(15_000);
        ProcessUsage before = daemon.usage();
        Thread.sleep(Duration.ofSeconds(2L * sizes.idleSeconds()));
        ProcessUsage after = daemon.usage();
        results.add(cpu, alone.subject(), Samples.of(after.cpuPercentSince(before)));
        results.add(rss, alone.subject(), Samples.of(after.rss()));
        results.add(anonymous, alone.subject(), Samples.of(after.anonymous()));
        progress.print("%s: %.2f %% of one core, %.1f MiB", rss.title(), after.cpuPercentSince(before), after.rss());
    }

    private void mirrors(AgentProcess daemon, ApiServerUnderTest apiServer) throws Exception {
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < sizes.starts(); i++) {
            BusyboxPod pod = BusyboxPod.named("mirrored-" + i);
            List<Path> staged = List.of(daemon.workspace().stage(pod));
            Instant begin = Instant.now();
            daemon.workspace().moveAll(staged);
            taken.add(Elapsed.milliseconds(begin, await(apiServer, pod)));
            view.awaitStarted(pod, null, AgentBench.TIMEOUT);
            Thread.sleep(300);
        }
        results.add(Metric.CLUSTER_MIRROR, alone.subject(), new Samples(taken));
    }

    private static Instant await(ApiServerUnderTest apiServer, BusyboxPod pod) throws Exception {
        String path = MIRRORS + pod.name() + "-" + BusyboxPod.NODE;
        Eventually.within(AgentBench.TIMEOUT)
                .every(Duration.ofMillis(2))
                .until("the mirror pod of " + pod.name(), () -> apiServer.send("GET", path, null), ApiAnswer::ok);
        return Instant.now();
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> below = Files.walk(directory)) {
            for (Path path : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
