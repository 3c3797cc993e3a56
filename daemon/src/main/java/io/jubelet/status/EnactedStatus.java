/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.RuntimeFacts;
import io.jubelet.observed.RuntimeFacts.EnactedResources;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerStatus.Allocation;
import io.jubelet.pod.ContainerStatus.Enacted;
import io.jubelet.pod.ContainerStatus.VolumeMountStatus;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.VolumeMount.RecursiveReadOnly;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calculates what the node has made of the spec of a container. Pure.
 *
 * <p>Source: the kubelet's {@code convertToAPIContainerStatuses}. Unlike the kubelet, a runtime that
 * does not report resources changes nothing about those of the spec.
 */
final class EnactedStatus {

    /** Below these values, in thousandths of a processor, cgroups cannot express what the spec says. */
    private static final BigDecimal MIN_CPU_REQUEST = BigDecimal.valueOf(2, 3);

    private static final BigDecimal MIN_CPU_LIMIT = BigDecimal.valueOf(10, 3);

    private EnactedStatus() {}

    /** @param newest the newest instance of the container; empty before it exists */
    static Enacted of(ContainerSpec container, Optional<ObservedContainer> newest) {
        Optional<RuntimeFacts> facts = newest.map(ObservedContainer::facts);
        boolean recursive = facts.map(RuntimeFacts::recursiveReadOnly).orElse(false);
        List<VolumeMountStatus> mounts = container.volumeMounts().stream()
                .map(mount -> new VolumeMountStatus(
                        mount,
                        // A container whose mounts must be recursively read-only never runs otherwise.
                        mount.recursiveReadOnly() == RecursiveReadOnly.Enabled
                                || (mount.recursiveReadOnly() == RecursiveReadOnly.IfPossible && recursive)))
                .toList();
        return new Enacted(
                mounts,
                newest.map(instance -> allocation(container.resources(), instance)),
                facts.flatMap(RuntimeFacts::user));
    }

    private static Allocation allocation(Resources spec, ObservedContainer instance) {
        Optional<EnactedResources> enacted = instance.state() instanceof ObservedContainer.State.Running
                        || instance.state() instanceof ObservedContainer.State.Starting
                ? instance.facts().resources()
                : Optional.empty();
        return new Allocation(
                spec.requests(), enacted.map(values -> inForce(spec, values)).orElse(spec));
    }

    private static Resources inForce(Resources spec, EnactedResources enacted) {
        Map<String, Quantity> requests = new HashMap<>(spec.requests());
        Map<String, Quantity> limits = new HashMap<>(spec.limits());
        if (!requests.isEmpty()) {
            cpu(requests, enacted.cpuRequest(), MIN_CPU_REQUEST);
        }
        if (!limits.isEmpty()) {
            cpu(limits, enacted.cpuLimit(), MIN_CPU_LIMIT);
            if (enacted.memoryLimit() > 0) {
                limits.put("memory", Quantity.bytes(enacted.memoryLimit()));
            }
        }
        return new Resources(requests, limits);
    }

    private static void cpu(Map<String, Quantity> quantities, long milli, BigDecimal least) {
        Quantity actual = Quantity.ofMilli(milli);
        Quantity wanted = quantities.getOrDefault("cpu", Quantity.ofMilli(0));
        if (milli > 0
                && (actual.number().compareTo(least) > 0 || wanted.number().compareTo(least) > 0)) {
            quantities.put("cpu", actual);
        }
    }
}
