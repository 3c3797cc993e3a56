/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.cluster.NodeReport.Pressure;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The conditions of the node in the kubelet's order, with its reasons and messages. Immutable.
 *
 * @param heartbeat when they were computed
 * @param all the conditions, {@code Ready} last
 */
record NodeConditions(Instant heartbeat, List<Condition> all) {

    /**
     * One condition.
     *
     * @param since when its status last changed
     */
    record Condition(String type, boolean status, Instant since, String reason, String message) {
        Condition {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
        }

        /** Returns {@code True} or {@code False}, as in the API. */
        String statusText() {
            return status ? "True" : "False";
        }

        boolean matches(ApiCondition reported) {
            return reported.type().equals(type) && reported.status().equals(statusText());
        }
    }

    /**
     * A condition as the API server stores it.
     *
     * @param status {@code True}, {@code False}, or {@code Unknown} after the node was silent for
     *     long
     * @param since the {@code lastTransitionTime} as text
     */
    record ApiCondition(String type, String status, String since) {
        ApiCondition {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(status, "status");
            Objects.requireNonNull(since, "since");
        }
    }

    private static final String READY = "Ready";
    private static final int MAX_NAMED = 10;

    NodeConditions {
        Objects.requireNonNull(heartbeat, "heartbeat");
        all = List.copyOf(all);
    }

    /**
     * Computes the conditions at a moment.
     *
     * @param reported the stored conditions; unchanged ones keep their transition times
     */
    static NodeConditions of(NodeReport report, List<ApiCondition> reported, Instant now) {
        List<Condition> all = new ArrayList<>();
        all.add(pressure(
                report,
                Pressure.MEMORY,
                "MemoryPressure",
                "KubeletHasInsufficientMemory",
                "KubeletHasSufficientMemory",
                "kubelet has insufficient memory available",
                "kubelet has sufficient memory available",
                now));
        all.add(pressure(
                report,
                Pressure.DISK,
                "DiskPressure",
                "KubeletHasDiskPressure",
                "KubeletHasNoDiskPressure",
                "kubelet has disk pressure",
                "kubelet has no disk pressure",
                now));
        all.add(pressure(
                report,
                Pressure.PID,
                "PIDPressure",
                "KubeletHasInsufficientPID",
                "KubeletHasSufficientPID",
                "kubelet has insufficient PID available",
                "kubelet has sufficient PID available",
                now));
        all.add(
                report.notReady().isEmpty()
                        ? new Condition(READY, true, now, "KubeletReady", ready(report.podsNotRun()))
                        : new Condition(
                                READY,
                                false,
                                now,
                                "KubeletNotReady",
                                report.notReady().get()));
        all.replaceAll(condition -> since(condition, reported));
        return new NodeConditions(now, all);
    }

    private static Condition pressure(
            NodeReport report,
            Pressure kind,
            String type,
            String badReason,
            String goodReason,
            String bad,
            String good,
            Instant now) {
        String what = report.pressures().get(kind);
        return what == null
                ? new Condition(type, false, now, goodReason, good)
                : new Condition(type, true, now, badReason, bad + ": " + what + "; static pods are not evicted");
    }

    /** Mentions pods of the cluster, which users may be waiting for. */
    private static String ready(List<String> notRun) {
        String ready = "kubelet is posting ready status";
        if (notRun.isEmpty()) {
            return ready;
        }
        List<String> named = notRun.subList(0, Math.min(MAX_NAMED, notRun.size()));
        return ready + "; only static pods run here, and " + notRun.size() + " of the cluster "
                + (notRun.size() == 1 ? "does" : "do") + " not: " + String.join(", ", named)
                + (named.size() < notRun.size() ? ", ..." : "");
    }

    private static Condition since(Condition condition, List<ApiCondition> reported) {
        for (ApiCondition before : reported) {
            if (condition.matches(before)) {
                try {
                    return new Condition(
                            condition.type(),
                            condition.status(),
                            Instant.parse(before.since()),
                            condition.reason(),
                            condition.message());
                } catch (DateTimeException _) {
                    return condition; // another client wrote no valid time
                }
            }
        }
        return condition;
    }

    /** Returns whether the stored conditions are equal except for reasons and times. */
    boolean allReportedIn(List<ApiCondition> reported) {
        return all.stream().allMatch(condition -> reported.stream().anyMatch(condition::matches));
    }

    /** Returns the conditions as the API server stores them after an update. */
    List<ApiCondition> asApiConditions() {
        return all.stream()
                .map(condition -> new ApiCondition(
                        condition.type(),
                        condition.statusText(),
                        condition.since().toString()))
                .toList();
    }

    /** Returns the event reasons for conditions that differ from the stored ones. */
    List<String> changedReasons(List<ApiCondition> reported) {
        List<String> reasons = new ArrayList<>();
        for (Condition condition : all) {
            // A node that was never ready has not become unready.
            boolean begins = condition.type().equals(READY)
                    && !condition.status()
                    && reported.stream().noneMatch(before -> before.type().equals(READY));
            if (!begins && reported.stream().noneMatch(condition::matches)) {
                reasons.add(event(condition));
            }
        }
        return reasons;
    }

    private static String event(Condition condition) {
        return switch (condition.type()) {
            case "MemoryPressure" -> condition.status() ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";
            case "DiskPressure" -> condition.status() ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure";
            case "PIDPressure" -> condition.status() ? "NodeHasInsufficientPID" : "NodeHasSufficientPID";
            default -> condition.status() ? "NodeReady" : "NodeNotReady";
        };
    }
}
