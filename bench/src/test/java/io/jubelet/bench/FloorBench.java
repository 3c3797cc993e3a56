/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.ContainerId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;

/**
 * The floor: how long the runtime takes for the same work when the benchmark calls it directly. The load of the machine may
 * change during a run, so the floor and the daemon take {@link Turns}, one sample each. The measurements of single pods in this
 * class are for a run without a daemon.
 */
final class FloorBench implements SubjectBench {
    private static final List<Integer> DEGREES = List.of(1, 2, 4, 8, 16);
    private static final int WARM_UPS = 3;

    private final RuntimeView view;
    private final Path work;
    private final Sizes sizes;
    private final Results results;
    private final Progress progress;
    /** The seconds that the pods of the current round took, by degree of parallelism. */
    private final Map<Integer, Samples> byDegree = new TreeMap<>();

    FloorBench(RuntimeView view, Path work, Sizes sizes, Results results, Progress progress) {
        this.view = view;
        this.work = work;
        this.sizes = sizes;
        this.results = results;
        this.progress = progress;
    }

    @Override
    public Subject subject() {
        return Subject.FLOOR;
    }

    /** Pods in a new directory, because the daemons also get a new one. */
    private DirectPods pods() {
        return DirectPods.in(view.connection(), work.resolve("workspaces"));
    }

    // --- single pods

    /** Samples of the floor that are taken one by one, between those of a daemon. */
    interface Turns {

        /** No samples, for a daemon that is not compared with the floor. */
        Turns NONE = new Turns() {
            @Override
            public void take() {}

            @Override
            public void end() {}
        };

        /** Takes one sample. */
        void take() throws InterruptedException;

        /** Adds the samples to the results; no sample is taken afterwards. */
        void end();
    }

    /** Takes one sample with a pod that does not exist yet. */
    private interface Sampling {
        void of(BusyboxPod pod, DirectPods pods, BiConsumer<Metric, Double> samples) throws InterruptedException;
    }

    private Turns turns(Sampling sampling) {
        DirectPods pods = pods();
        for (int i = 0; i < WARM_UPS; i++) {
            DirectPods.Running pod = pods.start(BusyboxPod.named("floor-warm-up-" + i));
            pods.stop(pod);
            pods.remove(pod);
        }
        Map<Metric, List<Double>> taken = new EnumMap<>(Metric.class);
        return new Turns() {
            private int number;

            @Override
            public void take() throws InterruptedException {
                sampling.of(
                        BusyboxPod.named("turn-" + number++),
                        pods,
                        (metric, value) -> taken.computeIfAbsent(metric, _ -> new ArrayList<>())
                                .add(value));
                Thread.sleep(AgentBench.SETTLE);
            }

            @Override
            public void end() {
                taken.forEach((metric, values) -> results.add(metric, Subject.FLOOR, new Samples(values)));
            }
        };
    }

    private void alone(Turns turns, int samples) throws InterruptedException {
        for (int i = 0; i < samples; i++) {
            turns.take();
        }
        turns.end();
        view.removeEverything();
    }

    private static double start(BusyboxPod pod, DirectPods pods) {
        Instant begin = Instant.now();
        DirectPods.Running running = pods.start(pod);
        return Elapsed.milliseconds(begin, pods.startedAt(running.container()));
    }

    Turns starts() {
        return turns((pod, pods, samples) -> {
            double taken = start(pod, pods);
            samples.accept(Metric.START_RENAMED, taken);
            samples.accept(Metric.START_WRITTEN, taken);
        });
    }

    /** Starts of pods without volumes, because the runtime itself has no volumes to compare with. */
    Turns volumeStarts() {
        return turns((pod, pods, samples) -> samples.accept(Metric.VOLUMES, start(pod, pods)));
    }

    Turns restarts() {
        return turns((pod, pods, samples) -> {
            DirectPods.Running running = pods.start(pod);
            Thread.sleep(AgentBench.SETTLE);
            Instant begin = view.kill(running.container());
            view.eventLog().awaitStopped(running.container().value(), Duration.ofSeconds(10));
            view.awaitExited(running.container());
            ContainerId next = pods.startAgain(running);
            double taken = Elapsed.milliseconds(begin, pods.startedAt(next));
            samples.accept(Metric.RESTART, taken);
            samples.accept(Metric.RESTART_MAX, taken);
        });
    }

    Turns edits() {
        return turns((pod, pods, samples) -> {
            DirectPods.Running running = pods.start(pod);
            Thread.sleep(AgentBench.SETTLE);
            Instant begin = Instant.now();
            pods.stop(running);
            DirectPods.Running next = pods.start(pod.edited());
            samples.accept(Metric.EDIT, Elapsed.milliseconds(begin, pods.startedAt(next.container())));
            samples.accept(Metric.EDIT_DOWNTIME, downtime(next, pods));
        });
    }

    /** Of a pod whose next version has been created beside it: only the stop of the one and the start of the other are left. */
    private double downtime(DirectPods.Running running, DirectPods pods) throws InterruptedException {
        DirectPods.Running next = pods.create(BusyboxPod.named(running.pod().name() + "-next"));
        Thread.sleep(AgentBench.SETTLE);
        pods.stopContainer(running);
        pods.start(next);
        Instant end = view.eventLog().awaitStopped(running.container().value(), Duration.ofSeconds(10));
        return Elapsed.milliseconds(end, pods.startedAt(next.container()));
    }

    Turns deletes() {
        return turns((pod, pods, samples) -> {
            DirectPods.Running running = pods.start(pod);
            Thread.sleep(AgentBench.SETTLE);
            Instant begin = Instant.now();
            pods.stop(running);
            samples.accept(Metric.DELETE_STOPPED, Elapsed.milliseconds(begin, Instant.now()));
            pods.remove(running);
            samples.accept(Metric.DELETE_REMOVED, Elapsed.milliseconds(begin, Instant.now()));
        });
    }

    @Override
    public void start() throws InterruptedException {
        alone(starts(), sizes.starts());
    }

    @Override
    public void restart() throws InterruptedException {
        alone(restarts(), sizes.restarts());
    }

    @Override
    public void edit() throws InterruptedException {
        alone(edits(), sizes.edits(Subject.FLOOR));
    }

    @Override
    public void delete() throws InterruptedException {
        alone(deletes(), sizes.starts());
    }

    @Override
    public void volumes() throws InterruptedException {
        alone(volumeStarts(), sizes.starts());
    }

    @Override
    public void pull() throws Exception {
        new PullBench(view, results).floor();
    }

    /** Tries several degrees of parallelism, and after the first round only the two fastest. The fastest one counts. */
    @Override
    public void many(Round round) throws InterruptedException {
        if (round.number() == 1) {
            byDegree.clear();
        }
        for (int degree : round.number() == 1 ? DEGREES : List.copyOf(byDegree.keySet())) {
            KernelCaches.drop();
            double seconds = manyBy(degree, round.pods());
            progress.print("floor: %d pods, %d at a time: %.2f s", round.pods(), degree, seconds);
            byDegree.merge(degree, Samples.of(seconds), Samples::and);
        }
        if (round.number() == 1) {
            byDegree.keySet().retainAll(best(2)); // The remaining degrees get equally many samples from here on.
        }
        if (round.isLast()) {
            Samples samples = byDegree.get(best(1).getFirst());
            results.add(Metric.of("MANY", round.pods()), Subject.FLOOR, samples);
        }
    }

    private List<Integer> best(int many) {
        return byDegree.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.comparing(Samples::median)))
                .limit(many)
                .map(Map.Entry::getKey)
                .toList();
    }

    private double manyBy(int degree, int count) throws InterruptedException {
        DirectPods pods = pods();
        ConcurrentLinkedQueue<DirectPods.Running> running = new ConcurrentLinkedQueue<>();
        List<Runnable> starts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BusyboxPod pod = BusyboxPod.named("many-" + i);
            starts.add(() -> running.add(pods.start(pod)));
        }
        Instant begin = Instant.now();
        Parallel.run(degree, starts);
        Instant last = running.stream()
                .map(pod -> pods.startedAt(pod.container()))
                .max(Comparator.naturalOrder())
                .orElseThrow();
        view.removeEverything();
        return Elapsed.seconds(begin, last);
    }
}
