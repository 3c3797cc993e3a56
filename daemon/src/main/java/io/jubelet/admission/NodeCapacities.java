/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.config.DaemonConfig;
import io.jubelet.config.NodeLabels;
import io.jubelet.node.MachineFacts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import io.jubelet.pod.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The node's capacity, and the part of it that the configuration leaves to pods. Safe for use by many threads. */
public record NodeCapacities(DaemonConfig config, NodeFacts facts) {

    /** The whole capacity of the node. Reads some small files. */
    public NodeCapacity capacity() {
        return NodeCapacity.read(facts.memoryBytes(), config.node().rootDir());
    }

    /** What is left for pods: what admission counts against, and what a container without a limit can take. */
    public NodeCapacity allocatable() {
        NodeCapacity all = capacity();
        return all.allocatable(
                reservedMilli(),
                reserved("memory"),
                reserved("ephemeral-storage")
                        + config.resources().evictionHard().floor("nodefs.available", all.ephemeralStorageBytes()),
                config.resources().memoryToStayFree(facts.memoryBytes()));
    }

    /** Millicores that are reserved for everything except pods. */
    public long reservedMilli() {
        return quantity("cpu").map(Quantity::milli).orElse(0L);
    }

    /** How many bytes of a resource are reserved for everything except pods. */
    public long reserved(String resource) {
        return quantity(resource).map(Quantity::value).orElse(0L);
    }

    /** Millicores that all pods together can take. */
    public long podCpuMilli() {
        return Math.max(0, capacity().cpuMilli() - reservedMilli());
    }

    /** Bytes of memory that all pods together can take; 0 for no limit, where nothing is reserved or enforced. */
    public long podMemoryLimit() {
        long reserved = reserved("memory");
        return config.resources().enforceAllocatable() && reserved > 0
                ? Math.max(0, facts.memoryBytes() - reserved)
                : 0;
    }

    /** What admission counts against; a resource whose capacity is not known is absent. */
    public NodeAllocatable nodeAllocatable() {
        return new NodeAllocatable(
                config.node().name(),
                NodeLabels.of(
                        config.node().name(),
                        MachineFacts.architecture(),
                        config.node().labels()),
                config.resources().maxPods(),
                this::quantities);
    }

    private Map<String, Long> quantities() {
        NodeCapacity left = allocatable();
        Map<String, Long> quantities = new HashMap<>(left.hugePages());
        quantities.put("cpu", left.cpuMilli());
        if (left.memoryBytes() > 0) {
            quantities.put("memory", left.memoryBytes());
        }
        if (left.ephemeralStorageBytes() > 0) {
            quantities.put("ephemeral-storage", left.ephemeralStorageBytes());
        }
        return quantities;
    }

    private Optional<Quantity> quantity(String resource) {
        return Optional.ofNullable(config.resources().reserved().get(resource));
    }
}
