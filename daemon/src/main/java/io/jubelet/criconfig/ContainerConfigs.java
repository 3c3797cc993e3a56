package io.jubelet.criconfig;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerConfig.KeyValue;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.Mount;
import io.jubelet.cri.MountPropagation;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.Signal;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.Pod;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import io.jubelet.volume.VolumeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes the CRI configuration of a container, as the kubelet would. Pure. */
public final class ContainerConfigs {

    static final String HOSTS_PATH = "/etc/hosts";

    private static final List<String> MASKED_PATHS = List.of(
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
    private static final List<String> READONLY_PATHS =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    private ContainerConfigs() {}

    /**
     * What was made for one instance before its container is.
     *
     * @param attempt restart count of the instance
     * @param backoff what to wait after its end
     * @param round how often all containers of the pod were restarted together before
     * @param imageId the runtime's reference of the image
     * @param mounted the same of images that it mounts, by what the manifest calls them
     * @param volumes where each of the container's mounts finds its volume, or its part of one
     * @param recursiveReadOnly whether the runtime can make mounts read-only with what is mounted below
     * @param hosts the hosts file made for the pod, if there is one
     * @param terminationLog the file for the container's last words
     */
    public record Instance(
            int attempt,
            Duration backoff,
            int round,
            String imageId,
            Map<String, String> mounted,
            List<VolumeSource> volumes,
            boolean recursiveReadOnly,
            Optional<Path> hosts,
            Path terminationLog) {
        public Instance {
            Objects.requireNonNull(backoff, "backoff");
            Objects.requireNonNull(imageId, "imageId");
            mounted = Map.copyOf(mounted);
            volumes = List.copyOf(volumes);
            Objects.requireNonNull(hosts, "hosts");
            Objects.requireNonNull(terminationLog, "terminationLog");
        }
    }

    /**
     * The configuration of one instance of a container.
     *
     * @param env the variables it is given, in their order
     */
    public static ContainerConfig of(
            Pod pod, ContainerSpec container, Instance instance, Map<String, String> env, NodeProfile node) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(container.name(), instance.attempt()))
                .image(ImageSpec.builder()
                        .image(instance.imageId())
                        .userSpecifiedImage(container.image())
                        .build())
                .command(EnvExpansion.expandAll(container.process().command(), env))
                .args(EnvExpansion.expandAll(container.process().args(), env))
                .workingDir(container.process().workingDir())
                .envs(env.entrySet().stream()
                        .map(variable -> new KeyValue(variable.getKey(), variable.getValue()))
                        .toList())
                .mounts(mounts(container, instance))
                .labels(labels(pod, container))
                .annotations(annotations(pod, container, instance))
                .stopSignal(stopSignal(container))
                .stdin(container.process().terminal().stdin())
                .stdinOnce(container.process().terminal().stdinOnce())
                .tty(container.process().terminal().tty())
                .logPath(container.name() + "/" + instance.attempt() + ".log")
                .linux(new LinuxContainerConfig(
                        LinuxResources.ofContainer(pod.spec(), container, node),
                        LinuxContainerSecurityContext.builder()
                                .namespaceOptions(SandboxConfigs.namespaces(pod))
                                .maskedPaths(Stream.concat(MASKED_PATHS.stream(), node.thermalThrottlePaths().stream())
                                        .toList())
                                .readonlyPaths(READONLY_PATHS)
                                .seccomp(SecurityProfile.unconfined())
                                .build()))
                .build();
    }

    private static Signal stopSignal(ContainerSpec container) {
        String name = container.hooks().stopSignal();
        return name.isEmpty()
                ? Signal.RUNTIME_DEFAULT
                : SignalNames.signal(name).orElse(Signal.RUNTIME_DEFAULT);
    }

    private static List<Mount> mounts(ContainerSpec container, Instance instance) {
        List<Mount> mounts = new ArrayList<>();
        for (VolumeMount mount : container.volumeMounts()) {
            VolumeSource source = instance.volumes().get(mounts.size());
            mounts.add(mount(source, mount, instance));
        }
        boolean ownHosts = container.volumeMounts().stream()
                .anyMatch(mount -> mount.mountPath().equals(HOSTS_PATH));
        if (!ownHosts) {
            instance.hosts().ifPresent(hosts -> mounts.add(bind(hosts, HOSTS_PATH, false)));
        }
        mounts.add(
                bind(instance.terminationLog(), container.lifecycle().terminationMessage().path(), false));
        return mounts;
    }

    private static Mount mount(VolumeSource source, VolumeMount mount, Instance instance) {
        Mount.Builder builder = Mount.builder()
                .containerPath(mount.mountPath())
                .recursiveReadOnly(
                        instance.recursiveReadOnly() && mount.recursiveReadOnly() != RecursiveReadOnly.Disabled)
                .propagation(
                        switch (mount.propagation()) {
                            case None -> MountPropagation.PRIVATE;
                            case HostToContainer -> MountPropagation.HOST_TO_CONTAINER;
                            case Bidirectional -> MountPropagation.BIDIRECTIONAL;
                        });
        return switch (source) {
            case VolumeSource.OnNode node ->
                builder.hostPath(node.path().toString())
                        .readonly(mount.readOnly() || node.readOnly())
                        .build();
            case VolumeSource.InImage image ->
                builder.image(ImageSpec.builder()
                                .image(instance.mounted().get(image.reference()))
                                .userSpecifiedImage(image.reference())
                                .build())
                        .imageSubPath(image.subPath())
                        .readonly(true)
                        .build();
        };
    }

    private static Mount bind(Path hostPath, String containerPath, boolean readOnly) {
        return Mount.builder()
                .hostPath(hostPath.toString())
                .containerPath(containerPath)
                .readonly(readOnly)
                .build();
    }

    private static Map<String, String> labels(Pod pod, ContainerSpec container) {
        Map<String, String> labels = new HashMap<>(Labels.ofPod(pod.name(), pod.node()));
        labels.put(Labels.POD_UID, pod.uid());
        labels.put(Labels.CONTAINER_NAME, container.name());
        return labels;
    }

    private static Map<String, String> annotations(Pod pod, ContainerSpec container, Instance instance) {
        Map<String, String> annotations = Map.of(
                Labels.CONTAINER_HASH, Integer.toHexString(Objects.hash(container.name(), container.image())),
                Labels.RESTART_COUNT, Integer.toString(instance.attempt()),
                Labels.TERMINATION_MESSAGE_PATH, container.lifecycle().terminationMessage().path(),
                Labels.TERMINATION_MESSAGE_POLICY,
                        container.lifecycle().terminationMessage().policy().name(),
                Labels.TERMINATION_GRACE_PERIOD,
                        Long.toString(pod.spec().terminationGracePeriod().toSeconds()),
                Labels.BACKOFF, Long.toString(instance.backoff().toSeconds()));
        if (instance.round() == 0) {
            return annotations;
        }
        Map<String, String> all = new HashMap<>(annotations);
        all.put(Labels.ROUND, Integer.toString(instance.round()));
        return all;
    }
}
