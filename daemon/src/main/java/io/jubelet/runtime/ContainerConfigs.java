package io.jubelet.runtime;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.Mount;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.Pod;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.reconcile.PodAction.StartContainer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Translates a container of a pod into its CRI configuration. Pure. Source of names, values and formulas: the reference
 * kubelet.
 */
final class ContainerConfigs {

    /** What a container must not see of the node, and what it must not write: the kubelet's lists. */
    private static final List<String> MASKED = List.of(
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private static final long MIN_SHARES = 2;
    private static final long MAX_SHARES = 262_144;
    private static final long MIN_QUOTA_MICROS = 1000;

    private ContainerConfigs() {}

    /**
     * @param start the instance to be made
     * @param spec its container
     * @param mounts what its volumes became on the node
     * @param node sizes and policies of the node
     */
    static ContainerConfig of(StartContainer start, ContainerSpec spec, List<Mount> mounts, NodeLimits node) {
        Pod pod = start.pod();
        Map<String, String> env = EnvExpansion.resolve(spec.env());
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(spec.name(), start.attempt()))
                .image(new ImageSpec(start.imageId(), Map.of(), spec.image(), "", ""))
                .command(EnvExpansion.expandAll(spec.command(), env))
                .args(EnvExpansion.expandAll(spec.args(), env))
                .workingDir(spec.workingDir())
                .envs(env.entrySet().stream()
                        .map(e -> new ContainerConfig.KeyValue(e.getKey(), e.getValue()))
                        .toList())
                .mounts(mounts)
                .labels(labels(pod, spec))
                .annotations(annotations(start, spec))
                .logPath(spec.name() + "/" + start.attempt() + ".log")
                .linux(new LinuxContainerConfig(resources(pod, spec, node), security(pod)))
                .build();
    }

    private static Map<String, String> labels(Pod pod, ContainerSpec spec) {
        Map<String, String> labels = SandboxConfigs.identity(pod);
        labels.put(Labels.CONTAINER_NAME, spec.name());
        return labels;
    }

    private static Map<String, String> annotations(StartContainer start, ContainerSpec spec) {
        Map<String, String> annotations = new HashMap<>();
        annotations.put(
                "io.kubernetes.container.hash", Integer.toHexString((spec.name() + "\n" + spec.image()).hashCode()));
        annotations.put("io.kubernetes.container.restartCount", Integer.toString(start.attempt()));
        annotations.put("io.kubernetes.container.terminationMessagePath", VolumeSetup.TERMINATION_LOG);
        annotations.put("io.kubernetes.container.terminationMessagePolicy", "File");
        annotations.put(
                "io.kubernetes.pod.terminationGracePeriod",
                Long.toString(start.pod().spec().terminationGracePeriod().toSeconds()));
        annotations.put(Labels.BACKOFF, Long.toString(start.backoff().toSeconds()));
        return annotations;
    }

    private static LinuxContainerSecurityContext security(Pod pod) {
        return LinuxContainerSecurityContext.builder()
                .namespaceOptions(SandboxConfigs.namespaces(pod))
                .maskedPaths(MASKED)
                .readonlyPaths(READ_ONLY)
                .seccomp(SecurityProfile.unconfined())
                .build();
    }

    // --- resources

    static LinuxContainerResources resources(Pod pod, ContainerSpec spec, NodeLimits node) {
        Resources resources = spec.resources();
        LinuxContainerResources.Builder builder = LinuxContainerResources.builder()
                .cpuShares(shares(resources))
                .memoryLimitInBytes(
                        resources.limit("memory").map(Quantity::value).orElse(0L))
                .oomScoreAdj(oomScore(pod, resources, node.memoryBytes()));
        if (node.cpuQuota()) {
            long period = node.cpuPeriod().toNanos() / 1000;
            builder.cpuPeriod(period);
            resources
                    .limit("cpu")
                    .map(Quantity::milli)
                    .filter(milli -> milli > 0)
                    .ifPresent(milli -> builder.cpuQuota(Math.max(milli * period / 1000, MIN_QUOTA_MICROS)));
        }
        return builder.build();
    }

    private static long shares(Resources resources) {
        Optional<Quantity> cpu = resources.request("cpu").or(() -> resources.limit("cpu"));
        long milli = cpu.map(Quantity::milli).orElse(0L);
        return Math.clamp(milli * 1024 / 1000, MIN_SHARES, MAX_SHARES);
    }

    private static long oomScore(Pod pod, Resources resources, long nodeMemory) {
        return switch (QosClass.of(pod.spec())) {
            case Guaranteed -> -997;
            case BestEffort -> 1000;
            case Burstable -> {
                long request = resources.request("memory").map(Quantity::value).orElse(0L);
                long score = 1000 - (long) (1000.0 * request / nodeMemory);
                yield Math.clamp(score, 3, 999);
            }
        };
    }

    /** The paths of mounts inside the container, to see whether a volume covers what the daemon would mount. */
    static List<String> mountPaths(ContainerSpec spec) {
        List<String> paths = new ArrayList<>();
        spec.volumeMounts().forEach(m -> paths.add(m.mountPath()));
        return paths;
    }
}
