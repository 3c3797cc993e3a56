package io.jubelet.pod;

import java.util.ArrayList;
import java.util.List;

/** The addresses of a pod in the order in which it is told them. Pure. */
public final class PodAddresses {

    private PodAddresses() {}

    /**
     * At most one of IPv4 and one of IPv6, that of the node's family first.
     *
     * @param all as the runtime has them
     * @param nodeIps addresses of the node, the primary first; without any, IPv4 is first
     */
    public static List<String> ordered(List<String> all, List<String> nodeIps) {
        boolean six = !nodeIps.isEmpty() && isSix(nodeIps.getFirst());
        List<String> ordered = new ArrayList<>(2);
        for (boolean family : new boolean[] {six, !six}) {
            all.stream().filter(ip -> isSix(ip) == family).findFirst().ifPresent(ordered::add);
        }
        return ordered;
    }

    private static boolean isSix(String ip) {
        return ip.indexOf(':') >= 0;
    }
}
