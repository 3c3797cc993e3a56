/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.bench.FloorBench.Turns;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Measures a daemon from its manifests to the state of the runtime. Each measurement starts its own daemon. */
final class AgentBench implements SubjectBench {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** The pause between a change of pods and the next measurement. */
    static final Duration SETTLE = Duration.ofMillis(300);

    private static final Duration LONG_TIMEOUT = Duration.ofMinutes(5);

    private final Agent agent;
    private final RuntimeView view;
    private final Optional<FloorBench> floor;
    private final BenchOptions options;
    private final Sizes sizes;
    private final Results results;
    private final Progress progress;

    /** @param floor takes a sample before each sample of this daemon; the daemon ignores the pods of the floor */
    AgentBench(
            Agent agent,
            RuntimeView view,
            Optional<FloorBench> floor,
            BenchOptions options,
            Results results,
            Progress progress) {
        this.agent = agent;
        this.view = view;
        this.floor = floor;
        this.options = options;
        this.sizes = options.sizes();
        this.results = results;
        this.progress = progress;
    }

    @Override
    public Subject subject() {
        return agent.subject();
    }

    /** One measurement with a running daemon. */
    interface Measurement {
        void with(AgentProcess daemon) throws Exception;
    }

    void inFreshWorkspace(String name, List<BusyboxPod> waiting, Measurement measurement) throws Exception {
        Workspace workspace =
                Workspace.create(options.work().resolve("workspaces"), subject().label());
        Path log = options.work().resolve("logs").resolve(subject().label() + "-" + name + ".log");
        try {
            for (BusyboxPod pod : waiting) {
                workspace.write(pod);
            }
            try (AgentProcess daemon = AgentProcess.start(agent, workspace, options.endpoint(), log, Map.of())) {
                measurement.with(daemon);
                daemon.checkAlive();
            }
        } finally {
            view.removeEverything();
            workspace.cleanUp();
        }
    }

    /** Like {@link #inFreshWorkspace}, with a daemon that has already started a pod. */
    void warmedUp(String name, Measurement measurement) throws Exception {
        BusyboxPod first = BusyboxPod.named("warm-up");
        inFreshWorkspace(name, List.of(first), daemon -> {
            view.awaitStarted(first, null, TIMEOUT);
            Thread.sleep(3000);
            measurement.with(daemon);
        });
    }

    @Override
    public void start() throws Exception {
        warmedUp("start", daemon -> {
            List<Double> renamed = new ArrayList<>();
            List<Double> written = new ArrayList<>();
            Turns turns = turns(FloorBench::starts);
            for (int i = 0; i < sizes.starts(); i++) {
                turns.take();
                BusyboxPod one = BusyboxPod.named("renamed-" + i);
                List<Path> staged = List.of(daemon.workspace().stage(one));
                renamed.add(untilStarted(one, () -> daemon.workspace().moveAll(staged)));
                BusyboxPod other = BusyboxPod.named("written-" + i);
                written.add(untilStarted(other, () -> daemon.workspace().write(other)));
            }
            turns.end();
            results.add(Metric.START_RENAMED, subject(), new Samples(renamed));
            results.add(Metric.START_WRITTEN, subject(), new Samples(written));
        });
    }

    /** The samples of the floor, which are taken between those of the daemon. */
    Turns turns(Function<FloorBench, Turns> kind) {
        return floor.map(kind).orElse(Turns.NONE);
    }

    /** A change that a user makes to manifests. */
    interface UserAction {
        void run() throws IOException;
    }

    double untilStarted(BusyboxPod pod, UserAction action) throws Exception {
        Instant begin = Instant.now();
        action.run();
        Instant started = view.awaitStarted(pod, null, TIMEOUT).at();
        Thread.sleep(SETTLE);
        return Elapsed.milliseconds(begin, started);
    }

    private List<BusyboxPod> running(AgentProcess daemon, String name, int count) throws Exception {
        List<BusyboxPod> pods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BusyboxPod pod = BusyboxPod.named(name + "-" + i);
            pods.add(pod);
            daemon.workspace().rename(pod);
        }
        for (BusyboxPod pod : pods) {
            view.awaitStarted(pod, null, TIMEOUT);
        }
        Thread.sleep(5000);
        return pods;
    }

    @Override
    public void restart() throws Exception {
        warmedUp("restart", daemon -> {
            List<Double> taken = new ArrayList<>();
            Turns turns = turns(FloorBench::restarts);
            for (BusyboxPod pod : running(daemon, "restart", sizes.restarts())) {
                turns.take();
                RuntimeView.Started before = view.awaitStarted(pod, null, TIMEOUT);
                Instant begin = view.kill(before.id());
                taken.add(Elapsed.milliseconds(
                        begin, view.awaitStarted(pod, before.id(), TIMEOUT).at()));
                // The pause is no divisor of a second, so that samples do not align with periodic work.
                Thread.sleep(330);
            }
            turns.end();
            results.add(Metric.RESTART, subject(), new Samples(taken));
            results.add(Metric.RESTART_MAX, subject(), new Samples(taken));
        });
    }

    @Override
    public void edit() throws Exception {
        warmedUp("edit", daemon -> {
            List<Double> taken = new ArrayList<>();
            List<Double> down = new ArrayList<>();
            Turns turns = turns(FloorBench::edits);
            for (BusyboxPod pod : running(daemon, "edit", sizes.edits(subject()))) {
                turns.take();
                RuntimeView.Started before = view.awaitStarted(pod, null, TIMEOUT);
                List<Path> staged = List.of(daemon.workspace().stage(pod.edited()));
                Instant begin = Instant.now();
                daemon.workspace().moveAll(staged);
                Instant started = view.awaitStarted(pod, before.id(), TIMEOUT).at();
                taken.add(Elapsed.milliseconds(begin, started));
                down.add(Elapsed.milliseconds(
                        view.eventLog().awaitStopped(before.id().value(), TIMEOUT), started));
                Thread.sleep(500);
            }
            turns.end();
            results.add(Metric.EDIT, subject(), new Samples(taken));
            results.add(Metric.EDIT_DOWNTIME, subject(), new Samples(down));
        });
    }

    @Override
    public void delete() throws Exception {
        warmedUp("delete", daemon -> {
            List<Double> stopped = new ArrayList<>();
            List<Double> removed = new ArrayList<>();
            Turns turns = turns(FloorBench::deletes);
            for (BusyboxPod pod : running(daemon, "delete", sizes.starts())) {
                turns.take();
                Instant begin = Instant.now();
                daemon.workspace().delete(pod);
                stopped.add(Elapsed.milliseconds(begin, view.awaitGone(pod, false, TIMEOUT)));
                if (agent instanceof Agent.Jubelet) {
                    removed.add(Elapsed.milliseconds(begin, view.awaitGone(pod, true, TIMEOUT)));
                }
                Thread.sleep(200);
            }
            turns.end();
            results.add(Metric.DELETE_STOPPED, subject(), new Samples(stopped));
            if (!removed.isEmpty()) {
                results.add(Metric.DELETE_REMOVED, subject(), new Samples(removed));
            }
        });
    }

    @Override
    public void idle() throws Exception {
        inFreshWorkspace("idle", List.of(), daemon -> watchIdle(daemon, 0));
    }

    @Override
    public void many(Round round) throws Exception {
        inFreshWorkspace("many-" + round.pods(), List.of(), daemon -> {
            double seconds = dropAtOnce(daemon, round.pods());
            results.add(Metric.of("MANY", round.pods()), subject(), Samples.of(seconds));
            if (round.idle() && round.isLast()) {
                watchIdle(daemon, round.pods());
            }
        });
    }

    private double dropAtOnce(AgentProcess daemon, int count) throws Exception {
        if (agent.subject() == Subject.JUBELET) {
            daemon.awaitApi();
        }
        List<Path> staged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            staged.add(daemon.workspace().stage(BusyboxPod.named("many-" + i)));
        }
        Thread.sleep(3000);
        ProcessUsage before = daemon.usage();
        Instant begin = Instant.now();
        daemon.workspace().moveAll(staged);
        double seconds = Elapsed.seconds(begin, RuntimeView.last(view.awaitStarted(count, LONG_TIMEOUT)));
        progress.print(
                "%s: %d pods at once: %.2f s, %.2f s of CPU time",
                subject().label(), count, seconds, daemon.usage().cpuSeconds() - before.cpuSeconds());
        return seconds;
    }

    private void watchIdle(AgentProcess daemon, int count) throws Exception {
        Thread.sleep(count == 0 ? 10_000 : 20_000);
        ProcessUsage before = daemon.usage();
        Thread.sleep(Duration.ofSeconds(sizes.idleSeconds(count)));
        ProcessUsage after = daemon.usage();
        results.add(Metric.of("CPU", count), subject(), Samples.of(after.cpuPercentSince(before)));
        results.add(Metric.of("RSS", count), subject(), Samples.of(after.rss()));
        results.add(Metric.of("ANON", count), subject(), Samples.of(after.anonymous()));
        progress.print(
                "%s: %d idle pods: %.2f %% of one core, %.1f MiB",
                subject().label(), count, after.cpuPercentSince(before), after.rss());
    }

    @Override
    public void volumes() throws Exception {
        new LifeBench(this, view, sizes, results, progress).volumes();
    }

    @Override
    public void life() throws Exception {
        new LifeBench(this, view, sizes, results, progress).life();
    }

    @Override
    public void cluster() throws Exception {
        if (agent instanceof Agent.Jubelet(var program)) {
            new ClusterBench(program, this, view, options, results, progress).cluster();
        }
    }

    @Override
    public void streams() throws Exception {
        if (agent instanceof Agent.Jubelet jubelet) {
            new StreamBench(jubelet.program(), this, view, options, results, progress).streams();
            BusyboxPod pod = BusyboxPod.named("streams");
            StreamMemoryBench memory = new StreamMemoryBench(view, results, progress);
            inFreshWorkspace("no-port", List.of(pod), memory::withoutPort);
            StreamMemoryBench.Port port = StreamMemoryBench.Port.free();
            new AgentBench(new Agent.Serving(jubelet, port), view, Optional.empty(), options, results, progress)
                    .inFreshWorkspace("port", List.of(pod), daemon -> memory.withPort(daemon, pod, port));
        }
    }

    @Override
    public void config() throws Exception {
        if (agent instanceof Agent.Jubelet) {
            new ConfigBench(this, view, sizes, results).config();
        }
    }

    @Override
    public void pull() throws Exception {
        new PullBench(view, results).with(this);
    }

    @Override
    public void probes() throws Exception {
        new LifeBench(this, view, sizes, results, progress).probes(options.endpoint());
    }

    @Override
    public void startup() throws Exception {
        List<Double> pods = new ArrayList<>();
        List<Double> api = new ArrayList<>();
        BusyboxPod pod = BusyboxPod.named("waiting");
        for (int i = 0; i < sizes.startups(); i++) {
            inFreshWorkspace("startup", List.of(pod), daemon -> {
                if (agent instanceof Agent.Jubelet) {
                    api.add(Elapsed.seconds(daemon.startedAt(), daemon.awaitApi()));
                }
                pods.add(Elapsed.seconds(
                        daemon.startedAt(),
                        view.awaitStarted(pod, null, TIMEOUT).at()));
            });
        }
        results.add(Metric.STARTUP_POD, subject(), new Samples(pods));
        if (!api.isEmpty()) {
            results.add(Metric.STARTUP_API, subject(), new Samples(api));
        }
    }
}
