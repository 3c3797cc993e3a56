package io.jubelet.cluster;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The conditions of the node, in the order in which the kubelet has them.
 *
 * @param heartbeat when they were computed
 * @param all the conditions, {@code Ready} last
 */
record NodeConditions(Instant heartbeat, List<Condition> all) {

    /**
     * One condition.
     *
     * @param since when its status changed last
     */
    record Condition(String type, boolean status, Instant since, String reason, String message) {
        Condition {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(since, "since");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
        }
    }

    static final NodeConditions UNKNOWN = new NodeConditions(Instant.EPOCH, List.of());

    NodeConditions {
        Objects.requireNonNull(heartbeat, "heartbeat");
        all = List.copyOf(all);
    }

    /** The conditions after these. */
    NodeConditions next(NodeReport report, Instant now) {
        List<Condition> next = new ArrayList<>();
        next.add(condition(
                now, "MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"));
        next.add(condition(now, "DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"));
        next.add(condition(
                now, "PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"));
        next.add(
                report.notReady().isEmpty()
                        ? condition(now, "Ready", true, "KubeletReady", "kubelet is posting ready status")
                        : condition(
                                now,
                                "Ready",
                                false,
                                "KubeletNotReady",
                                report.notReady().get()));
        return new NodeConditions(now, next);
    }

    private Condition condition(Instant now, String type, boolean status, String reason, String message) {
        Instant since = now;
        for (Condition before : all) {
            if (before.type().equals(type) && before.status() == status) {
                since = before.since();
            }
        }
        return new Condition(type, status, since, reason, message);
    }
}
