/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.Mount;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.SecurityProfile;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The pod of all measurements: one container in a pod network, which sleeps and exits at once on SIGTERM. Daemons get it as a
 * manifest, and the floor as requests to the runtime.
 *
 * @param name the name without the suffix of the node
 * @param image the tag of the busybox image; another tag makes another version of the pod
 * @param shape what the manifest has besides the one container
 */
record BusyboxPod(String name, String image, Shape shape) {
    /** The kind of manifest. */
    enum Shape {
        PLAIN,
        LIFE,
        VOLUMES,
        PROBED,
        CONFIG,
        PORTS
    }

    /** The name of the node. */
    static final String NODE = "bench";

    static final int SOURCE_PORT = 7001;
    static final int SINK_PORT = 7002;

    /** The parent of the cgroups of pods that the floor creates; the cgroup driver is cgroupfs. */
    static final String CGROUP_PARENT = "kubepods/besteffort";

    /** The names of these cgroups. The numbers that their UIDs are made of have 16 digits, so those of other pods differ. */
    static final String CGROUPS = "pod" + "0".repeat(16) + "?".repeat(16);

    private static final String SCRIPT = "trap 'exit 0' TERM; while :; do sleep 3600 & wait; done";
    /** The kubelet's lists of masked and read-only paths. */
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
    private static final NamespaceOption NAMESPACES =
            new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null);

    static BusyboxPod named(String name) {
        return new BusyboxPod(name, "1", Shape.PLAIN);
    }

    /** The same with init containers, a sidecar and probes. */
    BusyboxPod withLife() {
        return new BusyboxPod(name, image, Shape.LIFE);
    }

    /** The same with emptyDir volumes on disk and in memory, hostPath volumes, and a subPath. */
    BusyboxPod withVolumes() {
        return new BusyboxPod(name, image, Shape.VOLUMES);
    }

    /** The same with an exec, an HTTP and a TCP probe, each every second. */
    BusyboxPod probed() {
        return new BusyboxPod(name, image, Shape.PROBED);
    }

    /** The same with the ConfigMap {@code settings} and the downward API as volumes. */
    BusyboxPod withConfig() {
        return new BusyboxPod(name, image, Shape.CONFIG);
    }

    /** The same with two more containers, which send and discard data on {@link #SOURCE_PORT} and {@link #SINK_PORT}. */
    BusyboxPod withPorts() {
        return new BusyboxPod(name, image, Shape.PORTS);
    }

    BusyboxPod edited() {
        return new BusyboxPod(name, "2", shape);
    }

    /** The name of the static pod, which ends with the name of the node. */
    String fullName() {
        return name + "-" + NODE;
    }

    String manifest() {
        return switch (shape) {
            case PLAIN -> plain();
            case LIFE -> life();
            case VOLUMES -> volumes();
            case PROBED -> probing();
            case CONFIG -> config();
            case PORTS -> ports();
        };
    }

    private String life() {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %1$s
                spec:
                  initContainers:
                  - name: first
                    image: docker.io/library/busybox:%2$s
                    command: ["true"]
                  - name: second
                    image: docker.io/library/busybox:%2$s
                    command: ["true"]
                  - name: sidecar
                    image: docker.io/library/busybox:%2$s
                    restartPolicy: Always
                    command: ["sh", "-c", "%3$s"]
                  containers:
                  - name: main
                    image: docker.io/library/busybox:%2$s
                    command: ["sh", "-c", "%3$s"]
                    startupProbe:
                      exec: {command: ["true"]}
                    livenessProbe:
                      exec: {command: ["true"]}
                    readinessProbe:
                      exec: {command: ["true"]}
                """.formatted(name, image, SCRIPT);
    }

    private String config() {
        return plain() + """
                    volumeMounts: [{name: settings, mountPath: /settings}, {name: about, mountPath: /about}]
                  volumes:
                  - name: settings
                    configMap: {name: settings}
                  - name: about
                    downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}
                """;
    }

    private String volumes() {
        return plain() + """
                    volumeMounts:
                    - {name: disk, mountPath: /disk}
                    - {name: memory, mountPath: /memory}
                    - {name: directory, mountPath: /directory, readOnly: true}
                    - {name: file, mountPath: /file, readOnly: true}
                    - {name: part, mountPath: /part, subPath: a/part}
                  volumes:
                  - {name: disk, emptyDir: {}}
                  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
                  - {name: directory, hostPath: {path: /usr, type: Directory}}
                  - {name: file, hostPath: {path: /etc/hostname, type: File}}
                  - {name: part, emptyDir: {}}
                """;
    }

    private String ports() {
        return plain() + """
                  - name: source
                    image: docker.io/library/busybox:%1$s
                    command: [nc, -ll, -p, "%2$s", -e, cat, /dev/zero]
                  - name: sink
                    image: docker.io/library/busybox:%1$s
                    command: [nc, -ll, -p, "%3$s", -e, sh, -c, "cat >/dev/null"]
                """.formatted(image, Integer.toString(SOURCE_PORT), Integer.toString(SINK_PORT));
    }

    private String probing() {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %1$s
                spec:
                  containers:
                  - name: main
                    image: docker.io/library/busybox:%2$s
                    command: ["sh", "-c", "echo ok >/tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
                    livenessProbe:
                      exec: {command: ["true"]}
                      periodSeconds: 1
                      timeoutSeconds: 30
                    readinessProbe:
                      httpGet: {port: 8080}
                      periodSeconds: 1
                      timeoutSeconds: 30
                  - name: other
                    image: docker.io/library/busybox:%2$s
                    command: ["sh", "-c", "%3$s"]
                    livenessProbe:
                      tcpSocket: {port: 8080}
                      periodSeconds: 1
                      timeoutSeconds: 30
                """.formatted(name, image, SCRIPT);
    }

    private String plain() {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                spec:
                  containers:
                  - name: main
                    image: docker.io/library/busybox:%s
                    command: ["sh", "-c", "%s"]
                """.formatted(name, image, SCRIPT);
    }

    ImageSpec imageSpec() {
        return ImageSpec.of("docker.io/library/busybox:" + image);
    }

    PodSandboxConfig sandboxConfig(Path logs) {
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(fullName(), uid(), "default", 0))
                .hostname(fullName())
                .logDirectory(
                        logs.resolve("default_" + fullName() + "_" + uid()).toString())
                .labels(labels())
                .annotations(Map.of("kubernetes.io/config.source", "file", "kubernetes.io/config.hash", uid()))
                .linux(LinuxPodSandboxConfig.builder()
                        .cgroupParent("/" + CGROUP_PARENT + "/pod" + uid())
                        .securityContext(LinuxSandboxSecurityContext.builder()
                                .namespaceOptions(NAMESPACES)
                                .seccomp(SecurityProfile.runtimeDefault())
                                .build())
                        .build())
                .build();
    }

    /**
     * The configuration of the container.
     *
     * @param files the directory of the two files that are mounted into the container
     */
    ContainerConfig containerConfig(String imageId, int measureOrFail, Path files) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata("main", measureOrFail))
                .image(ImageSpec.of(imageId))
                .command(List.of("sh", "-c", SCRIPT))
                .mounts(List.of(
                        mount("/etc/hosts", files.resolve("hosts")),
                        mount("/dev/termination-log", files.resolve("termination-log"))))
                .labels(labels())
                .annotations(Map.of("io.kubernetes.container.restartCount", Integer.toString(measureOrFail)))
                .logPath("main/" + measureOrFail + ".log")
                .linux(new LinuxContainerConfig(
                        LinuxContainerResources.builder()
                                .cpuShares(2)
                                .cpuPeriod(100_000)
                                .oomScoreAdj(1000)
                                .build(),
                        LinuxContainerSecurityContext.builder()
                                .namespaceOptions(NAMESPACES)
                                .maskedPaths(MASKED)
                                .readonlyPaths(READ_ONLY)
                                .seccomp(SecurityProfile.unconfined())
                                .build()))
                .build();
    }

    private static Mount mount(String containerPath, Path hostPath) {
        return Mount.builder()
                .containerPath(containerPath)
                .hostPath(hostPath.toString())
                .build();
    }

    private Map<String, String> labels() {
        return Map.of(
                "io.kubernetes.pod.name",
                fullName(),
                "io.kubernetes.pod.namespace",
                "default",
                "io.kubernetes.pod.uid",
                uid(),
                "io.kubernetes.container.name",
                "main");
    }

    /** The UID, which differs for each version of the pod. */
    String uid() {
        return String.format(Locale.ROOT, "%032x", name.hashCode() * 31L + image.hashCode());
    }
}
