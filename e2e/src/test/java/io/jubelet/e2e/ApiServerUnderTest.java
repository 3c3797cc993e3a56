/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A real kube-apiserver with its etcd, on free ports of the loopback, everything below one directory. Its certificate is of
 * an authority of its own, which is also that of its clients. It may be ended and started again, with the same port and the
 * same objects.
 */
public final class ApiServerUnderTest implements AutoCloseable {

    /** The group of the API server as a client of nodes; it has no rights unless a test binds them. */
    static final String KUBELET_CALLERS = "kubeadm:cluster-admins";

    private final Path directory;
    private final Path apiServer;
    private final List<String> flags;
    private final CertificateAuthority authority = new CertificateAuthority("cluster-ca");
    private final String token = UUID.randomUUID().toString();
    private final int port = ServerProcess.freePort();
    private final ApiClient admin;
    private final List<String> etcdCommand;
    private final int etcdPort = ServerProcess.freePort();
    private ServerProcess etcd;
    private ServerProcess process;

    /**
     * Starts both and waits until the API server says that it is ready. The test is skipped, or fails where skipping is
     * forbidden, when there are no such programs.
     *
     * @param more flags of the API server
     */
    public ApiServerUnderTest(Path directory, List<String> more) throws IOException {
        Path etcdProgram = ServerProcess.program("jubelet.test.etcd");
        this.apiServer = ServerProcess.program("jubelet.test.kube-apiserver");
        this.directory = directory;
        this.admin = new ApiClient(url(), authority.own().certificate(), token, null);
        this.etcdCommand = etcdCommand(etcdProgram, etcdPort);
        try {
            startEtcd();
            this.flags = flags(etcdPort, more);
            start();
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private List<String> etcdCommand(Path program, int client) throws IOException {
        int peer = ServerProcess.freePort();
        return List.of(
                program.toString(),
                "--data-dir=" + directory.resolve("etcd"),
                "--unsafe-no-fsync",
                "--listen-client-urls=http://127.0.0.1:" + client,
                "--advertise-client-urls=http://127.0.0.1:" + client,
                "--listen-peer-urls=http://127.0.0.1:" + peer,
                "--initial-advertise-peer-urls=http://127.0.0.1:" + peer,
                "--initial-cluster=default=http://127.0.0.1:" + peer);
    }

    /** Starts etcd, and again after {@link #killEtcd}: the API server gives up when it does not answer soon. */
    void startEtcd() throws IOException {
        etcd = new ServerProcess(directory, "etcd", etcdCommand);
        etcd.awaitReady(() -> ServerProcess.listens(etcdPort));
    }

    /** Kills etcd with SIGKILL; the API server keeps running and can answer hardly any request. */
    void killEtcd() {
        etcd.close();
    }

    private List<String> flags(int etcdPort, List<String> more) throws IOException {
        CertificateAuthority.Issued serving = authority.server("kube-apiserver");
        String accounts = file("accounts.pem", CertificateAuthority.accountsKeyPem());
        String ca = file("ca.crt", authority.own().certificatePem());
        file("ca.key", authority.own().keyPem());
        CertificateAuthority.Issued caller = kubeletCaller();
        List<String> all = new ArrayList<>(List.of(
                apiServer.toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--tls-cert-file=" + file("apiserver.crt", serving.certificatePem()),
                "--tls-private-key-file=" + file("apiserver.key", serving.keyPem()),
                "--client-ca-file=" + ca,
                // How it asks nodes for logs, as kubeadm has it.
                "--kubelet-certificate-authority=" + ca,
                "--kubelet-client-certificate=" + file("apiserver-kubelet-client.crt", caller.certificatePem()),
                "--kubelet-client-key=" + file("apiserver-kubelet-client.key", caller.keyPem()),
                "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                "--token-auth-file=" + file("tokens.csv", token + ",admin,1,system:masters\n"),
                // As the kubelet does for itself.
                "--allow-privileged=true",
                "--service-account-issuer=https://cluster.invalid",
                "--service-account-key-file=" + accounts,
                "--service-account-signing-key-file=" + accounts,
                "--service-cluster-ip-range=10.0.0.0/24",
                "--endpoint-reconciler-type=none"));
        all.addAll(more);
        return List.copyOf(all);
    }

    private CertificateAuthority.Issued kubeletCaller() {
        Instant now = Instant.now();
        return authority.client(
                "kube-apiserver-kubelet-client",
                List.of(KUBELET_CALLERS),
                now.minusSeconds(60),
                now.plus(Duration.ofDays(1)));
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    /** Starts the API server, and again after {@link #kill}, and waits until it is ready. */
    void start() throws IOException {
        process = new ServerProcess(directory, "kube-apiserver", flags);
        process.awaitReady(this::ready);
    }

    private boolean ready() {
        try {
            return send("GET", "/readyz", null).ok();
        } catch (IOException e) {
            return false;
        }
    }

    /** Kills the API server with SIGKILL; its port refuses connections then. */
    void kill() {
        process.close();
    }

    /** Sends a signal to the API server, by its name without SIG. */
    void signal(String name) throws IOException, InterruptedException {
        process.signal(name);
    }

    /** Where it listens, on the loopback. */
    int port() {
        return port;
    }

    String url() {
        return "https://127.0.0.1:" + port;
    }

    /** The authority of the certificates of this server and its clients; {@code ca.crt} and {@code ca.key} in its directory. */
    CertificateAuthority authority() {
        return authority;
    }

    Path directory() {
        return directory;
    }

    /** The token of an administrator. */
    String adminToken() {
        return token;
    }

    /** Writes a kubeconfig of an administrator. */
    public Path adminKubeconfig(Path file) throws IOException {
        return new Kubeconfig(url(), authority.own().certificatePem(), new Kubeconfig.User.Token(token)).write(file);
    }

    /** Sends a request as an administrator; see {@link ApiClient#send}. */
    public ApiAnswer send(String method, String path, String body) throws IOException {
        return admin.send(method, path, body);
    }

    @Override
    public void close() {
        admin.close();
        if (process != null) {
            process.close();
        }
        if (etcd != null) {
            etcd.close();
        }
    }
}
