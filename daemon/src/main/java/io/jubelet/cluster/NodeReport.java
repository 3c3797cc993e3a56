/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.node.RuntimeOffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The report of the node at one moment, from which the Node's status is made. Immutable.
 *
 * @param ips the IP addresses, the primary first
 * @param capacity the capacity by resource, as quantities
 * @param allocatable the allocatable amounts by resource, as quantities
 * @param nodeInfo the fields of v1 NodeSystemInfo
 * @param images the images of the runtime, the largest first, limited to those to report
 * @param pressures the pressures, each with its measurement
 * @param podsNotRun the pods that the cluster has scheduled to this node, as {@code namespace/name}
 * @param runtime the state of the container runtime
 */
public record NodeReport(
        List<String> ips,
        Map<String, String> capacity,
        Map<String, String> allocatable,
        Map<String, String> nodeInfo,
        List<Image> images,
        Map<Pressure, String> pressures,
        List<String> podsNotRun,
        Runtime runtime) {

    /**
     * The state of the container runtime.
     *
     * @param notReady why the node is not ready; empty when it is
     * @param offer what the runtime offers to pods
     */
    public record Runtime(Optional<String> notReady, RuntimeOffer offer) {
        public Runtime {
            Objects.requireNonNull(notReady, "notReady");
            Objects.requireNonNull(offer, "offer");
        }
    }

    /**
     * An image of the node.
     *
     * @param names the references with digest and with tag
     */
    public record Image(List<String> names, long bytes) {
        public Image {
            names = List.copyOf(names);
        }
    }

    /** A resource that a node can run short of. */
    public enum Pressure {
        MEMORY,
        DISK,
        PID
    }

    public NodeReport {
        ips = List.copyOf(ips);
        capacity = Map.copyOf(capacity);
        allocatable = Map.copyOf(allocatable);
        nodeInfo = Map.copyOf(nodeInfo);
        images = List.copyOf(images);
        pressures = Map.copyOf(pressures);
        podsNotRun = List.copyOf(podsNotRun);
        Objects.requireNonNull(runtime, "runtime");
    }

    /** Why the node is not ready; empty when it is. */
    public Optional<String> notReady() {
        return runtime.notReady();
    }

    /** Returns this with the pods of the cluster. */
    NodeReport withPodsNotRun(List<String> pods) {
        return new NodeReport(ips, capacity, allocatable, nodeInfo, images, pressures, pods, runtime);
    }
}
