/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.pod.PodStatus;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodStatusBuilder;
import io.jubelet.status.StatusSnapshot;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The line that {@code systemctl status} shows: how many pods are in which phase, and what is wrong with the manifest
 * directory or the runtime. Used by one thread.
 */
final class ServiceStatus implements Supplier<String> {

    private final LongSupplier version;
    private final Supplier<StatusSnapshot> pods;
    private final Supplier<Optional<String>> directoryProblem;
    private final Supplier<Optional<String>> runtimeTrouble;

    private long counted = -1;
    private String counts = "";

    /**
     * @param version changes whenever a pod does
     * @param directoryProblem empty when there is none
     */
    ServiceStatus(
            LongSupplier version,
            Supplier<StatusSnapshot> pods,
            Supplier<Optional<String>> directoryProblem,
            Supplier<Optional<String>> runtimeTrouble) {
        this.version = version;
        this.pods = pods;
        this.directoryProblem = directoryProblem;
        this.runtimeTrouble = runtimeTrouble;
    }

    @Override
    public String get() {
        long now = version.getAsLong();
        if (now != counted) {
            counts = counts(pods.get().pods());
            counted = now;
        }
        Optional<String> directory = directoryProblem.get();
        return counts
                + (directory.isEmpty() ? "" : "; " + directory.get())
                + runtimeTrouble.get().map(trouble -> "; " + trouble).orElse("");
    }

    private static String counts(List<PodReport> pods) {
        Map<PodStatus.Phase, Integer> phases = new EnumMap<>(PodStatus.Phase.class);
        for (PodReport report : pods) {
            phases.merge(PodStatusBuilder.build(report, List.of()).phase(), 1, Integer::sum);
        }
        StringBuilder line = new StringBuilder(pods.size() == 1 ? "1 pod" : pods.size() + " pods");
        String before = ": ";
        for (Map.Entry<PodStatus.Phase, Integer> each : phases.entrySet()) {
            line.append(before).append(each.getValue()).append(' ').append(each.getKey());
            before = ", ";
        }
        return line.toString();
    }
}
