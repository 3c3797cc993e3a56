/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * A cluster without nodes: etcd, an API server that authorizes nodes as clusters do, and on demand a controller manager. It
 * serves one test class, with kubeconfigs for nodes that join.
 *
 * <p>What is below {@link #directory} goes when it is closed.
 */
final class ClusterUnderTest implements AutoCloseable {

    /** Whom a bootstrap token makes of its bearer, besides {@code system:bootstrappers}; the group that kubeadm takes. */
    static final String BOOTSTRAPPERS = "system:bootstrappers:kubeadm:default-node-token";

    private static final Duration VALID = Duration.ofDays(1);

    private static final List<String> API_SERVER = List.of(
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--enable-bootstrap-token-auth=true",
            // What a proxy that ends TLS says of its clients: see FaultyApiServer.
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-allowed-names=front-proxy");

    private final Path directory;
    private final ApiServerUnderTest apiServer;
    private ControllerManagerUnderTest controllerManager;
    private int files;

    private ClusterUnderTest(ApiServerUnderTest apiServer) {
        this.directory = apiServer.directory();
        this.apiServer = apiServer;
    }

    /** Starts one; {@code more} are flags of the API server. */
    static ClusterUnderTest start(String... more) throws IOException {
        ServerProcess.program("jubelet.test.kube-apiserver");
        Path directory = Files.createTempDirectory("jubelet-cluster");
        List<String> flags = new ArrayList<>(API_SERVER);
        flags.add("--requestheader-client-ca-file=" + directory.resolve("ca.crt"));
        flags.addAll(Arrays.asList(more));
        ClusterUnderTest cluster = new ClusterUnderTest(new ApiServerUnderTest(directory, flags));
        try {
            cluster.prepare();
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** What every cluster has, but is made after the API server says that it is ready, or by controllers. */
    private void prepare() throws IOException {
        for (String namespace : List.of("default", "kube-system", "kube-node-lease")) {
            awaitObject("/api/v1/namespaces/" + namespace, "to exist", _ -> true);
        }
        // Without it a pod that is no mirror is refused.
        create("/api/v1/namespaces/default/serviceaccounts", """
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}""");
    }

    /** Where everything of this cluster is. */
    Path directory() {
        return directory;
    }

    /** The API server, which may be killed and started again. */
    ApiServerUnderTest apiServer() {
        return apiServer;
    }

    CertificateAuthority authority() {
        return apiServer.authority();
    }

    // --- asking

    /** Sends a request as an administrator; see {@link ApiClient#send}. */
    ApiAnswer admin(String method, String path, String body) throws IOException {
        return apiServer.send(method, path, body);
    }

    /** The object at a path, which must be there. */
    JsonObject get(String path) throws IOException {
        return must(admin("GET", path, null), path);
    }

    /** The objects of the list at a path. */
    List<JsonObject> list(String path) throws IOException {
        return get(path).objects("items");
    }

    /** Makes an object of JSON or YAML in the list at a path. */
    JsonObject create(String path, String object) throws IOException {
        return must(admin("POST", path, object), path);
    }

    /** Changes an object by a merge patch. */
    JsonObject patch(String path, String patch) throws IOException {
        return must(admin("PATCH", path, patch), path);
    }

    /** Deletes an object, by what {@code kubectl delete} would send. */
    void delete(String path) throws IOException {
        must(admin("DELETE", path, null), path);
    }

    private static JsonObject must(ApiAnswer answer, String path) {
        if (!answer.ok()) {
            fail(path + ": " + answer);
        }
        return answer.object();
    }

    /** Asks as the user of a kubeconfig would. */
    ApiClient as(Kubeconfig kubeconfig) {
        return switch (kubeconfig.user()) {
            case Kubeconfig.User.Certificate(var issued) ->
                new ApiClient(kubeconfig.server(), authority().own().certificate(), null, issued);
            case Kubeconfig.User.Token(var token) ->
                new ApiClient(kubeconfig.server(), authority().own().certificate(), token, null);
            case Kubeconfig.User.Other(var lines) ->
                throw new IllegalArgumentException("only a program knows: " + lines);
        };
    }

    // --- waiting

    /** Waits until the object at a path is there and as wanted, and returns it as it was then. */
    JsonObject awaitObject(String path, String what, Predicate<JsonObject> wanted) {
        return awaitObject(path, what, DaemonProcess.SOON, wanted);
    }

    JsonObject awaitObject(String path, String what, Duration atMost, Predicate<JsonObject> wanted) {
        return asking(atMost, path + " " + what, path, answer -> answer.ok() && wanted.test(answer.object()))
                .object();
    }

    /** Waits for what the API server computes after a while, such as the rights that roles give. */
    static void await(String what, Eventually.Check<Boolean, IOException> condition) throws IOException {
        Eventually.within(DaemonProcess.SOON).retrying(IOException.class).until(what, condition);
    }

    /** Waits until there is nothing at a path. */
    void awaitGone(String path) {
        asking(DaemonProcess.SOON, path + " to be gone", path, answer -> answer.code() == 404);
    }

    /** Waits until the answer about a path is accepted. An API server that does not answer is queried again. */
    private ApiAnswer asking(Duration timeout, String what, String path, Predicate<ApiAnswer> accepted) {
        try {
            return Eventually.within(timeout)
                    .retrying(IOException.class)
                    .until(what, () -> admin("GET", path, null), accepted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // --- joining

    /** The kubeconfig of an administrator. */
    Kubeconfig adminKubeconfig() {
        return kubeconfig(new Kubeconfig.User.Token(apiServer.adminToken()));
    }

    /** The kubeconfig of a node, with a client certificate that is valid for a day. */
    Kubeconfig nodeKubeconfig(String node) {
        return kubeconfig(new Kubeconfig.User.Certificate(nodeCertificate(node, VALID)));
    }

    /** The kubeconfig of a user. */
    Kubeconfig kubeconfig(Kubeconfig.User user) {
        return new Kubeconfig(apiServer.url(), authority().own().certificatePem(), user);
    }

    /** The client certificate of a node, from a moment ago, so that its age is never in doubt. */
    CertificateAuthority.Issued nodeCertificate(String node, Duration validity) {
        Instant now = Instant.now();
        return nodeCertificate(node, now.minusSeconds(60), now.plus(validity));
    }

    /** The client certificate of a node for any time. */
    CertificateAuthority.Issued nodeCertificate(String node, Instant notBefore, Instant notAfter) {
        return authority().client("system:node:" + node, List.of("system:nodes"), notBefore, notAfter);
    }

    /** The path of a written kubeconfig of a node with everything in it. */
    Path kubeconfigOfNode(String node) throws IOException {
        return nodeKubeconfig(node).write(newFile(node));
    }

    /** The path of a written kubeconfig with a token. */
    Path kubeconfigWithToken(String token) throws IOException {
        return kubeconfig(new Kubeconfig.User.Token(token)).write(newFile("token"));
    }

    /**
     * The path of a written bootstrap kubeconfig with a new token; as kubeadm does, its bearers may ask for client
     * certificates of nodes, and so may nodes, and a controller manager approves and signs them.
     */
    Path bootstrapKubeconfig() throws IOException {
        return kubeconfig(new Kubeconfig.User.Token(bootstrapToken())).write(newFile("bootstrap"));
    }

    /** A new bootstrap token, and what it takes for it to be of use. */
    String bootstrapToken() throws IOException {
        String nonce = Long.toHexString(System.nanoTime() | 1L << 62);
        String id = nonce.substring(nonce.length() - 6);
        String secret = (nonce + nonce).substring(0, 16);
        create("/api/v1/namespaces/kube-system/secrets", """
                apiVersion: v1
                kind: Secret
                metadata: {name: bootstrap-token-%1$s}
                type: bootstrap.kubernetes.io/token
                stringData:
                  token-id: "%1$s"
                  token-secret: "%2$s"
                  usage-bootstrap-authentication: "true"
                  usage-bootstrap-signing: "true"
                  auth-extra-groups: %3$s
                """.formatted(id, secret, BOOTSTRAPPERS));
        String request = "system:certificates.k8s.io:certificatesigningrequests:";
        bind("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", BOOTSTRAPPERS);
        bind("kubeadm:node-autoapprove-bootstrap", request + "nodeclient", BOOTSTRAPPERS);
        bind("kubeadm:node-autoapprove-certificate-rotation", request + "selfnodeclient", "system:nodes");
        return id + "." + secret;
    }

    /** Gives a cluster role to a group, unless that was done before. */
    void bind(String name, String role, String group) throws IOException {
        String bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
        ApiAnswer answer = admin("POST", bindings, """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: "%s"}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "%s"}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "%s"}]
                """.formatted(name, role, group));
        if (answer.code() != 409) {
            must(answer, bindings);
        }
    }

    /** The path of a file that is not there yet. */
    Path newFile(String name) {
        files++;
        return directory.resolve(name + "-" + files + ".kubeconfig");
    }

    // --- the controller manager

    /** Starts a controller manager, instead of one that runs, as {@link ControllerManagerUnderTest} says. */
    void startControllerManager(String... more) throws IOException {
        stopControllerManager();
        Path kubeconfig = adminKubeconfig().write(newFile("controller-manager"));
        controllerManager = new ControllerManagerUnderTest(apiServer, kubeconfig, more);
    }

    void stopControllerManager() {
        if (controllerManager != null) {
            controllerManager.close();
            controllerManager = null;
        }
    }

    @Override
    public void close() throws IOException {
        stopControllerManager();
        apiServer.close();
        try {
            Commands.shell(directory.getParent(), "rm -rf --one-file-system " + directory.getFileName());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + directory + " was removed", e);
        }
    }
}
