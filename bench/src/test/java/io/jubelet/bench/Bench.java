/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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

/** The benchmark. Measures part by part, each subject in turn, then prints the table and writes the file of results. */
public final class Bench {
    private final BenchOptions options;
    private final Results results = new Results();
    private final Progress progress = new Progress();

    private Bench(BenchOptions options) {
        this.options = options;
    }

    /** The entry point, called by tools/bench.sh, which documents the arguments. */
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
                    for (SubjectBench bench : subjects) {
                        if (!takesTurns(part, bench)) {
                            measure(part, bench);
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
        System.out.println("All samples are in " + file + ".");
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
        return new AgentBench(agent, view, floor, options, results, progress);
    }

    /** Whether the floor takes its samples of this part between those of Jubelet. */
    private boolean takesTurns(Part part, SubjectBench bench) {
        return bench.subject() == Subject.FLOOR && part.single() && options.jubelet() != null;
    }

    /** Measures the subjects in turn, so that a change of the machine's load affects all of them. */
    private void many(List<SubjectBench> subjects) {
        boolean idle = options.has(Part.IDLE);
        boolean many = options.has(Part.MANY);
        List<SubjectBench> agents =
                subjects.stream().filter(s -> s.subject() != Subject.FLOOR).toList();
        if (idle) {
            agents.forEach(agent -> measureSafely(agent, "idle", agent::idle, Metric.CPU_0));
        }
        for (int pods : many || idle ? options.sizes().many() : List.<Integer>of()) {
            int rounds =
                    many ? options.sizes().rounds() : 1; // The measurement of an idle daemon needs the pods as well.
            for (int number = 1; number <= rounds; number++) {
                Round round = new Round(pods, number, rounds, idle);
                List<SubjectBench> turn = new ArrayList<>(many ? subjects : agents);
                // The machine gets slower with each pod that has run, so another subject is first in each round.
                Collections.rotate(turn, number - 1);
                for (SubjectBench bench : turn) {
                    measureSafely(
                            bench, pods + " pods", () -> bench.many(round), Metric.of(many ? "MANY" : "CPU", pods));
                }
            }
        }
    }

    private void measure(Part part, SubjectBench bench) {
        boolean floor = bench.subject() == Subject.FLOOR;
        switch (part) {
            case START -> measureSafely(bench, "start", bench::start, Metric.START_RENAMED, Metric.START_WRITTEN);
            case RESTART -> measureSafely(bench, "restart", bench::restart, Metric.RESTART, Metric.RESTART_MAX);
            case EDIT -> measureSafely(bench, "edit", bench::edit, Metric.EDIT, Metric.EDIT_DOWNTIME);
            case DELETE -> measureSafely(bench, "delete", bench::delete, deleteFigures(bench));
            case MANY, IDLE -> {
                // Measured in rounds by many().
            }
            case VOLUMES -> measureSafely(bench, "volumes", bench::volumes, Metric.VOLUMES);
            case LIFE -> {
                if (!floor) {
                    measureSafely(bench, "life", bench::life, Metric.LIFE);
                }
            }
            case PROBES -> {
                if (!floor) {
                    measureSafely(
                            bench,
                            "probes",
                            bench::probes,
                            Metric.of("PROBES_CPU", options.sizes().probed()));
                }
            }
            case CONFIG -> {
                if (bench.subject() == Subject.JUBELET) {
                    measureSafely(bench, "config", bench::config, Metric.CONFIG_START, Metric.CONFIG_EDIT);
                }
            }
            case PULL -> measureSafely(bench, "pull", bench::pull, Metric.PULL);
            case STARTUP -> {
                if (!floor) {
                    measureSafely(bench, "start-up", bench::startup, Metric.STARTUP_POD);
                }
            }
            case CLUSTER -> {
                if (bench.subject() == Subject.JUBELET) {
                    measureSafely(bench, "cluster", bench::cluster, Metric.CLUSTER_MIRROR, Metric.CLUSTER_RSS);
                }
            }
            case STREAMS -> {
                if (bench.subject() == Subject.JUBELET) {
                    measureSafely(bench, "streams", bench::streams, Metric.EXEC_SOCKET, Metric.STREAM_100_RSS);
                }
            }
            case SIMULATED -> {
                // Measured by simulate() after all other parts.
            }
        }
    }

    private static Metric[] deleteFigures(SubjectBench bench) {
        return bench.subject() == Subject.KUBELET
                ? new Metric[] {Metric.DELETE_STOPPED}
                : new Metric[] {Metric.DELETE_STOPPED, Metric.DELETE_REMOVED};
    }

    /** A measurement whose failure does not end the run. */
    private interface Measurement {
        void run() throws Exception;
    }

    private void measureSafely(SubjectBench bench, String what, Measurement measurement, Metric... metrics) {
        measureSafely(bench.subject(), what, measurement, metrics);
    }

    private void measureSafely(Subject subject, String what, Measurement measurement, Metric... metrics) {
        progress.print("%s: %s", subject.label(), what);
        try {
            KernelCaches.drop();
            measurement.run();
        } catch (Exception | AssertionError failed) {
            String reason = failed instanceof BenchException || failed instanceof AssertionError
                    ? failed.getMessage()
                    : failed.toString();
            progress.print("%s: %s failed: %s", subject.label(), what, reason);
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
        measureSafely(Subject.JUBELET, "simulated runtime", bench::run, metrics);
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
