package io.jubelet.cluster;

import io.jubelet.cluster.NodeReport.Pressure;
import io.jubelet.config.EvictionThresholds;
import io.jubelet.node.NodeSignals.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Holds what the node has left against what must stay free. For one thread. */
public final class NodePressures {

    private final EvictionThresholds thresholds;
    private final Duration transition;
    private final Map<Pressure, Instant> lastSeen = new EnumMap<>(Pressure.class);
    private final Map<Pressure, String> descriptions = new EnumMap<>(Pressure.class);

    /**
     * @param transition for how long pressure counts after it was last there
     */
    public NodePressures(EvictionThresholds thresholds, Duration transition) {
        this.thresholds = thresholds;
        this.transition = transition;
    }

    /** What the node is short of, with what was measured when it began; nothing of it is evicted for that. */
    public Map<Pressure, String> update(List<Signal> signals, Instant now) {
        for (Signal signal : signals) {
            long floor = thresholds.floor(signal.name(), signal.capacity());
            if (floor > 0 && signal.available() < floor) {
                Pressure pressure = pressure(signal.name());
                lastSeen.put(pressure, now);
                // Not what is left at each moment: the status would be another every time.
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
