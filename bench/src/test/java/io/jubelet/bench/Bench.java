package io.jubelet.bench;

import io.jubelet.bench.BenchOptions.Part;
import io.jubelet.cri.VersionResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The benchmark: measures part by part, each subject in turn, then prints the table and writes the file. */
public final class Bench {
    private final BenchOptions options;
    private final Results results = new Results();
    private final Progress progress = new Progress();

    private Bench(BenchOptions options) {
        this.options = options;
    }

    /** Run by tools/bench.sh, which also says what the arguments are. */
    public static void main(String... arguments) throws IOException {
        BenchOptions options;
        try {
            options = BenchOptions.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println("bench: " + wrong.getMessage());
            System.exit(2);
            return;
        }
        System.exit(new Bench(options).run());
    }

    private int run() throws IOException {
        Map<String, String> about;
        try (RuntimeView view = new RuntimeView(options.endpoint())) {
            about = about(view);
            List<SubjectBench> subjects = subjects(view);
            for (Part part : Part.values()) {
                if (part == Part.MANY) {
                    many(subjects);
                } else if (options.has(part)) {
                    for (SubjectBench measures : subjects) {
                        if (!takesTurns(part, measures)) {
                            measure(part, measures);
                        }
                    }
                }
            }
        }
        if (options.has(Part.SIMULATED) && options.jubelet() != null) {
            simulate();
        }
        Path file = options.work().resolve("results.json");
        ResultFile.write(file, results, about);
        System.out.print(ResultTable.render(results));
        System.out.println("All samples are in " + file);
        return options.strict() && results.anyTargetMissed() ? 1 : 0;
    }

    private List<SubjectBench> subjects(RuntimeView view) {
        List<SubjectBench> subjects = new ArrayList<>();
        FloorBench floor = new FloorBench(view, options.work(), options.sizes(), results, progress);
        subjects.add(floor);
        if (options.jubelet() != null) {
            subjects.add(agent(new Agent.Jubelet(options.jubelet()), view, Optional.of(floor)));
        }
        if (options.kubelet() != null) {
            subjects.add(agent(new Agent.Kubelet(options.kubelet()), view, Optional.empty()));
        }
        return subjects;
    }

    private SubjectBench agent(Agent agent, RuntimeView view, Optional<FloorBench> floor) {
        return new AgentBench(
                agent, view, floor, options.endpoint(), options.work(), options.sizes(), results, progress);
    }

    /** Whether this is measured with our daemon's part. */
    private boolean takesTurns(Part part, SubjectBench measures) {
        return measures.subject() == Subject.FLOOR && part.single() && options.jubelet() != null;
    }

    /** They take turns, lest a machine that gets busier or idler meanwhile make one of them look worse or better. */
    private void many(List<SubjectBench> subjects) {
        boolean idle = options.has(Part.IDLE);
        boolean many = options.has(Part.MANY);
        List<SubjectBench> agents =
                subjects.stream().filter(s -> s.subject() != Subject.FLOOR).toList();
        if (idle) {
            agents.forEach(agent -> attempt(agent, "idle", agent::idle, Metric.CPU_0));
        }
        for (int pods : many || idle ? options.sizes().many() : List.<Integer>of()) {
            int rounds = many ? options.sizes().rounds() : 1; // idle alone needs the pods, too
            for (int number = 1; number <= rounds; number++) {
                Round round = new Round(pods, number, rounds, idle);
                List<SubjectBench> turn = new ArrayList<>(many ? subjects : agents);
                // The machine gets slower with each pod that was there: each round another one comes first.
                Collections.rotate(turn, number - 1);
                for (SubjectBench measures : turn) {
                    attempt(
                            measures,
                            pods + " pods",
                            () -> measures.many(round),
                            Metric.of(many ? "MANY" : "CPU", pods));
                }
            }
        }
    }

    private void measure(Part part, SubjectBench measures) {
        boolean floor = measures.subject() == Subject.FLOOR;
        switch (part) {
            case START -> attempt(measures, "start", measures::start, Metric.START_RENAMED, Metric.START_WRITTEN);
            case RESTART -> attempt(measures, "restart", measures::restart, Metric.RESTART, Metric.RESTART_MAX);
            case EDIT -> attempt(measures, "edit", measures::edit, Metric.EDIT);
            case DELETE -> attempt(measures, "delete", measures::delete, deleteFigures(measures));
            case MANY, IDLE -> {
                // In rounds, each with all of them.
            }
            case VOLUMES -> attempt(measures, "volumes", measures::volumes, Metric.VOLUMES);
            case LIFE -> {
                if (!floor) {
                    attempt(measures, "life", measures::life, Metric.LIFE);
                }
            }
            case PROBES -> {
                if (!floor) {
                    attempt(
                            measures,
                            "probes",
                            measures::probes,
                            Metric.of("PROBES_CPU", options.sizes().probed()));
                }
            }
            case CONFIG -> {
                if (measures.subject() == Subject.JUBELET) {
                    attempt(measures, "config", measures::config, Metric.CONFIG_START, Metric.CONFIG_EDIT);
                }
            }
            case PULL -> attempt(measures, "pull", measures::pull, Metric.PULL);
            case STARTUP -> {
                if (!floor) {
                    attempt(measures, "start-up", measures::startup, Metric.STARTUP_POD);
                }
            }
            case CLUSTER -> {
                if (measures.subject() == Subject.JUBELET) {
                    attempt(measures, "cluster", measures::cluster, Metric.CLUSTER_MIRROR, Metric.CLUSTER_RSS);
                }
            }
            case SIMULATED -> {
                // Without the runtime, after all others.
            }
        }
    }

    private static Metric[] deleteFigures(SubjectBench measures) {
        return measures.subject() == Subject.KUBELET
                ? new Metric[] {Metric.DELETE_STOPPED}
                : new Metric[] {Metric.DELETE_STOPPED, Metric.DELETE_REMOVED};
    }

    /** Something that may go wrong without ending the run. */
    private interface Attempt {
        void run() throws Exception;
    }

    private void attempt(SubjectBench measures, String what, Attempt attempt, Metric... metrics) {
        attempt(measures.subject(), what, attempt, metrics);
    }

    private void attempt(Subject subject, String what, Attempt attempt, Metric... metrics) {
        progress.say("%s: %s", subject.label(), what);
        try {
            KernelCaches.drop();
            attempt.run();
        } catch (Exception | AssertionError failed) {
            String reason = failed instanceof BenchException || failed instanceof AssertionError
                    ? failed.getMessage()
                    : failed.toString();
            progress.say("%s: %s failed: %s", subject.label(), what, reason);
            for (Metric metric : metrics) {
                results.fail(metric, subject, reason);
            }
        }
    }

    private void simulate() {
        SimulatedBench bench = new SimulatedBench(
                new Agent.Jubelet(options.jubelet()), options.work(), options.sizes(), results, progress);
        Set<Integer> counts = Set.copyOf(options.sizes().simulated());
        Metric[] metrics = counts.stream()
                .map(count -> Metric.valueOf("SIMULATED_" + count + "_TIME"))
                .toArray(Metric[]::new);
        attempt(Subject.JUBELET, "simulated runtime", bench::run, metrics);
    }

    private Map<String, String> about(RuntimeView view) throws IOException {
        VersionResponse version = view.connection().runtimeService().version();
        Map<String, String> about = new LinkedHashMap<>();
        about.put("time", Instant.now().toString());
        about.put("runtime", version.runtimeName() + " " + version.runtimeVersion());
        about.put(
                "kernel",
                Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        about.put("cores", Integer.toString(java.lang.Runtime.getRuntime().availableProcessors()));
        about.put("java", System.getProperty("java.vm.version"));
        about.put("parts", options.only().toString());
        about.put("quick", Boolean.toString(options.quick()));
        return about;
    }
}
