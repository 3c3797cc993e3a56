package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A daemon with one pod, and what the cluster and its log show of it. */
final class JoiningNode implements AutoCloseable {

    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/";
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    /** A lease is renewed every ten seconds. */
    private static final Duration LEASE = Duration.ofSeconds(40);

    final DaemonProcess daemon;
    private final ClusterUnderTest cluster;
    private Container before;

    JoiningNode(ClusterUnderTest cluster) throws IOException {
        this.cluster = cluster;
        this.daemon = new DaemonProcess();
    }

    /** Starts the daemon, and waits until its pod runs, which never depends on any cluster. */
    JoiningNode start(String... options) throws IOException {
        daemon.options(options);
        daemon.write("steady.yaml", DaemonProcess.pod("steady", DaemonProcess.sleeper()));
        daemon.start();
        before = daemon.awaitRunning("steady");
        return this;
    }

    String name() {
        return daemon.node;
    }

    /** Where the daemon keeps certificates. */
    Path pki() {
        return daemon.rootDir.resolve("pki");
    }

    Path current() {
        return pki().resolve("kubelet-client-current.pem");
    }

    void awaitJoined() {
        daemon.await(
                "the node to be in the cluster",
                () -> ask("/api/v1/nodes/" + name()).ok());
    }

    /** Waits for a sign of life that is younger than this call. */
    void awaitAlive() {
        Instant from = Instant.now();
        daemon.await("the lease to be renewed", LEASE, () -> renewed().isAfter(from));
    }

    private Instant renewed() {
        ApiAnswer lease = ask(LEASES + name());
        return lease.ok() ? Instant.parse(lease.object().text("spec.renewTime")) : Instant.MIN;
    }

    private ApiAnswer ask(String path) {
        try {
            return cluster.admin("GET", path, null);
        } catch (IOException e) {
            return new ApiAnswer(0, String.valueOf(e.getMessage()));
        }
    }

    /** The requests for certificates that may be of this node, by their names. */
    List<JsonObject> requests() throws IOException {
        return cluster.list(REQUESTS).stream()
                .filter(request -> daemon.log().contains(request.name()))
                .toList();
    }

    /** Decides about a request as an administrator, with a condition such as {@code Denied}. */
    void decide(JsonObject request, String type, String message) throws IOException {
        String object = cluster.get(REQUESTS + "/" + request.name()).toString();
        int end = object.lastIndexOf("\"status\":{");
        String decided = object.substring(0, end) + "\"status\":{\"conditions\":[{\"type\":\"" + type
                + "\",\"status\":\"True\",\"reason\":\"Test\",\"message\":\"" + message + "\"}]}}";
        ApiAnswer answer = cluster.admin("PUT", REQUESTS + "/" + request.name() + "/approval", decided);
        assertEquals(200, answer.code(), answer::toString);
    }

    void awaitLog(String text) {
        daemon.await("the log to have: " + text, () -> daemon.log().contains(text));
    }

    /** Whatever became of credentials, the pod went on. */
    void assertPodUntouched() {
        List<Container> now = daemon.containers("steady");
        assertEquals(List.of(before.id()), now.stream().map(Container::id).toList(), "the pod was touched");
        assertEquals(1, daemon.running("steady").size());
    }

    /** Writes a KubeletConfiguration of one line, and returns the flag for it. */
    String config(String line) throws IOException {
        return "--config="
                + Files.writeString(
                        daemon.home.resolve("config.yaml"),
                        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + line + "\n");
    }

    @Override
    public void close() throws IOException {
        daemon.close();
    }
}
