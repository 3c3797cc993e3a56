package io.jubelet.criconfig;

import io.jubelet.node.ResolvConf;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How pods of this node resolve names, unless they know better.
 *
 * @param host what the node itself uses; asked for each sandbox, for it changes while the daemon lives. Empty when pods
 *     shall have nothing of it
 * @param clusterServers addresses of the name servers of the cluster; may be empty
 * @param clusterDomain such as {@code cluster.local}; empty for none
 */
public record NameResolution(Supplier<Optional<ResolvConf>> host, List<String> clusterServers, String clusterDomain) {

    /** As the node does, without any cluster. */
    public static NameResolution asNode(ResolvConf host) {
        return new NameResolution(() -> Optional.of(host), List.of(), "");
    }

    public NameResolution {
        Objects.requireNonNull(host, "host");
        clusterServers = List.copyOf(clusterServers);
        Objects.requireNonNull(clusterDomain, "clusterDomain");
    }
}
