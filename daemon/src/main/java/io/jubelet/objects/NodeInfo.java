package io.jubelet.objects;

import java.util.List;
import java.util.Objects;

/**
 * What the API tells about the node and the daemon.
 *
 * @param name of the node
 * @param ips addresses of the node, the primary first; may be empty
 * @param version of Jubelet
 */
public record NodeInfo(String name, List<String> ips, String version) {

    public NodeInfo {
        Objects.requireNonNull(name, "name");
        ips = List.copyOf(ips);
        Objects.requireNonNull(version, "version");
    }
}
