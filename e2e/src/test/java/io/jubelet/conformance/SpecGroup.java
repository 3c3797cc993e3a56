/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.conformance;

import java.util.Arrays;
import java.util.List;

/** A row of the table: specs of one subject, by how their names begin after the special interest group. */
enum SpecGroup {
    VOLUMES("volumes", "[sig-storage] ", "[sig-node] ConfigMap", "[sig-node] Secrets", "[sig-node] Mount recursive"),
    CONTAINER_LIFE(
            "init containers, sidecars, restarts",
            "[sig-node] Containers Lifecycle",
            "[sig-node] InitContainer",
            "[sig-node] Restartable Init",
            "[sig-node] OOMKiller",
            "[sig-node] Terminate Pods",
            "[sig-node] Pod SIGKILL"),
    PROBES("probes", "[sig-node] Probing "),
    HOOKS("lifecycle hooks", "[sig-node] Container Lifecycle Hook", "[sig-node] Lifecycle "),
    STATIC_PODS("static pods", "[sig-node] MirrorPod", "[sig-node] StaticPod"),
    CONTAINERS(
            "containers and images",
            "[sig-node] Container Runtime",
            "[sig-node] Containers should",
            "[sig-node] Variable Expansion",
            "[sig-node] Downward API",
            "[sig-node] ContainerLogPath",
            "[sig-node] GarbageCollect",
            "[sig-node] ImageGarbageCollect",
            "[sig-node] Kubelet when"),
    PODS(
            "pods and their status",
            "[sig-node] Pods ",
            "[sig-node] Pod conditions",
            "[sig-node] Deleted pods",
            "[sig-node] PodOSRejection",
            "[sig-node] Ephemeral Containers",
            "[sig-node] Kubelet PodOverhead"),
    NETWORK(
            "network and host names",
            "[sig-network] ",
            "[sig-node] Hostname of",
            "[sig-node] Override hostname",
            "[sig-node] KubeletManagedEtcHosts"),
    SECURITY(
            "security",
            "[sig-node] Security Context",
            "[sig-node] AppArmor",
            "[sig-node] Sysctls",
            "[sig-node] PrivilegedPod",
            "[sig-node] DefaultProcMount",
            "[sig-node] RuntimeClass"),
    RESOURCES(
            "resources and statistics",
            "[sig-node] Swap",
            "[sig-node] Summary API",
            "[sig-node] ContainerMetrics",
            "[sig-node] Kubelet Cgroup",
            "[sig-node] CPU Manager",
            "[sig-node] Device Plugin",
            "[sig-node] POD Resources",
            "[sig-node] Kubelet Volume"),
    OTHER("other");

    private final String title;

    @SuppressWarnings("ImmutableEnumChecker") // the list is unmodifiable
    private final List<String> beginnings;

    SpecGroup(String title, String... beginnings) {
        this.title = title;
        this.beginnings = List.of(beginnings);
    }

    String title() {
        return title;
    }

    static SpecGroup of(String name) {
        // Features and the like are between the special interest group and the subject in some names.
        String subject = name.replaceAll("\\[(?!sig-)[^\\]]*] ?", "");
        return Arrays.stream(values())
                .filter(group -> group.beginnings.stream().anyMatch(subject::startsWith))
                .findFirst()
                .orElse(OTHER);
    }
}
