/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Settings for the cgroups of pods.
 *
 * @param perPod whether pods get cgroups of their own
 * @param root the names of the cgroups above {@code kubepods}; usually empty
 * @param cpuPeriod the period of CPU quotas; empty if CPU limits are not enforced by quotas
 * @param pids the number of processes and threads of a pod, 0 for no limit
 * @param hugePageSizes the sizes of the node, as cgroups name them
 * @param allMilli thousandths of a processor that all pods together can request, which is their
 *     weight relative to the rest of the node
 * @param allMemory bytes that all pods together can use, 0 for no limit
 */
public record CgroupSettings(
        boolean perPod,
        List<String> root,
        Optional<Duration> cpuPeriod,
        long pids,
        List<String> hugePageSizes,
        long allMilli,
        long allMemory) {

    static final CgroupSettings NONE = new CgroupSettings(false, List.of(), Optional.empty(), 0, List.of(), 0, 0);

    public CgroupSettings {
        root = List.copyOf(root);
        Objects.requireNonNull(cpuPeriod, "cpuPeriod");
        hugePageSizes = List.copyOf(hugePageSizes);
    }

    /** The name of the cgroup that holds all pods. */
    List<String> pods() {
        List<String> pods = new ArrayList<>(root);
        pods.add("kubepods");
        return pods;
    }

    /** The limits of all pods together. */
    CgroupLimits all() {
        return new CgroupLimits(CpuTime.shares(allMilli), 0, 0, allMemory, 0, Map.of());
    }
}
