package io.jubelet.api;

import java.util.Objects;

/**
 * Who is asked for what the board does not tell.
 *
 * @param pulls how far pulls are
 * @param logs where logs come from
 * @param cluster what is known of the cluster
 */
public record Sources(PullSource pulls, LogSource logs, ClusterSource cluster) {
    public Sources {
        Objects.requireNonNull(pulls, "pulls");
        Objects.requireNonNull(logs, "logs");
        Objects.requireNonNull(cluster, "cluster");
    }
}
