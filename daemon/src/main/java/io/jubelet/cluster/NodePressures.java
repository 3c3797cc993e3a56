/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.cluster.NodeReport.Pressure;
import io.jubelet.config.EvictionThresholds;
import io.jubelet.node.NodeSignals.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Compares the free resources of the node with the eviction thresholds. For one thread. */
public final class NodePressures {

    private final EvictionThresholds thresholds;
    private final Duration transition;
    private final Map<Pressure, Instant> lastSeen = new EnumMap<>(Pressure.class);
    private final Map<Pressure, String> descriptions = new EnumMap<>(Pressure.class);

    /** @param transition how long a pressure lasts after it was last observed */
    public NodePressures(EvictionThresholds thresholds, Duration transition) {
        this.thresholds = thresholds;
        this.transition = transition;
    }

    /**
     * Returns the current pressures, each with the measurement at its beginning. No pod is evicted
     * because of them.
     */
    public Map<Pressure, String> update(List<Signal> signals, Instant now) {
        for (Signal signal : signals) {
            long floor = thresholds.floor(signal.name(), signal.capacity());
            if (floor > 0 && signal.available() < floor) {
                Pressure pressure = pressure(signal.name());
                lastSeen.put(pressure, now);
                // Not the current value, because the status would change with each measurement.
                descriptions.putIfAbsent(pressure, signal.name() + " fell below " + floor);
            }
        }
        for (Pressure pressure : Pressure.values()) {
            Instant last = lastSeen.get(pressure);
            if (last != null && !now.isBefore(last.plus(transition))) {
                lastSeen.remove(pressure);
                descriptions.remove(pressure);
            }
        }
        return Map.copyOf(descriptions);
    }

    private static Pressure pressure(String signal) {
        return switch (signal) {
            case "memory.available" -> Pressure.MEMORY;
            case "pid.available" -> Pressure.PID;
            default -> Pressure.DISK;
        };
    }
}
