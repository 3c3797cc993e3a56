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
    private final Map<Pressure, Instant> lately = new EnumMap<>(Pressure.class);
    private final Map<Pressure, String> what = new EnumMap<>(Pressure.class);

    /**
     * @param transition for how long pressure counts after it was last there
     */
    public NodePressures(EvictionThresholds thresholds, Duration transition) {
        this.thresholds = thresholds;
        this.transition = transition;
    }

    /** What the node is short of, with what was measured when it began; nothing of it is evicted for that. */
    public Map<Pressure, String> of(List<Signal> signals, Instant now) {
        for (Signal signal : signals) {
            long floor = thresholds.floor(signal.name(), signal.capacity());
            if (floor > 0 && signal.available() < floor) {
                Pressure pressure = pressure(signal.name());
                lately.put(pressure, now);
                // Not what is left at each moment: the status would be another every time.
                what.putIfAbsent(pressure, signal.name() + " fell below " + floor);
            }
        }
        for (Pressure pressure : Pressure.values()) {
            Instant last = lately.get(pressure);
            if (last != null && !now.isBefore(last.plus(transition))) {
                lately.remove(pressure);
                what.remove(pressure);
            }
        }
        return Map.copyOf(what);
    }

    private static Pressure pressure(String signal) {
        return switch (signal) {
            case "memory.available" -> Pressure.MEMORY;
            case "pid.available" -> Pressure.PID;
            default -> Pressure.DISK;
        };
    }
}
