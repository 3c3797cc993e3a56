package io.jubelet.runtime;

import io.jubelet.pod.Pod;
import java.util.List;

/** Content of the hosts file that containers of a pod see, as the kubelet writes it. Pure. */
final class HostsFile {

    private HostsFile() {}

    /** For a pod with a network of its own. */
    static String of(Pod pod, List<String> podIps) {
        StringBuilder out = new StringBuilder("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                """);
        String name = SandboxConfigs.hostName(pod);
        podIps.forEach(ip -> out.append(ip).append('\t').append(name).append('\n'));
        return out.toString();
    }

    /** For a pod on the network of the node. */
    static String onHostNetwork(String hostsOfNode) {
        return "# Kubernetes-managed hosts file (host network).\n" + hostsOfNode;
    }
}
