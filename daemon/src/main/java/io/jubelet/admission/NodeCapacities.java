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

/** What the node has, and what of it is for pods by the configuration. Safe for use by many threads. */
public record NodeCapacities(DaemonConfig config, NodeFacts facts) {

    /** All that the node has; blocks for some small files. */
    public NodeCapacity all() {
        return NodeCapacity.read(facts.memoryBytes(), config.rootDir());
    }

    /** What is left for pods: what admission counts against, and what a container without a limit may take. */
    public NodeCapacity allocatable() {
        NodeCapacity all = all();
        return all.allocatable(
                reservedMilli(),
                reserved("memory"),
                reserved("ephemeral-storage")
                        + config.node().thresholds().floor("nodefs.available", all.ephemeralStorageBytes()),
                config.node().memoryToStayFree(facts.memoryBytes()));
    }

    /** Thousandths of a processor that are kept from pods. */
    public long reservedMilli() {
        return quantity("cpu").map(Quantity::milli).orElse(0L);
    }

    /** How much of a resource is kept from pods. */
    public long reserved(String resource) {
        return quantity(resource).map(Quantity::value).orElse(0L);
    }

    /** What the node has for pods; what is not known is not counted. */
    public NodeAllocatable offer() {
        return new NodeAllocatable(
                config.nodeName(),
                NodeLabels.of(config.nodeName(), MachineFacts.architecture(), config.nodeLabels()),
                config.maxPods(),
                this::amounts);
    }

    private Map<String, Long> amounts() {
        NodeCapacity left = allocatable();
        Map<String, Long> amounts = new HashMap<>(left.hugePages());
        amounts.put("cpu", left.cpuMilli());
        if (left.memoryBytes() > 0) {
            amounts.put("memory", left.memoryBytes());
        }
        if (left.ephemeralStorageBytes() > 0) {
            amounts.put("ephemeral-storage", left.ephemeralStorageBytes());
        }
        return amounts;
    }

    private Optional<Quantity> quantity(String resource) {
        return Optional.ofNullable(config.node().reserved().get(resource));
    }
}
