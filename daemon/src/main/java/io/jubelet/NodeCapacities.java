package io.jubelet;

import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import io.jubelet.pod.Quantity;
import java.util.Optional;

/** What the node has, and what of it is for pods by the configuration. Safe for use by many threads. */
record NodeCapacities(DaemonConfig config, NodeFacts facts) {

    /** All that the node has; blocks for some small files. */
    NodeCapacity all() {
        return NodeCapacity.read(facts.memoryBytes(), config.rootDir());
    }

    /** What is left for pods: what admission counts against, and what a container without a limit may take. */
    NodeCapacity allocatable() {
        return all().allocatable(
                        reservedMilli(),
                        reserved("memory"),
                        reserved("ephemeral-storage"),
                        config.node().memoryToStayFree(facts.memoryBytes()));
    }

    /** Thousandths of a processor that are kept from pods. */
    long reservedMilli() {
        return quantity("cpu").map(Quantity::milli).orElse(0L);
    }

    /** How much of a resource is kept from pods. */
    long reserved(String resource) {
        return quantity(resource).map(Quantity::value).orElse(0L);
    }

    private Optional<Quantity> quantity(String resource) {
        return Optional.ofNullable(config.node().reserved().get(resource));
    }
}
