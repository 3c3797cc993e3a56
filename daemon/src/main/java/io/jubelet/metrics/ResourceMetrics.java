/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.stats.Summary;
import io.jubelet.stats.Usage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The metrics of {@code /metrics/resource}, which a metrics-server reads. Names, types, labels and help are the kubelet's.
 */
final class ResourceMetrics {

    private static final String[] CONTAINER = {"container", "pod", "namespace"};
    private static final String[] POD = {"pod", "namespace"};
    private static final double NANOS = 1e9;

    private static final Metric CONTAINER_CPU = Metric.counter(
            "container_cpu_usage_seconds_total",
            "CPU time that the container has used, in seconds of one core.",
            CONTAINER);
    private static final Metric CONTAINER_MEMORY = Metric.gauge(
            "container_memory_working_set_bytes",
            "Memory of the container that cannot be reclaimed easily: its working set.",
            CONTAINER);
    private static final Metric CONTAINER_START =
            Metric.gauge("container_start_time_seconds", "When the container started, in Unix time.", CONTAINER);
    private static final Metric CONTAINER_SWAP_LIMIT =
            Metric.gauge("container_swap_limit_bytes", "Swap space that the container may use.", CONTAINER);
    private static final Metric CONTAINER_SWAP =
            Metric.gauge("container_swap_usage_bytes", "Swap space that the container uses.", CONTAINER);
    private static final Metric NODE_CPU = Metric.counter(
            "node_cpu_usage_seconds_total", "CPU time that everything on the node has used, in seconds of one core.");
    private static final Metric NODE_MEMORY = Metric.gauge(
            "node_memory_working_set_bytes", "Memory of the node that cannot be reclaimed easily: its working set.");
    private static final Metric NODE_SWAP = Metric.gauge("node_swap_usage_bytes", "Swap space that the node uses.");
    private static final Metric POD_CPU = Metric.counter(
            "pod_cpu_usage_seconds_total", "CPU time that the pod has used, in seconds of one core.", POD);
    private static final Metric POD_MEMORY = Metric.gauge(
            "pod_memory_working_set_bytes", "Memory of the pod that cannot be reclaimed easily: its working set.", POD);
    private static final Metric POD_SWAP = Metric.gauge("pod_swap_usage_bytes", "Swap space that the pod uses.", POD);
    private static final Metric SCRAPE_ERROR =
            Metric.gauge("resource_scrape_error", "1 if some of these measurements failed, otherwise 0.");

    static final List<Metric> ALL = List.of(
            CONTAINER_CPU,
            CONTAINER_MEMORY,
            CONTAINER_START,
            CONTAINER_SWAP_LIMIT,
            CONTAINER_SWAP,
            NODE_CPU,
            NODE_MEMORY,
            NODE_SWAP,
            POD_CPU,
            POD_MEMORY,
            POD_SWAP,
            SCRAPE_ERROR);

    private final Exposition out;

    private ResourceMetrics(Exposition out) {
        this.out = out;
    }

    /** Writes them all. */
    static void write(Exposition out, Optional<Summary> summary) throws IOException {
        ResourceMetrics metrics = new ResourceMetrics(out);
        if (summary.isPresent()) {
            metrics.containers(summary.get());
            metrics.node(summary.get().node().usage());
            metrics.pods(summary.get());
        }
        out.sample(SCRAPE_ERROR, summary.isPresent() ? 0 : 1);
    }

    /** A value with the time of its measurement. */
    private record Measured(Instant at, double value) {}

    private static Optional<Measured> cpu(Usage usage) {
        return usage.cpu()
                .filter(cpu -> cpu.usageCoreNanoSeconds().isPresent())
                .map(cpu -> new Measured(cpu.time(), cpu.usageCoreNanoSeconds().getAsLong() / NANOS));
    }

    private static Optional<Measured> memory(Usage usage) {
        return usage.memory()
                .filter(memory -> memory.workingSet().isPresent())
                .map(memory -> new Measured(memory.time(), memory.workingSet().getAsLong()));
    }

    private static Optional<Measured> swap(Usage usage) {
        return usage.swap()
                .filter(swap -> swap.usage().isPresent())
                .map(swap -> new Measured(swap.time(), swap.usage().getAsLong()));
    }

    private static Optional<Measured> swapLimit(Usage usage) {
        return usage.swap()
                .filter(swap -> swap.available().isPresent())
                .map(swap -> new Measured(
                        swap.time(), swap.available().getAsLong() + swap.usage().orElse(0)));
    }

    /** Reads one value of a usage. */
    private interface Value {
        Optional<Measured> of(Usage usage);
    }

    private void containers(Summary summary) throws IOException {
        containers(summary, CONTAINER_CPU, ResourceMetrics::cpu);
        containers(summary, CONTAINER_MEMORY, ResourceMetrics::memory);
        for (Summary.Pod pod : summary.pods()) {
            for (Summary.Container container : pod.containers()) {
                if (container.startTime().getEpochSecond() > 0) {
                    out.sample(CONTAINER_START, Exposition.seconds(container.startTime()), labels(pod, container));
                }
            }
        }
        containers(summary, CONTAINER_SWAP_LIMIT, ResourceMetrics::swapLimit);
        containers(summary, CONTAINER_SWAP, ResourceMetrics::swap);
    }

    private void containers(Summary summary, Metric metric, Value value) throws IOException {
        for (Summary.Pod pod : summary.pods()) {
            for (Summary.Container container : pod.containers()) {
                sample(metric, value.of(container.usage()), labels(pod, container));
            }
        }
    }

    private static String[] labels(Summary.Pod pod, Summary.Container container) {
        return new String[] {
            container.name(), pod.reference().name(), pod.reference().namespace()
        };
    }

    private void node(Usage usage) throws IOException {
        sample(NODE_CPU, cpu(usage));
        sample(NODE_MEMORY, memory(usage));
        sample(NODE_SWAP, swap(usage));
    }

    private void pods(Summary summary) throws IOException {
        pods(summary, POD_CPU, ResourceMetrics::cpu);
        pods(summary, POD_MEMORY, ResourceMetrics::memory);
        pods(summary, POD_SWAP, ResourceMetrics::swap);
    }

    private void pods(Summary summary, Metric metric, Value value) throws IOException {
        for (Summary.Pod pod : summary.pods()) {
            sample(
                    metric,
                    value.of(pod.usage()),
                    pod.reference().name(),
                    pod.reference().namespace());
        }
    }

    private void sample(Metric metric, Optional<Measured> measured, String... labels) throws IOException {
        if (measured.isPresent()) {
            out.sample(metric, measured.get().at(), measured.get().value(), labels);
        }
    }
}
