/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** A daemon in a cluster, or on its way there: how it joins, and what the cluster and its log show of it. */
final class JoiningNode {

    private static final String NODES = "/api/v1/nodes/";
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/";
    private static final String REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    /** So much sooner is seen what happens to the Node and its lease. */
    private static final String SHORT_PERIODS = """
            apiVersion: kubelet.config.k8s.io/v1beta1
            kind: KubeletConfiguration
            nodeStatusUpdateFrequency: 1s
            nodeStatusReportFrequency: 60s
            nodeLeaseDurationSeconds: 4
            """;

    final DaemonProcess daemon;
    private final ClusterUnderTest cluster;
    private Container before;

    JoiningNode(ClusterUnderTest cluster, DaemonProcess daemon) {
        this.cluster = cluster;
        this.daemon = daemon;
    }

    String name() {
        return daemon.node;
    }

    // --- joining

    /** Starts the daemon with a kubeconfig of its node, and short periods. */
    JoiningNode join(String... flags) throws IOException {
        return joinAt(cluster.apiServer().url(), flags);
    }

    /** As {@link #join}, at another address, such as that of a proxy. */
    JoiningNode joinAt(String url, String... flags) throws IOException {
        toJoinAt(url).withFlags(flags).start();
        return this;
    }

    /** Has the daemon join when it is started, with these flags and no other ones. */
    DaemonProcess toJoinAt(String url) throws IOException {
        Path kubeconfig = cluster.nodeKubeconfig(name()).at(url).write(cluster.newFile(name()));
        daemon.options("--kubeconfig=" + kubeconfig, config(""));
        return daemon;
    }

    /** Starts the daemon with these flags and one pod, and waits until that runs, which never depends on any cluster. */
    JoiningNode start(String... flags) throws IOException {
        daemon.options(flags);
        if (Arrays.stream(flags).noneMatch(flag -> flag.startsWith("--config="))) {
            daemon.withFlags(config(""));
        }
        daemon.write("steady.yaml", DaemonProcess.pod("steady", DaemonProcess.sleeper()));
        daemon.start();
        before = daemon.awaitRunning("steady");
        return this;
    }

    /** Asserts that the pod kept running, independently of the credentials. */
    void assertPodUntouched() {
        List<Container> now = daemon.containers("steady");
        assertEquals(List.of(before.id()), now.stream().map(Container::id).toList(), "the pod was touched");
        assertEquals(1, daemon.running("steady").size());
    }

    /** Writes a KubeletConfiguration of short periods and some more lines, and returns the flag for it. */
    String config(String lines) throws IOException {
        return "--config=" + Files.writeString(daemon.home.resolve("config.yaml"), SHORT_PERIODS + lines + "\n");
    }

    // --- what the cluster has

    /** The path of the Node. */
    String path() {
        return NODES + name();
    }

    /** The path of its lease. */
    String lease() {
        return LEASES + name();
    }

    /** The path of the mirror of a pod in the default namespace. */
    String mirror(String pod) {
        return "/api/v1/namespaces/default/pods/" + pod + "-" + name();
    }

    void awaitJoined() {
        daemon.await("the node to be in the cluster", () -> ask(path()).ok());
    }

    JsonObject awaitReady() {
        return awaitReady(DaemonProcess.SOON);
    }

    JsonObject awaitReady(Duration atMost) {
        return cluster.awaitObject(
                path(), "to be ready", atMost, node -> node.status("Ready").equals("True"));
    }

    /** Whether the Node is ready; not, when the API server is unreachable. */
    boolean isReady() {
        ApiAnswer answer = ask(path());
        return answer.ok() && answer.object().status("Ready").equals("True");
    }

    /** Waits for a sign of life that is younger than this call. */
    void awaitAlive() {
        awaitRenewed(DaemonProcess.SOON, Instant.now());
    }

    void awaitRenewed(Duration atMost, Instant after) {
        daemon.await("the lease to be renewed", atMost, () -> renewed().isAfter(after));
    }

    /** When the lease was renewed last; in the most distant past when there is none. */
    Instant renewed() {
        ApiAnswer lease = ask(lease());
        return lease.ok() ? Instant.parse(lease.object().text("spec.renewTime")) : Instant.MIN;
    }

    JsonObject awaitMirror(String pod, Duration atMost, Predicate<JsonObject> wanted) {
        return cluster.awaitObject(mirror(pod), "to be right", atMost, wanted);
    }

    /** Whether a mirror shows its pod's one container as running and ready. */
    static boolean isRunning(JsonObject mirror) {
        return mirror.text("status.phase").equals("Running")
                && mirror.text("status.containerStatuses[0].ready").equals("true");
    }

    /** How often a mirror shows its pod's one container as started again. */
    static String restarts(JsonObject mirror) {
        return mirror.text("status.containerStatuses[0].restartCount");
    }

    static JsonObject condition(JsonObject node, String type) {
        return node.objects("status.conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .findFirst()
                .orElseThrow();
    }

    /** Events about an object; none when the API server is unreachable. */
    List<JsonObject> events(String object) {
        ApiAnswer answer = ask("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3D" + object);
        return answer.ok() ? answer.object().objects("items") : List.of();
    }

    /** The reasons of the events about an object. */
    List<String> reasons(String object) {
        return events(object).stream().map(event -> event.text("reason")).toList();
    }

    /** The status of the answer to a request for an object; 0 without one. */
    int code(String path) {
        return ask(path).code();
    }

    private ApiAnswer ask(String path) {
        try {
            return cluster.admin("GET", path, null);
        } catch (IOException e) {
            return new ApiAnswer(0, String.valueOf(e.getMessage()));
        }
    }

    /** Deletes its Node and the pods on it for good. */
    void removeFromCluster() throws IOException {
        for (JsonObject pod : cluster.list("/api/v1/pods?fieldSelector=spec.nodeName%3D" + name())) {
            force("/api/v1/namespaces/" + pod.text("metadata.namespace") + "/pods/" + pod.name());
        }
        cluster.admin("DELETE", path(), null);
    }

    /** Deletes a pod as {@code kubectl delete --force}. */
    void force(String pod) throws IOException {
        ApiAnswer answer = cluster.admin("DELETE", pod, "{\"gracePeriodSeconds\": 0}");
        assertTrue(answer.ok() || answer.code() == 404, answer::toString);
    }

    // --- certificates

    /** Where the daemon keeps certificates. */
    Path pki() {
        return daemon.rootDir.resolve("pki");
    }

    Path current() {
        return pki().resolve("kubelet-client-current.pem");
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
}
