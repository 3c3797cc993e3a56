package io.jubelet.bench;

import io.jubelet.cri.ContainerId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The floor: how fast the runtime itself does the same work, asked directly. A machine that gets busier or idler meanwhile
 * must not make the daemons look worse or better than they are: starts take turns with those of our daemon, if it is
 * measured; of other single pods each call measures half of the samples, before the daemons and after.
 */
final class FloorBench implements Measures {
    private static final List<Integer> DEGREES = List.of(1, 2, 4, 8, 16);
    private static final int WARM_UPS = 3;

    private final RuntimeView view;
    private final Path work;
    private final Sizes sizes;
    private final boolean takesTurns;
    private final Results results;
    private final Progress progress;
    /** By degree of parallelism, the seconds it took for the number of pods measured last. */
    private final Map<Integer, Samples> byDegree = new TreeMap<>();

    /** @param takesTurns whether a daemon is measured, which starts its pods in turns with ours */
    FloorBench(RuntimeView view, Path work, Sizes sizes, boolean takesTurns, Results results, Progress progress) {
        this.view = view;
        this.work = work;
        this.sizes = sizes;
        this.takesTurns = takesTurns;
        this.results = results;
        this.progress = progress;
    }

    @Override
    public Subject subject() {
        return Subject.FLOOR;
    }

    /** Pods with directories that are as new as those of anybody else's pods. */
    private DirectPods pods() {
        return DirectPods.in(view.connection(), work.resolve("workspaces"));
    }

    private static int half(int samples) {
        return (samples + 1) / 2;
    }

    @Override
    public void start() throws InterruptedException {
        DirectPods pods = pods();
        for (int i = 0; i < WARM_UPS; i++) {
            pods.start(BusyboxPod.named("warm-up-" + i));
        }
        if (!takesTurns) {
            List<Double> taken = new ArrayList<>();
            for (int i = 0; i < half(sizes.starts()); i++) {
                taken.add(start(pods, "start-" + i));
            }
            started(taken);
        }
        view.removeEverything();
    }

    Turns turns() {
        return new Turns();
    }

    /** Starts in turns with those of a daemon: what a machine is busy with meanwhile hinders both. */
    final class Turns {
        private final DirectPods pods = pods();
        private final List<Double> taken = new ArrayList<>();

        void take() {
            taken.add(start(pods, "turn-" + taken.size()));
        }

        void end() {
            started(taken);
        }
    }

    private double start(DirectPods pods, String name) {
        Instant begin = Instant.now();
        DirectPods.Running pod = pods.start(BusyboxPod.named(name));
        return Clock.milliseconds(begin, pods.startedAt(pod.container()));
    }

    private void started(List<Double> taken) {
        results.add(Figure.START_RENAMED, Subject.FLOOR, new Samples(taken));
        results.add(Figure.START_WRITTEN, Subject.FLOOR, new Samples(taken));
    }

    @Override
    public void volumes() throws InterruptedException {
        DirectPods pods = pods();
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < half(sizes.starts()); i++) {
            Instant begin = Instant.now();
            DirectPods.Running pod = pods.start(BusyboxPod.named("plain-" + i));
            taken.add(Clock.milliseconds(begin, pods.startedAt(pod.container())));
        }
        results.add(Figure.VOLUMES, Subject.FLOOR, new Samples(taken));
        view.removeEverything();
    }

    @Override
    public void restart() throws InterruptedException {
        DirectPods pods = pods();
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < half(sizes.restarts()); i++) {
            DirectPods.Running pod = pods.start(BusyboxPod.named("restart-" + i));
            Instant begin = view.kill(pod.container());
            view.hints().awaitStopped(pod.container().value(), Duration.ofSeconds(10));
            view.awaitExited(pod.container());
            ContainerId next = pods.startAgain(pod);
            taken.add(Clock.milliseconds(begin, pods.startedAt(next)));
        }
        results.add(Figure.RESTART, Subject.FLOOR, new Samples(taken));
        results.add(Figure.RESTART_MAX, Subject.FLOOR, new Samples(taken));
        view.removeEverything();
    }

    @Override
    public void edit() throws InterruptedException {
        DirectPods pods = pods();
        List<Double> taken = new ArrayList<>();
        for (int i = 0; i < half(sizes.edits()); i++) {
            DirectPods.Running pod = pods.start(BusyboxPod.named("edit-" + i));
            Thread.sleep(200);
            Instant begin = Instant.now();
            pods.stop(pod);
            DirectPods.Running next = pods.start(pod.pod().edited());
            taken.add(Clock.milliseconds(begin, pods.startedAt(next.container())));
        }
        results.add(Figure.EDIT, Subject.FLOOR, new Samples(taken));
        view.removeEverything();
    }

    @Override
    public void delete() throws InterruptedException {
        DirectPods pods = pods();
        List<Double> stopped = new ArrayList<>();
        List<Double> removed = new ArrayList<>();
        for (int i = 0; i < half(sizes.starts()); i++) {
            DirectPods.Running pod = pods.start(BusyboxPod.named("delete-" + i));
            Thread.sleep(200);
            Instant begin = Instant.now();
            pods.stop(pod);
            stopped.add(Clock.milliseconds(begin, Instant.now()));
            pods.remove(pod);
            removed.add(Clock.milliseconds(begin, Instant.now()));
        }
        results.add(Figure.DELETE_STOPPED, Subject.FLOOR, new Samples(stopped));
        results.add(Figure.DELETE_REMOVED, Subject.FLOOR, new Samples(removed));
    }

    @Override
    public void pull() throws Exception {
        new PullBench(view, results).floor();
    }

    /** The best of several degrees of parallelism: the first round tries all, those after it the two that were best. */
    @Override
    public void many(Round round) throws InterruptedException {
        if (round.number() == 1) {
            byDegree.clear();
        }
        for (int degree : round.number() == 1 ? DEGREES : List.copyOf(byDegree.keySet())) {
            Kernel.forget();
            double seconds = manyBy(degree, round.pods());
            progress.say("floor: %d pods, %d at a time: %.2f s", round.pods(), degree, seconds);
            byDegree.merge(degree, Samples.of(seconds), Samples::and);
        }
        if (round.number() == 1) {
            byDegree.keySet().retainAll(best(2)); // from here on all that is left is tried equally often
        }
        if (round.isLast()) {
            Samples samples = byDegree.get(best(1).getFirst());
            results.add(Figure.of("MANY", round.pods()), Subject.FLOOR, samples);
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
        return Clock.seconds(begin, last);
    }
}
