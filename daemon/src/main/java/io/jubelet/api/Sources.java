/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.plan.PullProgress;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where the data comes from that the status store does not have, and what serves further paths.
 *
 * @param pulls the progress of pulls
 * @param logs the logs of containers
 * @param cluster the state of the node in its cluster
 * @param nodeProblem what is wrong with the node and what to do, as a clause; empty if nothing is known
 * @param handlers serve the paths whose first segment is the key, or the first three if the first is {@code jubelet}
 */
public record Sources(
        PullSource pulls,
        LogSource logs,
        ClusterSource cluster,
        Supplier<Optional<String>> nodeProblem,
        Map<String, RequestHandler> handlers) {

    /** Reports the progress of image pulls. */
    @FunctionalInterface
    public interface PullSource {

        /**
         * Returns the pulls that a pod waits for at this moment. Queries the runtime if there are any.
         */
        List<PullProgress> of(PodName pod);
    }

    public Sources {
        Objects.requireNonNull(pulls, "pulls");
        Objects.requireNonNull(logs, "logs");
        Objects.requireNonNull(cluster, "cluster");
        Objects.requireNonNull(nodeProblem, "nodeProblem");
        handlers = Map.copyOf(handlers);
    }

    /** Sources without further paths. */
    public Sources(PullSource pulls, LogSource logs, ClusterSource cluster, Supplier<Optional<String>> nodeProblem) {
        this(pulls, logs, cluster, nodeProblem, Map.of());
    }
}
