/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerConfig.KeyValue;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.Signal;
import io.jubelet.observed.Labels;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.Pod;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** Builds the CRI configuration of a container as the kubelet does. Pure. */
public final class ContainerConfigs {

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
     * One instance of a container.
     *
     * @param attempt restart count of the instance
     * @param backoff how long to wait after the end of the instance before the next one starts
     * @param round how often all containers of the pod have been restarted together
     * @param imageId the runtime's reference of the image
     * @param mounts what its mounts take their content from
     */
    public record Instance(int attempt, Duration backoff, int round, String imageId, ContainerMounts mounts) {
        public Instance {
            Objects.requireNonNull(backoff, "backoff");
            Objects.requireNonNull(imageId, "imageId");
            Objects.requireNonNull(mounts, "mounts");
        }
    }

    /**
     * The configuration of one instance of a container.
     *
     * @param process its environment, command and arguments
     */
    public static ContainerConfig of(
            Pod pod, ContainerSpec container, Instance instance, EnvExpansion.Expanded process, NodeProfile node) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(container.name(), instance.attempt()))
                .image(ImageSpec.builder()
                        .image(instance.imageId())
                        .userSpecifiedImage(container.image())
                        .build())
                .command(process.command())
                .args(process.arguments())
                .workingDir(container.process().workingDir())
                .envs(process.env().entrySet().stream()
                        .map(variable -> new KeyValue(variable.getKey(), variable.getValue()))
                        .toList())
                .mounts(instance.mounts().of(container))
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

    private static Map<String, String> labels(Pod pod, ContainerSpec container) {
        Map<String, String> labels = new HashMap<>(Labels.ofPod(pod.name(), pod.originalNode()));
        labels.put(Labels.POD_UID, pod.uid());
        labels.put(Labels.CONTAINER_NAME, container.name());
        return labels;
    }

    private static Map<String, String> annotations(Pod pod, ContainerSpec container, Instance instance) {
        Map<String, String> annotations = Map.of(
                Labels.CONTAINER_HASH, Integer.toHexString(Objects.hash(container.name(), container.image())),
                Labels.RESTART_COUNT, Integer.toString(instance.attempt()),
                Labels.TERMINATION_MESSAGE_PATH,
                        container.lifecycle().terminationMessage().path(),
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
