/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.cgroup.CgroupUsage;
import io.jubelet.stats.Summary;
import io.jubelet.stats.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The metrics of {@code /metrics/cadvisor}: those of cAdvisor that dashboards for Kubernetes use most, about the node, pods
 * and containers. Names, types and labels are cAdvisor's; the label {@code id} of a pod or container is its UID or ID, and not
 * the path of its cgroup.
 */
final class CadvisorMetrics {

    private static final double NANOS = 1e9;
    private static final double MICROS = 1e6;

    private static final Metric CPU = metric(
            Metric::counter,
            "container_cpu_usage_seconds_total",
            "CPU time that was used, in seconds of one core.",
            "cpu");
    private static final Metric FAULTS = metric(
            Metric::counter,
            "container_memory_failures_total",
            "Page faults, by type and by whether those of cgroups below count.",
            "failure_type",
            "scope");
    private static final Metric RSS =
            metric(Metric::gauge, "container_memory_rss", "Anonymous memory and swap cache, without files.");
    private static final Metric SWAP = metric(Metric::gauge, "container_memory_swap", "Swap space that is used.");
    private static final Metric MEMORY =
            metric(Metric::gauge, "container_memory_usage_bytes", "Memory that is used, pages of files included.");
    private static final Metric WORKING_SET =
            metric(Metric::gauge, "container_memory_working_set_bytes", "Memory that cannot be reclaimed easily.");
    private static final Metric RECEIVED = metric(
            Metric::counter, "container_network_receive_bytes_total", "Bytes that the pod received.", "interface");
    private static final Metric RECEIVE_ERRORS = metric(
            Metric::counter,
            "container_network_receive_errors_total",
            "Errors of the network while the pod received.",
            "interface");
    private static final Metric SENT =
            metric(Metric::counter, "container_network_transmit_bytes_total", "Bytes that the pod sent.", "interface");
    private static final Metric SEND_ERRORS = metric(
            Metric::counter,
            "container_network_transmit_errors_total",
            "Errors of the network while the pod sent.",
            "interface");
    private static final Metric CPU_STALLED = pressure("cpu_stalled", "all tasks waited for a CPU");
    private static final Metric CPU_WAITING = pressure("cpu_waiting", "a task waited for a CPU");
    private static final Metric IO_STALLED = pressure("io_stalled", "all tasks waited for I/O");
    private static final Metric IO_WAITING = pressure("io_waiting", "a task waited for I/O");
    private static final Metric MEMORY_STALLED = pressure("memory_stalled", "all tasks waited for memory");
    private static final Metric MEMORY_WAITING = pressure("memory_waiting", "a task waited for memory");
    private static final Metric PROCESSES = metric(Metric::gauge, "container_processes", "Processes in the container.");
    private static final Metric SCRAPE_ERROR =
            Metric.gauge("container_scrape_error", "1 if some of these measurements failed, otherwise 0.");
    private static final Metric START =
            metric(Metric::gauge, "container_start_time_seconds", "When the container started, in Unix time.");
    private static final Metric CORES = Metric.gauge("machine_cpu_cores", "Logical processors of the node.");

    static final List<Metric> ALL = List.of(
            CPU,
            FAULTS,
            RSS,
            SWAP,
            MEMORY,
            WORKING_SET,
            RECEIVED,
            RECEIVE_ERRORS,
            SENT,
            SEND_ERRORS,
            CPU_STALLED,
            CPU_WAITING,
            IO_STALLED,
            IO_WAITING,
            MEMORY_STALLED,
            MEMORY_WAITING,
            PROCESSES,
            SCRAPE_ERROR,
            START,
            CORES);

    /** Makes a metric of a type. */
    private interface Maker {
        Metric make(String name, String help, String... labels);
    }

    private static Metric metric(Maker type, String name, String help, String... further) {
        List<String> labels = new ArrayList<>(List.of("container", "id", "image", "name", "namespace", "pod"));
        labels.addAll(List.of(further));
        return type.make(name, help, labels.toArray(String[]::new));
    }

    private static Metric pressure(String what, String when) {
        return metric(Metric::counter, "container_pressure_" + what + "_seconds_total", "Time in which " + when + ".");
    }

    /**
     * The node, a pod or a container.
     *
     * @param labels the values of the labels that all metrics have
     */
    private record Subject(
            List<String> labels,
            Instant start,
            Usage usage,
            Optional<Summary.Network> network,
            OptionalLong processes) {

        String[] with(String... further) {
            List<String> all = new ArrayList<>(labels);
            all.addAll(List.of(further));
            return all.toArray(String[]::new);
        }
    }

    private final Exposition out;
    private final List<Subject> subjects;

    private CadvisorMetrics(Exposition out, List<Subject> subjects) {
        this.out = out;
        this.subjects = subjects;
    }

    /** Writes them all. */
    static void write(Exposition out, Optional<Summary> summary) throws IOException {
        new CadvisorMetrics(out, summary.map(CadvisorMetrics::subjects).orElse(List.of())).write(summary.isEmpty());
    }

    private static List<Subject> subjects(Summary summary) {
        List<Subject> subjects = new ArrayList<>();
        Summary.Node node = summary.node();
        subjects.add(new Subject(
                List.of("", "/", "", "", "", ""),
                node.startTime(),
                node.usage(),
                node.network(),
                OptionalLong.empty()));
        for (Summary.Pod pod : summary.pods()) {
            Summary.PodReference reference = pod.reference();
            subjects.add(new Subject(
                    List.of("", reference.uid(), "", "", reference.namespace(), reference.name()),
                    pod.startTime(),
                    pod.usage(),
                    pod.network(),
                    pod.processes()));
            for (Summary.Container container : pod.containers()) {
                subjects.add(new Subject(
                        List.of(
                                container.name(),
                                container.id(),
                                container.image(),
                                container.id(),
                                reference.namespace(),
                                reference.name()),
                        container.startTime(),
                        container.usage(),
                        Optional.empty(),
                        OptionalLong.empty()));
            }
        }
        return subjects;
    }

    private void write(boolean failed) throws IOException {
        for (Subject each : subjects) {
            Optional<Usage.Cpu> cpu = each.usage().cpu();
            if (cpu.isPresent() && cpu.get().usageCoreNanoSeconds().isPresent()) {
                double seconds = cpu.get().usageCoreNanoSeconds().getAsLong() / NANOS;
                out.sample(CPU, cpu.get().time(), seconds, each.with("total"));
            }
        }
        for (Subject each : subjects) {
            Optional<Usage.Memory> memory = each.usage().memory();
            if (memory.isPresent()) {
                Usage.PageFaults faults = memory.get().faults();
                sample(FAULTS, memory.get().time(), faults.all(), each.with("pgfault", "hierarchy"));
                sample(FAULTS, memory.get().time(), faults.major(), each.with("pgmajfault", "hierarchy"));
            }
        }
        memory(RSS, Usage.Memory::rss);
        for (Subject each : subjects) {
            if (each.usage().swap().isPresent()) {
                Usage.Swap swap = each.usage().swap().get();
                sample(SWAP, swap.time(), swap.usage(), each.with());
            }
        }
        memory(MEMORY, Usage.Memory::usage);
        memory(WORKING_SET, Usage.Memory::workingSet);
        network(RECEIVED, Summary.Interface::received);
        network(RECEIVE_ERRORS, Summary.Interface::receiveErrors);
        network(SENT, Summary.Interface::sent);
        network(SEND_ERRORS, Summary.Interface::sendErrors);
        pressure(CPU_STALLED, CPU_WAITING, usage -> usage.cpu().flatMap(Usage.Cpu::pressure));
        pressure(IO_STALLED, IO_WAITING, usage -> usage.io().flatMap(Usage.Io::pressure));
        pressure(MEMORY_STALLED, MEMORY_WAITING, usage -> usage.memory().flatMap(Usage.Memory::pressure));
        for (Subject each : subjects) {
            if (each.processes().isPresent()) {
                out.sample(PROCESSES, each.processes().getAsLong(), each.with());
            }
        }
        out.sample(SCRAPE_ERROR, failed ? 1 : 0);
        for (Subject each : subjects) {
            if (each.start().getEpochSecond() > 0) {
                out.sample(START, Exposition.seconds(each.start()), each.with());
            }
        }
        out.sample(CORES, Runtime.getRuntime().availableProcessors());
    }

    private void sample(Metric metric, Instant at, OptionalLong value, String... labels) throws IOException {
        if (value.isPresent()) {
            out.sample(metric, at, value.getAsLong(), labels);
        }
    }

    private void memory(Metric metric, Function<Usage.Memory, OptionalLong> value) throws IOException {
        for (Subject each : subjects) {
            Optional<Usage.Memory> memory = each.usage().memory();
            if (memory.isPresent()) {
                sample(metric, memory.get().time(), value.apply(memory.get()), each.with());
            }
        }
    }

    private void network(Metric metric, Function<Summary.Interface, OptionalLong> value) throws IOException {
        for (Subject each : subjects) {
            if (each.network().isPresent()) {
                for (Summary.Interface network : each.network().get().interfaces()) {
                    sample(metric, each.network().get().time(), value.apply(network), each.with(network.name()));
                }
            }
        }
    }

    private void pressure(Metric stalled, Metric waiting, Function<Usage, Optional<CgroupUsage.Pressure>> pressure)
            throws IOException {
        for (Subject each : subjects) {
            Optional<CgroupUsage.Pressure> measured = pressure.apply(each.usage());
            if (measured.isPresent()) {
                out.sample(stalled, measured.get().full().totalMicros() / MICROS, each.with());
            }
        }
        for (Subject each : subjects) {
            Optional<CgroupUsage.Pressure> measured = pressure.apply(each.usage());
            if (measured.isPresent()) {
                out.sample(waiting, measured.get().some().totalMicros() / MICROS, each.with());
            }
        }
    }
}
