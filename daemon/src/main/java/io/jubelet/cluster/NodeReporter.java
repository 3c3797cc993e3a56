/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.node.MachineFacts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeSignals;
import io.jubelet.node.RuntimeOffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Measures the node for its status in the cluster. Used by one thread at a time. */
public final class NodeReporter implements Supplier<NodeReport> {

    /** The version of Kubernetes whose KubeletConfiguration and Pods Jubelet understands. */
    private static final String KUBERNETES = "v1.36.0";

    /**
     * What the node has for pods.
     *
     * @param capacity the whole capacity of the node; reads some small files
     * @param allocatable what is left for pods; reads some small files
     * @param maxPods how many pods may run
     */
    public record Capacities(Supplier<NodeCapacity> capacity, Supplier<NodeCapacity> allocatable, int maxPods) {
        public Capacities {
            Objects.requireNonNull(capacity, "capacity");
            Objects.requireNonNull(allocatable, "allocatable");
        }
    }

    /**
     * The state of the container runtime.
     *
     * @param version such as {@code containerd://2.1.0}; empty until it is known
     * @param problem why it is not ready; empty when it is
     * @param offer what it offers to pods
     */
    public record RuntimeState(
            Supplier<Optional<String>> version, Supplier<Optional<String>> problem, Supplier<RuntimeOffer> offer) {
        public RuntimeState {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(problem, "problem");
            Objects.requireNonNull(offer, "offer");
        }
    }

    private final Supplier<List<String>> ips;
    private final String version;
    private final Capacities capacities;
    private final RuntimeState runtime;
    private final NodeSignals signals;
    private final NodePressures pressures;
    private final NodeImages images;
    private final InstantSource clock;

    /** The facts of the machine that do not change while it runs. */
    private final Map<String, String> machine = MachineFacts.read();

    /**
     * @param ips the present addresses of the node, the primary one first
     * @param version of Jubelet
     */
    public NodeReporter(
            Supplier<List<String>> ips,
            String version,
            Capacities capacities,
            RuntimeState runtime,
            NodeSignals signals,
            NodePressures pressures,
            NodeImages images,
            InstantSource clock) {
        this.ips = Objects.requireNonNull(ips, "ips");
        this.version = Objects.requireNonNull(version, "version");
        this.capacities = Objects.requireNonNull(capacities, "capacities");
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.signals = Objects.requireNonNull(signals, "signals");
        this.pressures = Objects.requireNonNull(pressures, "pressures");
        this.images = Objects.requireNonNull(images, "images");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** The state of the node at this moment. */
    @Override
    public NodeReport get() {
        return new NodeReport(
                ips.get(),
                quantities(capacities.capacity().get()),
                quantities(capacities.allocatable().get()),
                nodeInfo(),
                images.all(),
                pressures.update(signals.measure(images.directory()), clock.instant()),
                List.of(),
                new NodeReport.Runtime(runtime.problem().get(), runtime.offer().get()));
    }

    private Map<String, String> quantities(NodeCapacity capacity) {
        Map<String, String> quantities = new HashMap<>();
        quantities.put("cpu", ResourceQuantities.processors(capacity.cpuMilli()));
        quantities.put("memory", ResourceQuantities.bytes(capacity.memoryBytes()));
        quantities.put("ephemeral-storage", ResourceQuantities.bytes(capacity.ephemeralStorageBytes()));
        quantities.put("pods", Integer.toString(capacities.maxPods()));
        capacity.hugePages().forEach((resource, bytes) -> quantities.put(resource, ResourceQuantities.bytes(bytes)));
        return quantities;
    }

    private Map<String, String> nodeInfo() {
        Map<String, String> info = new HashMap<>(machine);
        info.put("kubeletVersion", KUBERNETES + "+jubelet-" + version);
        info.put("containerRuntimeVersion", runtime.version().get().orElse(""));
        return info;
    }
}
