/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.bench.Target.AtMost;
import io.jubelet.bench.Target.FloorPlus;
import io.jubelet.bench.Target.FloorTimes;
import java.util.List;
import java.util.Locale;

/**
 * One line of the table, with its targets. The first target decides. It is relative to the floor of the same run where
 * possible, because absolute values depend on the machine.
 */
enum Metric {
    START_RENAMED("manifest renamed into place -> started", Unit.MILLISECONDS, new FloorPlus(20), new AtMost(170)),
    START_WRITTEN("manifest written in place -> started", Unit.MILLISECONDS, new FloorPlus(20), new AtMost(170)),
    RESTART("container killed -> replacement started", Unit.MILLISECONDS, new FloorPlus(20), new AtMost(110)),
    RESTART_MAX("the same, slowest sample", Unit.MILLISECONDS, new AtMost(250)),
    EDIT("manifest edited -> new container started", Unit.MILLISECONDS, new FloorPlus(60), new AtMost(400)),
    EDIT_DOWNTIME("the same, end of the old container -> new one started", Unit.MILLISECONDS, new FloorPlus(15)),
    DELETE_STOPPED("manifest removed -> sandbox stopped", Unit.MILLISECONDS),
    DELETE_REMOVED("manifest removed -> sandbox removed", Unit.MILLISECONDS),
    MANY_30("30 pods at once -> all started", Unit.SECONDS, new FloorTimes(1.15)),
    MANY_110("110 pods at once -> all started", Unit.SECONDS, new FloorTimes(1.15), new AtMost(15.9)),
    LIFE("pod with 2 init containers, a sidecar, 3 probes -> started", Unit.MILLISECONDS),
    VOLUMES("pod with 5 volumes of different kinds -> started; floor: no volumes", Unit.MILLISECONDS),
    PROBES_CPU_30("CPU, 30 pods with 3 probes a second each", Unit.PERCENT),
    PROBES_CPU_110("CPU, 110 pods with 3 probes a second each", Unit.PERCENT),
    PROBES_RUNTIME_30("CPU of the runtime meanwhile, 30 pods", Unit.PERCENT),
    PROBES_RUNTIME_110("CPU of the runtime meanwhile, 110 pods", Unit.PERCENT),
    PROBES_RSS_30("RSS, 30 pods with 3 probes each", Unit.MEBIBYTES),
    PROBES_RSS_110("RSS, 110 pods with 3 probes each", Unit.MEBIBYTES),
    CONFIG_START("pod with a configMap and a tmpfs volume -> started", Unit.MILLISECONDS),
    CONFIG_EDIT("ConfigMap edited -> visible in the container", Unit.MILLISECONDS, new AtMost(2000)),
    PULL("manifest with an absent image of 200 MB -> started; floor: the pull", Unit.SECONDS),
    STARTUP_POD("process start -> waiting pod started", Unit.SECONDS, new AtMost(0.5)),
    STARTUP_API("process start -> local API answers", Unit.SECONDS),
    CPU_0("CPU while idle, 0 pods, of one core", Unit.PERCENT, new AtMost(0.3)),
    CPU_30("CPU while idle, 30 pods", Unit.PERCENT, new AtMost(0.3)),
    CPU_110("CPU while idle, 110 pods", Unit.PERCENT, new AtMost(0.3)),
    RSS_0("RSS after start", Unit.MEBIBYTES, new AtMost(73)),
    RSS_30("RSS with 30 pods", Unit.MEBIBYTES, new AtMost(90)),
    RSS_110("RSS with 110 pods", Unit.MEBIBYTES, new AtMost(90)),
    ANON_0("anonymous part, after start", Unit.MEBIBYTES),
    ANON_30("anonymous part, 30 pods", Unit.MEBIBYTES),
    ANON_110("anonymous part, 110 pods", Unit.MEBIBYTES),
    CLUSTER_MIRROR("manifest renamed into place -> mirror pod in the API server", Unit.MILLISECONDS, new AtMost(2000)),
    ALONE_CPU("CPU while idle, 10 pods, without a cluster", Unit.PERCENT),
    CLUSTER_CPU("CPU while idle, 10 pods, in a cluster", Unit.PERCENT),
    ALONE_RSS("RSS with 10 pods, without a cluster", Unit.MEBIBYTES),
    CLUSTER_RSS("RSS with 10 pods, in a cluster", Unit.MEBIBYTES),
    ALONE_ANON("anonymous part, without a cluster", Unit.MEBIBYTES),
    CLUSTER_ANON("anonymous part, in a cluster", Unit.MEBIBYTES),
    EXEC_SOCKET("command true in a container, local socket; floor: the runtime's server", Unit.MILLISECONDS),
    EXEC_COMMAND("jubelet exec of true -> exit; floor: crictl exec", Unit.MILLISECONDS),
    EXEC_COMMAND_CPU("CPU time of that command", Unit.MILLISECONDS),
    FORWARD_TO_POD("port-forward, to the pod; floor: the pod's address", Unit.MEBIBYTES_PER_SECOND),
    FORWARD_FROM_POD("port-forward, from the pod; floor: the pod's address", Unit.MEBIBYTES_PER_SECOND),
    STREAM_CLASSES("classes of streams and ports, no port served", Unit.CLASSES, new AtMost(0)),
    NO_PORT_RSS("RSS with 1 pod, no port served", Unit.MEBIBYTES),
    PORT_RSS("RSS with 1 pod, kubelet's port served", Unit.MEBIBYTES),
    STREAM_1_RSS("RSS with a command through that port", Unit.MEBIBYTES),
    STREAM_100_RSS("RSS with 100 commands through it at once", Unit.MEBIBYTES),
    NO_PORT_ANON("anonymous part, no port served", Unit.MEBIBYTES),
    PORT_ANON("anonymous part, kubelet's port served", Unit.MEBIBYTES),
    STREAM_1_ANON("anonymous part, a command", Unit.MEBIBYTES),
    STREAM_100_ANON("anonymous part, 100 commands", Unit.MEBIBYTES),
    SIMULATED_1000_TIME("simulated: 1,000 pods -> all Running", Unit.SECONDS),
    SIMULATED_1000_CPU("simulated: 1,000 pods, CPU time", Unit.SECONDS),
    SIMULATED_1000_RSS("simulated: 1,000 pods, RSS", Unit.MEBIBYTES),
    SIMULATED_5000_TIME("simulated: 5,000 pods -> all Running", Unit.SECONDS),
    SIMULATED_5000_CPU("simulated: 5,000 pods, CPU time", Unit.SECONDS),
    SIMULATED_5000_RSS("simulated: 5,000 pods, RSS", Unit.MEBIBYTES),
    GROWTH_TIME("time per pod, 5,000 over 1,000", Unit.TIMES, new AtMost(1.5)),
    GROWTH_CPU("CPU time per pod, 5,000 over 1,000", Unit.TIMES, new AtMost(1.5)),
    GROWTH_RSS("memory per pod, 5,000 over 1,000", Unit.TIMES, new AtMost(1.5));

    private final String title;
    private final Unit unit;

    @SuppressWarnings("ImmutableEnumChecker") // the list is unmodifiable, and its elements are records
    private final List<Target> targets;

    Metric(String title, Unit unit, Target... targets) {
        this.title = title;
        this.unit = unit;
        this.targets = List.of(targets);
    }

    /** The metric of this kind for this number of pods. */
    static Metric of(String kind, int pods) {
        return valueOf(kind + "_" + pods);
    }

    String title() {
        return title;
    }

    Unit unit() {
        return unit;
    }

    List<Target> targets() {
        return targets;
    }

    /** The name in the file of results. */
    String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The value that represents the samples in the table. */
    double headline(Samples samples) {
        return this == RESTART_MAX ? samples.max() : samples.median();
    }
}
