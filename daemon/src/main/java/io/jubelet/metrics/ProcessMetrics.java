/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import java.io.IOException;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The metrics of the process and its JVM. Those of the process have the names of the clients of Prometheus. */
final class ProcessMetrics {

    static final Metric START_TIME =
            Metric.gauge("process_start_time_seconds", "When the daemon started, in Unix time.");
    private static final Metric CPU = Metric.counter("process_cpu_seconds_total", "CPU time that the daemon has used.");
    private static final Metric MAX_FILES =
            Metric.gauge("process_max_fds", "File descriptors that the daemon may open.");
    private static final Metric FILES = Metric.gauge("process_open_fds", "File descriptors that the daemon has open.");
    private static final Metric RESIDENT =
            Metric.gauge("process_resident_memory_bytes", "Memory of the daemon that is in RAM.");
    private static final Metric VIRTUAL = Metric.gauge("process_virtual_memory_bytes", "Address space of the daemon.");

    private static final Metric HEAP = Metric.gauge(
            "jubelet_jvm_memory_used_bytes", "Memory that the JVM uses, by area: heap or nonheap.", "area");
    private static final Metric COMMITTED = Metric.gauge(
            "jubelet_jvm_memory_committed_bytes",
            "Memory that the JVM has reserved for itself, by area: heap or nonheap.",
            "area");
    private static final Metric MAX = Metric.gauge(
            "jubelet_jvm_memory_max_bytes", "The largest heap that the JVM may have; nonheap has no limit.", "area");
    private static final Metric COLLECTIONS =
            Metric.counter("jubelet_jvm_gc_collections_total", "Garbage collections, by collector.", "collector");
    private static final Metric COLLECTION_TIME = Metric.counter(
            "jubelet_jvm_gc_seconds_total", "Time spent in garbage collections, by collector.", "collector");
    private static final Metric THREADS =
            Metric.gauge("jubelet_jvm_platform_threads", "Threads of the operating system, virtual ones aside.");
    private static final Metric CLASSES = Metric.gauge("jubelet_jvm_loaded_classes", "Classes that are loaded.");

    static final List<Metric> ALL = List.of(
            CPU,
            MAX_FILES,
            FILES,
            RESIDENT,
            START_TIME,
            VIRTUAL,
            HEAP,
            COMMITTED,
            MAX,
            COLLECTIONS,
            COLLECTION_TIME,
            THREADS,
            CLASSES);

    private static final Path SELF = Path.of("/proc/self");
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private ProcessMetrics() {}

    /** Writes them all. */
    static void write(Exposition out) throws IOException {
        process(out);
        jvm(out);
    }

    private static void process(Exposition out) throws IOException {
        ProcessHandle.Info info = ProcessHandle.current().info();
        if (info.totalCpuDuration().isPresent()) {
            out.sample(CPU, info.totalCpuDuration().get().toNanos() / NANOS);
        }
        for (String line : Files.readAllLines(SELF.resolve("limits"))) {
            if (line.startsWith("Max open files")) {
                String soft = line.substring("Max open files".length()).strip().split(" +")[0];
                out.sample(MAX_FILES, soft.equals("unlimited") ? Double.POSITIVE_INFINITY : Double.parseDouble(soft));
            }
        }
        try (Stream<Path> open = Files.list(SELF.resolve("fd"))) {
            out.sample(FILES, open.count() - 1); // without the one that lists them
        }
        String resident = "";
        String virtual = "";
        for (String line : Files.readAllLines(SELF.resolve("status"), StandardCharsets.ISO_8859_1)) {
            resident = line.startsWith("VmRSS:") ? line : resident;
            virtual = line.startsWith("VmSize:") ? line : virtual;
        }
        out.sample(RESIDENT, bytes(resident));
        startTime(out);
        out.sample(VIRTUAL, bytes(virtual));
    }

    private static double bytes(String line) {
        String digits = line.replaceAll("\\D", "");
        return digits.isEmpty() ? 0 : Double.parseDouble(digits) * 1024;
    }

    static void startTime(Exposition out) throws IOException {
        Instant start = ProcessHandle.current().info().startInstant().orElse(Instant.EPOCH);
        out.sample(START_TIME, Exposition.seconds(start));
    }

    private static void jvm(Exposition out) throws IOException {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
        out.sample(HEAP, heap.getUsed(), "heap");
        out.sample(HEAP, other.getUsed(), "nonheap");
        out.sample(COMMITTED, heap.getCommitted(), "heap");
        out.sample(COMMITTED, other.getCommitted(), "nonheap");
        out.sample(MAX, heap.getMax(), "heap");
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
        for (GarbageCollectorMXBean collector : collectors) {
            out.sample(COLLECTIONS, collector.getCollectionCount(), collector.getName());
        }
        for (GarbageCollectorMXBean collector : collectors) {
            out.sample(COLLECTION_TIME, collector.getCollectionTime() / MILLIS, collector.getName());
        }
        out.sample(THREADS, ManagementFactory.getThreadMXBean().getThreadCount());
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        out.sample(CLASSES, classes.getLoadedClassCount());
    }
}
