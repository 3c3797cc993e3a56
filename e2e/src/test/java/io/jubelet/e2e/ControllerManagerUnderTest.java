/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A real kube-controller-manager that watches over nodes, and approves and signs what they ask for. */
final class ControllerManagerUnderTest implements AutoCloseable {

    private static final String CONTROLLERS = String.join(
            ",",
            "node-lifecycle-controller",
            "certificatesigningrequest-approving-controller",
            "certificatesigningrequest-signing-controller",
            "certificatesigningrequest-cleaner-controller");

    private final ServerProcess process;

    /**
     * Starts one beside an API server and waits until it is healthy.
     *
     * @param kubeconfig the kubeconfig of an administrator
     * @param more further flags; a later one wins over an earlier one
     */
    ControllerManagerUnderTest(ApiServerUnderTest apiServer, Path kubeconfig, String... more) throws IOException {
        Path program = ServerProcess.program("jubelet.test.kube-controller-manager");
        Path directory = apiServer.directory();
        int port = ServerProcess.freePort();
        CertificateAuthority authority = apiServer.authority();
        CertificateAuthority.Issued serving = authority.server("kube-controller-manager");
        Path certificate = Files.writeString(directory.resolve("controller-manager.crt"), serving.certificatePem());
        Path key = Files.writeString(directory.resolve("controller-manager.key"), serving.keyPem());
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--kubeconfig=" + kubeconfig,
                "--authentication-kubeconfig=" + kubeconfig,
                "--authorization-kubeconfig=" + kubeconfig,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--tls-cert-file=" + certificate,
                "--tls-private-key-file=" + key,
                "--leader-elect=false",
                "--cluster-signing-cert-file=" + directory.resolve("ca.crt"),
                "--cluster-signing-key-file=" + directory.resolve("ca.key"),
                "--controllers=" + CONTROLLERS));
        command.addAll(Arrays.asList(more));
        this.process = new ServerProcess(directory, "kube-controller-manager", command);
        try (ApiClient client =
                new ApiClient("https://127.0.0.1:" + port, authority.own().certificate(), null, null)) {
            process.awaitReady(() -> healthy(client));
        } catch (RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    private static boolean healthy(ApiClient client) {
        try {
            return client.send("GET", "/healthz", null).ok();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
