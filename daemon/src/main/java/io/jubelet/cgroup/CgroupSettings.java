package io.jubelet.cgroup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How cgroups of pods shall be made.
 *
 * @param perPod whether pods get cgroups of their own
 * @param root the names of the cgroups that lead to {@code kubepods}; mostly none
 * @param cpuPeriod the period of CPU quotas; empty when CPU limits are not enforced by quotas
 * @param pids processes and threads of a pod, 0 for no limit
 * @param hugePageSizes of the node, as cgroups name them
 * @param allMilli thousandths of a processor that all pods together may request, for their weight against the rest of the
 *     node
 * @param allMemory bytes that all pods together may take; 0 for no limit
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

    /** What all pods together may take. */
    CgroupLimits all() {
        return new CgroupLimits(CpuTime.shares(allMilli), 0, 0, allMemory, 0, Map.of());
    }
}
