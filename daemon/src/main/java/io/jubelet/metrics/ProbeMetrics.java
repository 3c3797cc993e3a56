/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import io.jubelet.probe.ProbeStatistics;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** The metrics of {@code /metrics/probes}. Names, types, labels and help are the kubelet's. */
final class ProbeMetrics {

    private static final Metric DURATION = Metric.histogram(
            "prober_probe_duration_seconds",
            "How long attempts of a probe took.",
            "probe_type",
            "container",
            "pod",
            "namespace");
    private static final Metric TOTAL = Metric.counter(
            "prober_probe_total",
            "Attempts of a probe of a container, by result.",
            "probe_type",
            "result",
            "container",
            "pod",
            "namespace",
            "pod_uid");

    static final List<Metric> ALL = List.of(DURATION, TOTAL, ProcessMetrics.START_TIME);

    private static final Comparator<ProbeStatistics> ORDER = Comparator.comparing(ProbeStatistics::pod)
            .thenComparing(ProbeStatistics::container)
            .thenComparing(ProbeStatistics::kind)
            .thenComparing(ProbeStatistics::uid);

    private ProbeMetrics() {}

    /**
     * Writes them all.
     *
     * @param fullName adds the suffix of the node to the name of a pod
     */
    static void write(Exposition out, List<ProbeStatistics> probes, Function<PodName, String> fullName)
            throws IOException {
        List<ProbeStatistics> sorted = probes.stream().sorted(ORDER).toList();
        for (int i = 0; i < sorted.size(); i++) {
            ProbeStatistics probe = sorted.get(i);
            PodName pod = probe.pod();
            // Two instances of a container overlap for a moment, and durations have no label that tells them apart.
            boolean last = i + 1 == sorted.size() || !sameContainer(probe, sorted.get(i + 1));
            if (last) {
                out.histogram(
                        DURATION,
                        probe.durations(),
                        type(probe.kind()),
                        probe.container(),
                        fullName.apply(pod),
                        pod.namespace());
            }
        }
        for (int i = 0; i < sorted.size(); i++) {
            ProbeStatistics probe = sorted.get(i);
            boolean last = i + 1 == sorted.size()
                    || !sameContainer(probe, sorted.get(i + 1))
                    || !probe.uid().equals(sorted.get(i + 1).uid());
            if (last) {
                results(out, probe, "failed", probe.results().failed(), fullName);
                results(out, probe, "successful", probe.results().successful(), fullName);
                results(out, probe, "unknown", probe.results().unknown(), fullName);
            }
        }
        ProcessMetrics.startTime(out);
    }

    private static boolean sameContainer(ProbeStatistics one, ProbeStatistics other) {
        return one.pod().equals(other.pod()) && one.container().equals(other.container()) && one.kind() == other.kind();
    }

    /** As in the kubelet, a result that never happened has no sample. */
    private static void results(
            Exposition out, ProbeStatistics probe, String result, long count, Function<PodName, String> fullName)
            throws IOException {
        if (count > 0) {
            out.sample(
                    TOTAL,
                    count,
                    type(probe.kind()),
                    result,
                    probe.container(),
                    fullName.apply(probe.pod()),
                    probe.pod().namespace(),
                    probe.uid());
        }
    }

    static String type(Probe.Kind kind) {
        return switch (kind) {
            case STARTUP -> "Startup";
            case LIVENESS -> "Liveness";
            case READINESS -> "Readiness";
        };
    }
}
