package io.jubelet.runtime;

import io.jubelet.pod.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The hosts file that containers of a pod see, in the kubelet's words. */
final class HostsFile {

    private static final Path NODE = Path.of("/etc/hosts");

    private HostsFile() {}

    /** Writes it into the pod's directory and returns its path. */
    static Path write(Path directory, Pod pod, List<String> podIps) throws IOException {
        String content = pod.spec().hostNetwork() ? ofNode() : ofPod(pod, podIps);
        Path file = directory.resolve("etc-hosts");
        // In place: a file that replaced it would not be seen by containers that already mount it.
        Files.writeString(file, content);
        return file;
    }

    private static String ofNode() throws IOException {
        return "# Kubernetes-managed hosts file (host network).\n" + (Files.exists(NODE) ? Files.readString(NODE) : "");
    }

    private static String ofPod(Pod pod, List<String> podIps) {
        StringBuilder content = new StringBuilder("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                """);
        podIps.forEach(
                ip -> content.append(ip).append('\t').append(pod.fullName()).append('\n'));
        return content.toString();
    }
}
