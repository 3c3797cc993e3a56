/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a pod uses, as {@code top} shows it: the sum of its containers, as for kubectl.
 *
 * @param name without the suffix of the node
 * @param fullName with it
 * @param time when it was measured, as the daemon writes it; may be empty
 */
public record ResourceUsage(String namespace, String name, String fullName, String time, List<Container> containers) {

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MEBIBYTE = 1 << 20;

    /** What a container uses. */
    public record Container(String name, long nanoCores, long workingSet) {
        public Container {
            Objects.requireNonNull(name, "name");
        }
    }

    /** What rows are sorted by. */
    public enum Order implements Comparator<ResourceUsage> {
        name,
        cpu,
        memory;

        @Override
        public int compare(ResourceUsage one, ResourceUsage other) {
            int byUse = switch (this) {
                case name -> 0;
                case cpu -> Long.compare(other.nanoCores(), one.nanoCores());
                case memory -> Long.compare(other.workingSet(), one.workingSet());
            };
            return byUse != 0
                    ? byUse
                    : Comparator.comparing(ResourceUsage::namespace)
                            .thenComparing(ResourceUsage::name)
                            .compare(one, other);
        }

        private Comparator<Container> ofContainers() {
            return switch (this) {
                case name -> Comparator.comparing(Container::name);
                case cpu -> Comparator.comparingLong(Container::nanoCores).reversed();
                case memory -> Comparator.comparingLong(Container::workingSet).reversed();
            };
        }
    }

    public ResourceUsage {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(fullName, "fullName");
        Objects.requireNonNull(time, "time");
        containers = List.copyOf(containers);
    }

    /** The pods of an answer of {@code /stats/summary}. */
    public static List<ResourceUsage> of(Json summary) {
        String suffix = "-" + summary.at("node", "nodeName").text();
        List<ResourceUsage> pods = new ArrayList<>();
        for (Json pod : summary.at("pods").items()) {
            List<Container> containers = new ArrayList<>();
            String time = "";
            for (Json container : pod.at("containers").items()) {
                containers.add(new Container(
                        container.at("name").text(),
                        container.at("cpu", "usageNanoCores").bytes(),
                        container.at("memory", "workingSetBytes").bytes()));
                time = container.at("cpu", "time").text();
            }
            String full = pod.at("podRef", "name").text();
            String name = full.endsWith(suffix) ? full.substring(0, full.length() - suffix.length()) : full;
            pods.add(new ResourceUsage(pod.at("podRef", "namespace").text(), name, full, time, containers));
        }
        return pods;
    }

    private long nanoCores() {
        return containers.stream().mapToLong(Container::nanoCores).sum();
    }

    private long workingSet() {
        return containers.stream().mapToLong(Container::workingSet).sum();
    }

    /** The names of the columns. */
    public static List<String> header(boolean ofContainers) {
        return ofContainers
                ? List.of("NAMESPACE", "POD", "NAME", "CPU(cores)", "MEMORY(bytes)")
                : List.of("NAMESPACE", "NAME", "CPU(cores)", "MEMORY(bytes)");
    }

    /** One row for each pod, or for each container. */
    public static List<List<String>> rows(List<ResourceUsage> pods, Order order, boolean ofContainers) {
        List<List<String>> rows = new ArrayList<>();
        for (ResourceUsage pod : pods) {
            if (!ofContainers) {
                rows.add(List.of(pod.namespace(), pod.fullName(), cpu(pod.nanoCores()), memory(pod.workingSet())));
                continue;
            }
            pod.containers().stream()
                    .sorted(order.ofContainers())
                    .forEach(container -> rows.add(List.of(
                            pod.namespace(),
                            pod.fullName(),
                            container.name(),
                            cpu(container.nanoCores()),
                            memory(container.workingSet()))));
        }
        return rows;
    }

    /** As a quantity of Kubernetes rounds: up. */
    private static String cpu(long nanoCores) {
        return Math.ceilDiv(nanoCores, NANOS_PER_MILLI) + "m";
    }

    private static String memory(long bytes) {
        return bytes / MEBIBYTE + "Mi";
    }

    /** The pods as a PodMetricsList of {@code metrics.k8s.io/v1beta1}. */
    public static Json list(List<ResourceUsage> pods) {
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("kind", "PodMetricsList");
        list.put("apiVersion", "metrics.k8s.io/v1beta1");
        list.put("metadata", Map.of());
        list.put("items", pods.stream().map(ResourceUsage::object).toList());
        return new Json(list);
    }

    private Map<String, Object> object() {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", fullName);
        metadata.put("namespace", namespace);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("metadata", metadata);
        object.put("timestamp", time);
        object.put("containers", containers.stream().map(ResourceUsage::object).toList());
        return object;
    }

    private static Map<String, Object> object(Container container) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("cpu", container.nanoCores() + "n");
        usage.put("memory", container.workingSet() / 1024 + "Ki");
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", container.name());
        object.put("usage", usage);
        return object;
    }
}
